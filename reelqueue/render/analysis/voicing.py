"""How much sound repeats as voices do.

The measure is the strength of the pitch by P. Boersma, "Accurate short-term analysis of the
fundamental frequency and the harmonics-to-noise ratio of a sampled sound", 1993, section 2: the
highest peak of the autocorrelation, divided by that of the frame's window.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from reelqueue.planning.analysis.loudness import WINDOW
from reelqueue.planning.soundtrack import RATE
from reelqueue.render.analysis.low_pass import LowPass, Samples

FRAME_WINDOWS = 5
"""Windows of 10 ms that a frame is long: three periods of the lowest voice."""

CONTEXT_WINDOWS = FRAME_WINDOWS
"""Windows by which there are fewer frames."""

_VOICE_RATE = 8000  # samples a second are enough for the pitch of a voice
_HIGHEST = 1500  # Hz: the overtones up to here tell the pitch, and what is above is mostly hiss
_DIVISOR = RATE // _VOICE_RATE
_STEP = round(_VOICE_RATE * WINDOW)
_LENGTH = FRAME_WINDOWS * _STEP
_SHORTEST, _LONGEST = _VOICE_RATE // 500, _VOICE_RATE // 75  # samples of a voice's period
_SIZE = 1024  # of the transform: no lag that is looked at wraps round
_FRAMES = 1000  # at once
_SILENT = 1e-9  # power that is not worth a division


def measure_voicing(sound: Samples) -> Samples:
    """Return the strength of the pitch in each frame of sound, from 0 to 1.

    A frame begins with each window, and is `FRAME_WINDOWS` windows long. Higher tones than voices
    count as a pitch, too, up to about 2 kHz.

    Args:
        sound: shape (samples, channels), float32, at `RATE`; a whole number of windows.

    Returns:
        Shape (windows - CONTEXT_WINDOWS,), float32.
    """
    samples = np.stack([_LOW_PASS.slow_down(channel) for channel in sound.T])
    if samples.shape[1] < _LENGTH:
        return np.zeros(0, np.float32)
    frames = sliding_window_view(samples, _LENGTH, axis=1)[:, ::_STEP]
    parts = range(0, frames.shape[1], _FRAMES)
    return np.concatenate([_rate_pitch(frames[:, first : first + _FRAMES]) for first in parts])


def _rate_pitch(frames: Samples) -> Samples:
    """Return the strength of the pitch in frames, shape (channels, frames, samples)."""
    repeated = _correlate((frames - frames.mean(axis=2, keepdims=True)) * _HANN)
    power = np.maximum(repeated[:, :1], _SILENT)
    strengths = repeated[:, _SHORTEST - 1 : _LONGEST + 2] / power / _OF_WINDOW
    here, before, after = strengths[:, 1:-1], strengths[:, :-2], strengths[:, 2:]
    peaks = np.where((here >= before) & (here >= after), here, 0)
    strongest: Samples = peaks.max(axis=1).clip(0, 1)
    return strongest


def _correlate(frames: Samples) -> Samples:
    """Return the autocorrelation of frames at the lags from 0 on, of all channels together."""
    spectrum = np.fft.rfft(frames, _SIZE)
    powers = (spectrum.real**2 + spectrum.imag**2).sum(axis=0)
    return np.fft.irfft(powers, _SIZE).astype(np.float32)


_LOW_PASS = LowPass(_DIVISOR, _HIGHEST)
_HANN = np.hanning(_LENGTH + 2)[1:-1].astype(np.float32)
_OF_WINDOW = _correlate(_HANN[np.newaxis])
_OF_WINDOW = _OF_WINDOW[_SHORTEST - 1 : _LONGEST + 2] / _OF_WINDOW[0]
