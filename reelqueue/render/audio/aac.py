"""Encode sound as AAC."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.audio.frame import AudioFrame

from reelqueue.planning.delivery.targets import SOUND_BIT_RATE
from reelqueue.planning.soundtrack import RATE
from reelqueue.render.audio.limiter import Samples
from reelqueue.render.mp4.mux import EXACT

AAC_FRAME_SAMPLES = 1024

_LAYOUT = "stereo"


def encode_aac(
    chunks: Iterable[Samples],
    output: Path,
    *,
    bit_rate: int = SOUND_BIT_RATE,
    coder: Literal["twoloop", "fast"] = "twoloop",
) -> None:
    """Write sound as an .m4a file: AAC-LC, stereo, 48 kHz, without metadata.

    Args:
        chunks: the sound, `(samples, 2)` float32 each.
        output: the file.
        bit_rate: bits a second.
        coder: "twoloop" is exact, "fast" takes a third of its time but distorts loud pure tones.
    """
    with av.open(str(output), "w", format="mp4", options=EXACT) as container:
        stream = container.add_stream("aac", RATE, layout=_LAYOUT, options={"aac_coder": coder})
        stream.bit_rate = bit_rate
        position = 0
        for chunk in chunks:
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(chunk.T), "fltp", _LAYOUT)
            frame.sample_rate, frame.pts = RATE, position
            container.mux(stream.encode(frame))
            position += len(chunk)
        container.mux(stream.encode(None))
