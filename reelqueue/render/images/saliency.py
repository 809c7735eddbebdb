"""Where a picture is busiest: what a crop should keep, found on a few thousand pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reelqueue.specs.slideshow import Point

Plane = NDArray[np.float64]

_SIDE = 64  # pixels of the longer side that is looked at
_REACH = _SIDE / 12  # edges this near to each other count as one thing
_CONTRAST = 4  # power: the busiest place counts, but two that are alike pull to their middle


def find_focus(image: Image.Image) -> Point:
    """Return the point around which a picture has most edges; the middle of a plain one.

    It is a centre of mass, not a maximum, so that a little noise moves it only a little.
    """
    busy = _measure_edges(image) ** _CONTRAST
    total = busy.sum()
    if not total:
        return Point(x=0.5, y=0.5)
    rows, columns = busy.sum(axis=1), busy.sum(axis=0)
    return Point(x=_find_mean(columns), y=_find_mean(rows))


def _measure_edges(image: Image.Image) -> Plane:
    """Return how strong the edges are around each part of a picture."""
    scale = _SIDE / max(image.size)
    size = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    small = image.resize(size, Image.Resampling.BOX, reducing_gap=1.0).convert("RGB").convert("L")
    grey = np.pad(np.asarray(small, np.float64), 1, mode="edge")
    edges = np.hypot(grey[1:-1, 2:] - grey[1:-1, :-2], grey[2:, 1:-1] - grey[:-2, 1:-1])
    rows, columns = (_spread(length) for length in edges.shape)
    return rows @ edges @ columns


def _spread(length: int) -> Plane:
    """Return the matrix that spreads numbers in a row over their neighbours, as a bell does."""
    places = np.arange(length)
    return np.exp(-0.5 * ((places[:, None] - places) / _REACH) ** 2)


def _find_mean(weights: Plane) -> float:
    """Return the mean place, from 0 to 1."""
    places = (np.arange(len(weights)) + 0.5) / len(weights)
    return float((weights * places).sum() / weights.sum())
