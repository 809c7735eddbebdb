"""The real network, on a real reading and on what is no speech."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from reelqueue.planning.soundtrack import RATE
from reelqueue.render.analysis.low_pass import Samples
from reelqueue.render.analysis.sound import hear_sound
from reelqueue.render.analysis.speech import FRAME_SECONDS, SpeechDetector, find_network
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.source import probe_source
from reelqueue.specs.clips.clip import ClipSpec
from tests.render.conftest import Make

pytestmark = [pytest.mark.render, pytest.mark.process]


@pytest.fixture(scope="module")
def network() -> Path:
    path = find_network()
    if path is None:
        pytest.skip("needs what requirements-speech.txt installs")
    return path


@pytest.fixture(scope="module")
def reading(reading_path: Path) -> Samples:
    """The beginning of the reading, 20 seconds, shape (samples,)."""
    return decode(reading_path, "20")


def decode(path: Path, seconds: str) -> Samples:
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = [ffmpeg, "-v", "error", "-i", str(path), "-t", seconds, "-ac", "1", "-ar", str(RATE)]
    sound = subprocess.run([*command, "-f", "f32le", "-"], stdout=subprocess.PIPE, check=True)
    return np.frombuffer(sound.stdout, np.float32)


def test_speech_is_likely_where_someone_reads(network: Path, reading: Samples) -> None:
    likely = SpeechDetector(network).rate(reading)
    assert len(likely) == len(reading) // round(RATE * FRAME_SECONDS)
    powers = np.square(reading[: 1536 * len(likely)]).reshape(len(likely), -1).mean(axis=1)
    loud = powers > powers.mean()
    assert np.mean(likely[loud] > 0.5) > 0.95
    assert np.mean(likely > 0.5) < 0.95  # someone who reads takes breaths


@pytest.mark.parametrize("kind", ["nothing", "noise", "tone", "clicks"])
def test_speech_is_unlikely_elsewhere(network: Path, kind: str) -> None:
    seconds = np.arange(5 * RATE) / RATE
    sounds = {
        "nothing": np.zeros(len(seconds)),
        "noise": 0.1 * np.random.default_rng(1).standard_normal(len(seconds)),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * seconds),
        "clicks": 0.5 * (seconds % 0.5 < 0.005),
    }
    sound = sounds[kind].astype(np.float32)
    assert np.mean(SpeechDetector(network).rate(sound) > 0.35) < 0.05


def test_recording_is_rated_the_same_in_pieces(network: Path, reading: Samples) -> None:
    whole = SpeechDetector(network).rate(reading)
    detector, chance = SpeechDetector(network), np.random.default_rng(2)
    cuts = np.sort(chance.integers(0, len(reading), 200))
    pieces = [detector.rate(piece) for piece in np.split(reading, cuts)]
    assert np.concatenate(pieces) == pytest.approx(whole, abs=1e-4)


@pytest.mark.usefixtures("network")
def test_pause_is_cut_out_although_someone_moves_and_no_word_is(
    reading_path: Path, make_media: Make, tmp_path: Path
) -> None:
    """What moves is 12 LU quieter than the reader, and a guest's words are 20 LU quieter."""
    rustle = "anoisesrc=a=0.004:r=48000,volume='between(t,6,8)':eval=frame"
    parts = (
        "[0:a]atrim=0:6,apad=pad_dur=2[a];[1:a]atrim=6:12,asetpts=PTS-STARTPTS[b];"
        "[2:a]atrim=12:16,asetpts=PTS-STARTPTS,volume=0.1[c]"
    )
    source = make_media(
        "rustle.mkv",
        *("-i", reading_path, "-i", reading_path, "-i", reading_path, "-f", "lavfi", "-i", rustle),
        "-filter_complex",
        f"{parts};[a][b][c]concat=n=3:v=0:a=1[d];[d][3]amix=2:normalize=0:duration=shortest[e]",
        *("-map", "0:v", "-map", "[e]", "-t", "18", "-c:v", "copy", "-c:a", "flac"),
    )
    heard = hear_sound(source, probe_source(source), tmp_path, lambda _: None).sound
    assert len(heard.speech) == len(heard.powers)
    spec = ClipSpec.model_validate({"silences": "cut", "aspect": "original"})
    facts = render_clip(
        source, spec, tmp_path / "clip.mp4", preset="ultrafast", on_progress=lambda *_: None
    )
    assert facts.pauses
    longest = max(facts.pauses, key=lambda pause: pause.end - pause.start)
    assert (longest.start, longest.end) == pytest.approx((6.2, 7.9), abs=0.3)
    voiced = [
        any(pause.start < (number + 0.5) * 0.01 < pause.end for pause in facts.pauses)
        for number, voice in enumerate(heard.voicing)
        if voice > 0.8
    ]
    assert len(voiced) > 300
    assert np.mean(voiced) < 0.01
