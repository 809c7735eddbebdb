"""Music cut, looped and faded, heard again sample by sample."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.render import audio, ffmpeg
from reelqueue.render.audio import AAC_FRAME_SAMPLES, RATE, encode_audio
from reelqueue.render.ffmpeg import FfmpegError, find_ffmpeg, run_ffmpeg
from tests.render.conftest import Make, find_ffmpegs

Samples = npt.NDArray[np.int64]


def hear(path: Path) -> Samples:
    """Return a file's samples, one row a channel."""
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-i", str(path), "-f", "s16le", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, "<i2").reshape(-1, 2).T.astype(np.int64)


def describe(path: Path) -> str:
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", "-i", str(path)]
    return subprocess.run(command, check=False, capture_output=True).stderr.decode()


def loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2)))


@pytest.mark.parametrize(
    ("source", "duration"),
    [
        ("tone", 0.2),
        ("tone", 0.7),
        ("tone", 5.005),
        ("bunny", 3.0),
        ("bunny", 7.0),
        ("talkie", 2.0),
    ],
)
def test_music_lasts_as_long_as_the_video_and_never_longer(
    request: pytest.FixtureRequest, tmp_path: Path, source: str, duration: float
) -> None:
    output = tmp_path / "music.m4a"
    encode_audio(request.getfixturevalue(source), output, duration=duration)
    samples = hear(output).shape[1]
    assert 0 <= duration * RATE - samples < AAC_FRAME_SAMPLES
    assert [file.name for file in tmp_path.iterdir()] == ["music.m4a"]


def test_music_is_stereo_aac_at_48_khz(tmp_path: Path, talkie: Path) -> None:
    output = tmp_path / "music.m4a"
    encode_audio(talkie, output, duration=2)
    assert "Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo" in describe(output)
    left, right = hear(output)
    assert loudness(left - right) < 0.01 * loudness(left)


def test_short_music_starts_again_without_a_seam(tmp_path: Path, tone: Path) -> None:
    """A 440 Hz tone never moves faster than its slope; a seam would."""
    output = tmp_path / "music.m4a"
    encode_audio(tone, output, duration=5)
    left = hear(output)[0]
    heard = left[: 4 * RATE]
    steady = heard[RATE // 4 : RATE * 3 // 4]
    assert np.abs(np.diff(heard)).max() <= 1.2 * np.abs(np.diff(steady)).max()
    blocks = heard[RATE // 10 :].reshape(-1, RATE // 10)
    assert min(map(loudness, blocks)) > 0.9 * loudness(steady)


@pytest.mark.parametrize(("duration", "fade"), [(3.0, 1.0), (0.5, 0.5)])
def test_music_fades_out_at_its_end(
    tmp_path: Path, tone: Path, duration: float, fade: float
) -> None:
    output = tmp_path / "music.m4a"
    encode_audio(tone, output, duration=duration)
    left = hear(output)[0]
    tail = left[-round(fade * RATE) :]
    quarters = [loudness(part) for part in np.array_split(tail, 4)]
    assert quarters == sorted(quarters, reverse=True)
    assert np.abs(tail[-480:]).max() < 0.03 * np.abs(left).max()
    if fade < duration:
        assert loudness(left[: -round(fade * RATE)]) > quarters[0]


def test_telephone_sound_becomes_stereo(tmp_path: Path, make_media: Make) -> None:
    tone = ("-f", "lavfi", "-i", "sine=f=440:d=1:r=8000")
    phone = make_media("mono.wav", *tone, "-ac", "1", "-ar", "8000")
    encode_audio(phone, tmp_path / "music.m4a", duration=2)
    left, right = hear(tmp_path / "music.m4a")
    assert loudness(left - right) < 0.01 * loudness(left)
    assert loudness(left) > 1000


def test_tags_are_left_behind(tmp_path: Path, make_media: Make) -> None:
    tone = ("-f", "lavfi", "-i", "sine=d=1")
    tagged = make_media("tagged.mp3", *tone, "-metadata", "title=Secret", "-metadata", "artist=Me")
    assert "Secret" in describe(tagged)
    encode_audio(tagged, tmp_path / "music.m4a", duration=1)
    assert "Secret" not in describe(tmp_path / "music.m4a")
    assert "Lavf" not in describe(tmp_path / "music.m4a")


def test_damaged_music_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 3)
    with pytest.raises(UnreadableMediaError, match="damaged"):
        encode_audio(broken, tmp_path / "music.m4a", duration=1)
    assert [file.name for file in tmp_path.iterdir()] == ["broken.mp3"]
    assert not find_ffmpegs()


def test_full_disk_is_no_fault_of_the_music(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tone: Path
) -> None:
    def run_on_a_full_disk(arguments: Sequence[str], *, timeout: float, **_: object) -> str:
        return run_ffmpeg([*arguments[:-1], "/dev/full"], timeout=timeout)

    monkeypatch.setattr(audio, "run_ffmpeg", run_on_a_full_disk)
    with pytest.raises(FfmpegError) as caught:
        encode_audio(tone, tmp_path / "music.m4a", duration=1)
    assert caught.value.exit_code > 0
    assert not list(tmp_path.iterdir())


def test_signal_that_ends_ffmpeg_is_no_fault_of_the_music(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tone: Path
) -> None:
    monkeypatch.setattr(ffmpeg, "_FILE_BYTES", 1000)
    with pytest.raises(FfmpegError) as caught:
        encode_audio(tone, tmp_path / "music.m4a", duration=1)
    assert caught.value.exit_code == -signal.SIGXFSZ
    assert not list(tmp_path.iterdir())


def test_exception_from_on_progress_ends_the_music(tmp_path: Path, tone: Path) -> None:
    def stop(_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        encode_audio(tone, tmp_path / "music.m4a", duration=1, on_progress=stop)
    assert not list(tmp_path.iterdir())
    assert not find_ffmpegs()


def test_text_is_no_music(tmp_path: Path) -> None:
    text = tmp_path / "text.mp3"
    text.write_text("not music")
    with pytest.raises(UnsupportedMediaError):
        encode_audio(text, tmp_path / "music.m4a", duration=1)
