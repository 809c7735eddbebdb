"""How much sound repeats as voices do.

The measure is the strength of the pitch by P. Boersma, "Accurate short-term analysis of the
fundamental frequency and the harmonics-to-noise ratio of a sampled sound", 1993, section 2: the
highest peak of the autocorrelation, divided by that of the frame's window.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from reelqueue.planning.analysis.loudness import WINDOW

Samples = NDArray[np.float32]

VOICE_RATE = 8000
"""Samples a second, in which there is all that a pitch needs."""

FRAME_WINDOWS = 5
"""Windows that a frame is long: three periods of the lowest voice."""

_STEP = round(VOICE_RATE * WINDOW)
_LENGTH = FRAME_WINDOWS * _STEP
_SHORTEST, _LONGEST = (
    VOICE_RATE // 500,
    VOICE_RATE // 75,
)  # samples of a period: voices from 75 to 500 Hz
_SIZE = 1024  # of the transform: no lag that is looked at wraps round
_FRAMES = 1000  # at once
_SILENT = 1e-9  # power that is not worth a division


def measure_voicing(samples: Samples) -> Samples:
    """Return the strength of the pitch in each frame of mono sound, from 0 to 1.

    A frame begins with each window, and is `FRAME_WINDOWS` windows long.

    Args:
        samples: shape (count,), float32, at `VOICE_RATE`; a whole number of windows.

    Returns:
        Shape (frames,), float32.
    """
    if len(samples) < _LENGTH:
        return np.zeros(0, np.float32)
    frames = sliding_window_view(samples, _LENGTH)[::_STEP]
    parts = range(0, len(frames), _FRAMES)
    return np.concatenate([_rate_pitch(frames[first : first + _FRAMES]) for first in parts])


def _rate_pitch(frames: Samples) -> Samples:
    repeated = _correlate((frames - frames.mean(axis=1, keepdims=True)) * _HANN)
    power = np.maximum(repeated[:, :1], _SILENT)
    strengths = repeated[:, _SHORTEST - 1 : _LONGEST + 2] / power / _OF_WINDOW
    here, before, after = strengths[:, 1:-1], strengths[:, :-2], strengths[:, 2:]
    peaks = np.where((here >= before) & (here >= after), here, 0)
    strongest: Samples = peaks.max(axis=1).clip(0, 1)
    return strongest


def _correlate(frames: Samples) -> Samples:
    """Return the autocorrelation of frames at the lags from 0 on."""
    spectrum = np.fft.rfft(frames, _SIZE)
    return np.fft.irfft(spectrum.real**2 + spectrum.imag**2, _SIZE).astype(np.float32)


_HANN = np.hanning(_LENGTH + 2)[1:-1].astype(np.float32)
_OF_WINDOW = _correlate(_HANN)[_SHORTEST - 1 : _LONGEST + 2] / _correlate(_HANN)[0]
