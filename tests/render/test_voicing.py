"""The strength of pitch, of sound whose pitch is known."""

from __future__ import annotations

import numpy as np
import pytest

from reelqueue.planning.soundtrack import RATE
from reelqueue.render.analysis.low_pass import Samples
from reelqueue.render.analysis.voicing import CONTEXT_WINDOWS, measure_voicing

SECONDS = 2
SECOND = np.arange(SECONDS * RATE) / RATE


def rate(sound: Samples, other: float = 1.0) -> Samples:
    """Return the strengths of the pitch of two channels, the second `other` times as loud."""
    return measure_voicing(np.stack([sound, np.float32(other) * sound], axis=1))


def scale(sound: Samples) -> Samples:
    """Return sound with a power of 1."""
    scaled: Samples = sound / np.sqrt(np.mean(np.square(sound)))
    return scaled


def make_voice(pitch: float) -> Samples:
    """Return a tone with overtones that become weaker, as a voice has."""
    tones = (np.sin(2 * np.pi * pitch * n * SECOND) / n for n in range(1, 9) if n * pitch < 8000)
    voice: Samples = sum(tones, np.zeros(len(SECOND))).astype(np.float32)
    return scale(voice)


def make_noise(lowest: float, highest: float) -> Samples:
    """Return noise of some frequencies."""
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(len(SECOND)))
    pitches = np.fft.rfftfreq(len(SECOND), 1 / RATE)
    spectrum[(pitches < lowest) | (pitches > highest)] = 0
    noise: Samples = np.fft.irfft(spectrum).astype(np.float32)
    return scale(noise)


@pytest.mark.parametrize("pitch", [80, 110, 200, 330, 450])
@pytest.mark.parametrize("level", [1, 1e-2, 1e-4])
def test_voice_has_a_strong_pitch_however_quiet_it_is(pitch: float, level: float) -> None:
    strengths = rate(level * make_voice(pitch))
    assert strengths.min() > 0.9
    assert strengths.max() <= 1


@pytest.mark.parametrize(
    "band", [(50, 15000), (50, 3900), (50, 1000), (50, 500), (400, 3000), (1000, 15000)]
)
def test_noise_has_none(band: tuple[float, float]) -> None:
    strengths = rate(make_noise(*band))
    assert np.mean(strengths > 0.6) < 0.05


def test_voice_is_heard_through_noise_until_that_is_as_loud() -> None:
    noise = make_noise(50, 3900)
    assert rate(2 * make_voice(150) + noise).min() > 0.6
    assert np.mean(rate(0.25 * make_voice(150) + noise) > 0.6) < 0.05


@pytest.mark.parametrize("other", [-1, 0, 0.5])
def test_voice_is_heard_in_any_stereo(other: float) -> None:
    assert rate(make_voice(150), other).min() > 0.9


@pytest.mark.parametrize("pitch", [3000, 5000, 7800, 8120, 12000, 16150])
def test_high_tone_beside_noise_is_no_voice(pitch: float) -> None:
    tone = scale(np.sin(2 * np.pi * pitch * SECOND).astype(np.float32))
    assert rate(tone + 0.1 * make_noise(50, 3900)).max() < 0.6


def test_nothing_and_a_steady_offset_have_no_pitch() -> None:
    assert not measure_voicing(np.zeros((RATE, 2), np.float32)).any()
    assert measure_voicing(np.full((RATE, 2), 0.5, np.float32)).max() < 0.01


@pytest.mark.parametrize(("windows", "frames"), [(1, 0), (5, 0), (6, 1), (100, 95), (2500, 2495)])
def test_each_window_begins_a_frame(windows: int, frames: int) -> None:
    samples = np.resize(make_voice(200), windows * RATE // 100)
    assert len(rate(samples)) == frames == max(0, windows - CONTEXT_WINDOWS)
