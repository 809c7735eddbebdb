"""Draw the overviews of a video: its filmstrip and its waveform."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

WAVEFORM_SIZE = (1200, 96)
WAVEFORM_COLOR = (58, 110, 165)
LARGEST_BYTES = 200_000

_QUALITIES = (80, 65, 50, 35, 20)  # of JPEG; the first that is small enough is taken


def write_filmstrip(film: Sequence[Image.Image], output: Path) -> None:
    """Write pictures side by side as a JPEG of less than 200 kB."""
    width, height = film[0].size
    strip = Image.new("RGB", (width * len(film), height))
    for number, picture in enumerate(film):
        strip.paste(picture, (number * width, 0))
    for quality in _QUALITIES:
        strip.save(output, "JPEG", quality=quality, optimize=True)
        if output.stat().st_size < LARGEST_BYTES:
            return


def write_waveform(peaks: Sequence[float], output: Path) -> None:
    """Write the peaks of sound as a PNG: bars of one colour on nothing, as high as the loudest."""
    width, height = WAVEFORM_SIZE
    edges = np.linspace(0, len(peaks), width + 1).astype(int)
    columns = np.maximum.reduceat(np.asarray(peaks), np.minimum(edges[:-1], len(peaks) - 1))
    halves = columns / max(columns.max(), 1e-6) * height / 2
    rows = np.abs(np.arange(height) + 0.5 - height / 2)[:, np.newaxis]
    shown = rows <= np.maximum(halves, 0.5)
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[shown] = (*WAVEFORM_COLOR, 255)
    Image.fromarray(pixels).save(output, "PNG", optimize=True)
