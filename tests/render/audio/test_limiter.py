"""The limiter, with true peaks measured in another way: by Fourier interpolation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelqueue.render.audio.limiter import (
    BLOCK,
    CONTEXT,
    Samples,
    apply_gains,
    measure_peaks,
    plan_gains,
)

CEILING = 0.8
BLOCKS = 200


def limit(samples: Samples) -> Samples:
    around = np.pad(samples, ((CONTEXT, CONTEXT), (0, 0)))
    return apply_gains(samples, plan_gains(measure_peaks(around, CEILING), CEILING))


def find_true_peak(samples: Samples) -> float:
    """Return the highest peak after 16-fold band-limited interpolation."""
    spectrum = np.fft.rfft(np.pad(samples, ((1000, 1000), (0, 0))), axis=0)
    fine = 16 * np.fft.irfft(spectrum, 16 * (len(samples) + 2000), axis=0)
    return float(np.abs(fine).max())


def make_drums(seed: int, loudness: float) -> Samples:
    """Return decaying bursts of noise below 20 kHz, the hardest work for a limiter."""
    random = np.random.default_rng(seed)
    length = BLOCKS * BLOCK
    envelope = np.zeros(length)
    for hit in random.integers(0, length, 8):
        envelope[hit:] += random.uniform(0.2, 1) * np.exp(-np.arange(length - hit) / 900)
    spectrum = np.fft.rfft(random.standard_normal((length, 2)) * envelope[:, None], axis=0)
    spectrum[len(spectrum) * 20 // 24 :] = 0
    return (loudness * np.fft.irfft(spectrum, axis=0)).astype(np.float32)


@pytest.mark.parametrize("loudness", [0.3, 1, 4])
@pytest.mark.parametrize("seed", range(4))
def test_no_true_peak_is_above_the_ceiling(seed: int, loudness: float) -> None:
    drums = make_drums(seed, loudness)
    assert find_true_peak(drums) > CEILING
    assert find_true_peak(limit(drums)) < CEILING * 1.03


def test_tone_with_peaks_between_its_samples_is_limited() -> None:
    """At a quarter of the sample rate and a phase of 45 degrees, samples are 3 dB below peaks."""
    tone = np.sin(np.pi / 2 * np.arange(BLOCKS * BLOCK) + np.pi / 4)
    stereo = np.stack([tone, tone], axis=1).astype(np.float32)
    assert np.abs(stereo).max() < CEILING
    heard = limit(stereo)[50 * BLOCK : -50 * BLOCK]
    assert np.abs(heard).max() == pytest.approx(CEILING / np.sqrt(2), rel=0.01)


def test_sound_below_the_ceiling_is_unchanged() -> None:
    drums = make_drums(0, 0.05)
    assert np.array_equal(limit(drums), drums)


peaks = st.lists(st.floats(0, 20), min_size=1, max_size=300).map(np.array)


@settings(deadline=None)
@given(peaks)
def test_gain_keeps_every_block_below_the_ceiling_and_never_jumps(peaks: np.ndarray) -> None:
    gains = plan_gains(peaks, CEILING)
    assert len(gains) == len(peaks) + 1
    highest = np.maximum(gains[:-1], gains[1:])
    assert (highest * peaks <= CEILING * 1.0001).all()
    assert (gains <= 1).all()
    steps = np.diff(20 * np.log10(gains))
    assert steps.min(initial=0) >= -1.5001
    assert steps.max(initial=0) <= 0.1501


def test_gain_recovers_after_a_peak() -> None:
    peaks = np.full(400, 0.1)
    peaks[200] = 1.6  # 6 dB too high
    gains = plan_gains(peaks, CEILING)
    assert gains[200] == gains[201] == pytest.approx(0.5)
    assert (gains[:190] == 1).all()
    assert (gains[250:] == 1).all()
