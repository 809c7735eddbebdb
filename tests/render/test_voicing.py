"""The strength of pitch, of sound whose pitch is known."""

from __future__ import annotations

import numpy as np
import pytest

from reelqueue.render.analysis.voicing import FRAME_WINDOWS, VOICE_RATE, Samples, measure_voicing

SECONDS = 2
SECOND = np.arange(SECONDS * VOICE_RATE) / VOICE_RATE


def scale(sound: Samples) -> Samples:
    """Return sound with a power of 1."""
    scaled: Samples = sound / np.sqrt(np.mean(np.square(sound)))
    return scaled


def make_voice(pitch: float) -> Samples:
    """Return a tone with overtones that become weaker, as a voice has."""
    tones = (np.sin(2 * np.pi * pitch * n * SECOND) / n for n in range(1, 9) if n * pitch < 3500)
    voice: Samples = sum(tones, np.zeros(len(SECOND))).astype(np.float32)
    return scale(voice)


def make_noise(lowest: float, highest: float) -> Samples:
    """Return noise of some frequencies."""
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(len(SECOND)))
    pitches = np.fft.rfftfreq(len(SECOND), 1 / VOICE_RATE)
    spectrum[(pitches < lowest) | (pitches > highest)] = 0
    noise: Samples = np.fft.irfft(spectrum).astype(np.float32)
    return scale(noise)


@pytest.mark.parametrize("pitch", [80, 110, 200, 330, 450])
@pytest.mark.parametrize("level", [1, 1e-2, 1e-4])
def test_voice_has_a_strong_pitch_however_quiet_it_is(pitch: float, level: float) -> None:
    strengths = measure_voicing(level * make_voice(pitch))
    assert strengths.min() > 0.9
    assert strengths.max() <= 1


@pytest.mark.parametrize("band", [(50, 3900), (50, 1000), (50, 500), (400, 3000), (1000, 3900)])
def test_noise_has_none(band: tuple[float, float]) -> None:
    strengths = measure_voicing(make_noise(*band))
    assert np.mean(strengths > 0.6) < 0.02


def test_voice_is_heard_through_noise_until_that_is_as_loud() -> None:
    noise = make_noise(50, 3900)
    assert measure_voicing(2 * make_voice(150) + noise).min() > 0.6
    assert np.mean(measure_voicing(0.5 * make_voice(150) + noise) > 0.6) < 0.02


def test_nothing_and_a_steady_offset_have_no_pitch() -> None:
    assert not measure_voicing(np.zeros(VOICE_RATE, np.float32)).any()
    assert not measure_voicing(np.full(VOICE_RATE, 0.5, np.float32)).any()


@pytest.mark.parametrize(("windows", "frames"), [(0, 0), (4, 0), (5, 1), (100, 96), (2500, 2496)])
def test_each_window_begins_a_frame(windows: int, frames: int) -> None:
    samples = np.resize(make_voice(200), windows * VOICE_RATE // 100)
    assert len(measure_voicing(samples)) == frames == max(0, windows - FRAME_WINDOWS + 1)
