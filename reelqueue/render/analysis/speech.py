"""Tell speech from other sounds with Silero VAD, where it is installed.

The package `faster-whisper` carries the network as an ONNX file; nothing else of it is used here,
or imported. The network hears 32 ms at once, and knows what it heard before.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from reelqueue.planning.soundtrack import RATE
from reelqueue.render.analysis.low_pass import LowPass, Samples
from reelqueue.render.network import load_network

_DIVISOR = RATE // 16_000
_HIGHEST = 7600  # Hz
_FRAME = 512  # samples that are rated together
_CONTEXT = 64  # samples before a frame that are heard with it
_STATE = (1, 1, 128)

FRAME_SECONDS = _FRAME * _DIVISOR / RATE
"""The length of what is rated at once."""


def find_network() -> Path | None:
    """Return the file of the network; None where what is needed is not installed."""
    spec = find_spec("faster_whisper")
    if spec is None or spec.origin is None or find_spec("onnxruntime") is None:
        return None
    path = Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx"
    return path if path.is_file() else None


class SpeechDetector:
    """Rates how likely the frames of a recording are speech, as they come."""

    def __init__(self, network: Path) -> None:
        self._network = load_network(network.read_bytes(), threads=1)
        self._low_pass = LowPass(_DIVISOR, _HIGHEST)
        self._rest = np.zeros(self._low_pass.context, np.float32)
        self._before = np.zeros((1, _CONTEXT), np.float32)
        self._hidden = self._cell = np.zeros(_STATE, np.float32)

    def rate(self, sound: Samples) -> Samples:
        """Return how likely each frame that is whole now is speech, from 0 to 1.

        Args:
            sound: shape (samples,), float32, at `RATE`: what follows the last.

        Returns:
            Shape (frames,), float32.
        """
        heard = np.concatenate([self._rest, sound])
        context = self._low_pass.context
        frames = (len(heard) - context) // (_FRAME * _DIVISOR)
        if not frames:
            self._rest = heard
            return np.zeros(0, np.float32)
        size = frames * _FRAME * _DIVISOR
        self._rest = heard[size:]
        return self._rate_frames(self._low_pass.slow_down(heard[: size + context]))

    def _rate_frames(self, samples: Samples) -> Samples:
        """Return the likelihood of each frame of a multiple of `_FRAME` samples."""
        frames = samples.reshape(-1, _FRAME)
        ends = np.concatenate([self._before, frames[:, -_CONTEXT:]])
        self._before = ends[-1:]
        inputs = np.concatenate([ends[:-1], frames], axis=1)
        likely: Samples
        likely, self._hidden, self._cell = self._network.run(
            ("speech_probs", "hn", "cn"), {"input": inputs, "h": self._hidden, "c": self._cell}
        )
        return likely.reshape(-1)
