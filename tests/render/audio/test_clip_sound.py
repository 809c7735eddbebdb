"""The sound of several cuts of one video: where it is heard, and how the cuts join."""

from __future__ import annotations

import math
import subprocess
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from reelqueue.media.facts import RenderFacts
from reelqueue.planning.soundtrack import RATE, SoundCut
from reelqueue.render.audio.clip_sound import encode_clip_sound
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.render.ffmpeg.source import probe_source
from tests.render.conftest import Make
from tests.render.flashes import BEEPS, make_master, read_clip

pytestmark = pytest.mark.render

IN_SYNC = 0.02  # seconds
FACTS = RenderFacts(duration=1, width=160, height=48, fps=10, frames=10, file_size=1)
STARTS = [0.6, 12.7, 3.75, 7.5, 1.75, 16.55, 9.61, 2.7, 5.65, 14.45]  # each before a beep


@pytest.fixture(scope="session")
def beeping(make_media: Make) -> Path:
    """Eighteen seconds."""
    sound = ("-f", "lavfi", "-i", BEEPS, "-t", "18")
    return make_media("beeps.mp4", "-f", "lavfi", "-i", make_master("10", 18), *sound, "-g", "25")


def encode(source: Path, output: Path, cuts: list[SoundCut], overlap: float = 0) -> None:
    video = probe_source(source)
    encode_clip_sound(source, video, cuts, output, overlap=overlap, on_progress=lambda _: None)


def hear(path: Path) -> npt.NDArray[np.float64]:
    """Return the left channel."""
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-i", str(path), "-f", "f32le", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, "<f4").reshape(-1, 2)[:, 0].astype(np.float64)


@pytest.mark.parametrize("overlap", [0.0, 0.3])
def test_sound_of_ten_cuts_is_where_their_pictures_are(
    beeping: Path, tmp_path: Path, overlap: float
) -> None:
    durations = [28 / 30 + overlap] * len(STARTS)
    cuts = [SoundCut(*part) for part in zip(STARTS, durations, strict=True)]
    encode(beeping, tmp_path / "sound.m4a", cuts, overlap)
    heard = read_clip(tmp_path / "sound.m4a", FACTS)
    begins = accumulate((duration - overlap for duration in durations), initial=0.0)
    expected = [
        (begin + math.ceil(start) - start, math.ceil(start))
        for start, begin in zip(STARTS, begins, strict=False)
    ]
    assert [second for _, second in heard.beeps] == [second for _, second in expected]
    times = [time for time, _ in heard.beeps]
    assert times == pytest.approx([time for time, _ in expected], abs=IN_SYNC)
    assert heard.sound == pytest.approx(sum(durations) - 9 * overlap, abs=1 / RATE)


def test_neither_hard_joins_nor_the_ends_click_and_no_join_pauses(
    make_media: Make, tmp_path: Path
) -> None:
    """A click would be a larger step than the tone's own, a pause a lower level."""
    tone = ("-f", "lavfi", "-i", "aevalsrc=0.25*sin(2*PI*100.35*t):s=48000:d=18")
    pictures = ("-f", "lavfi", "-i", "color=s=64x64:r=10:d=18")
    source = make_media("hum.mkv", *pictures, *tone, "-c:a", "pcm_s16le")
    encode(source, tmp_path / "sound.m4a", [SoundCut(start, 0.77) for start in STARTS])
    sound = hear(tmp_path / "sound.m4a")
    own_step = 0.25 * 2 * np.pi * 100.35 / RATE
    assert np.abs(np.diff(sound, prepend=0, append=0)).max() < 2 * own_step
    edge = RATE // 10
    waves = sound[edge : edge + 7 * RATE].reshape(-1, RATE // 100)
    assert np.abs(waves).max(axis=1).min() > 0.05


@pytest.mark.parametrize("speed", [0.5, 1.25, 2.0])
def test_speed_moves_the_sound_and_keeps_its_pitch(
    beeping: Path, tmp_path: Path, speed: float
) -> None:
    encode(beeping, tmp_path / "sound.m4a", [SoundCut(1.5, 6 / speed, speed)])
    heard = read_clip(tmp_path / "sound.m4a", FACTS)
    assert [second for _, second in heard.beeps] == [2, 3, 4, 5, 6, 7]
    expected = [(second - 1.5) / speed for second in range(2, 8)]
    assert [time for time, _ in heard.beeps] == pytest.approx(expected, abs=IN_SYNC)
    assert heard.sound == pytest.approx(6 / speed, abs=1 / RATE)


def test_speed_keeps_the_end(beeping: Path, tmp_path: Path) -> None:
    encode(beeping, tmp_path / "sound.m4a", [SoundCut(2.5, 0.59 / 0.5, 0.5)])
    assert np.abs(hear(tmp_path / "sound.m4a")[-RATE // 50 :]).max() > 0.1


def test_cut_beyond_the_sound_is_silent(beeping: Path, tmp_path: Path) -> None:
    encode(beeping, tmp_path / "sound.m4a", [SoundCut(17.5, 1.0), SoundCut(30.0, 0.5)])
    sound = hear(tmp_path / "sound.m4a")
    assert len(sound) == 1.5 * RATE
    assert np.abs(sound[RATE // 2 :]).max() < 1e-3


def test_stopped_sound_leaves_no_file(beeping: Path, tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(_: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        encode_clip_sound(
            beeping,
            probe_source(beeping),
            [SoundCut(0, 18)],
            tmp_path / "sound.m4a",
            on_progress=stop,
        )
    assert not list(tmp_path.iterdir())
