"""Find the most detailed part of a picture, which a crop should keep.

In upright pictures, and less so in square ones, it is looked for in the upper part first: most of
them show people, whose heads have less detail than their clothes and what is around them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reelqueue.specs.picture import Point

Plane = NDArray[np.float64]

_SIDE = 64  # pixels of the longer side of the copy that is examined
_SIGMA = _SIDE / 12  # of the Gaussian that joins near edges, in pixels of that copy
_CONTRAST = 4  # exponent: the strongest place wins, and two equal places meet in their middle
_HEADS = 0.25  # of the height of an upright picture: where heads are, from the top
_HEADS_SIGMA = 0.3  # of the Gaussian around that, in parts of the height
_WIDE = 3 / 4  # height by width of a picture that is not upright at all
_UPRIGHT = 4 / 3  # and of one that is quite upright


def find_focus(image: Image.Image) -> Point:
    """Return the point of a picture around which it has most edges; the centre of a plain picture.

    The point is a weighted mean, not a maximum, so that a little noise moves it only a little.
    """
    edges = _measure_edges(image)
    return find_center(edges * _favour_heads(len(edges), image)) or Point(x=0.5, y=0.5)


def find_turned_focuses(image: Image.Image) -> tuple[Point, Point, Point]:
    """Return the focus of a picture that is turned clockwise by 90, 180 and 270 degrees."""
    quarter, half, three = (
        find_focus(image.transpose(turn))
        for turn in (
            Image.Transpose.ROTATE_270,
            Image.Transpose.ROTATE_180,
            Image.Transpose.ROTATE_90,
        )
    )
    return quarter, half, three


def find_center(plane: Plane) -> Point | None:
    """Return the middle of the strongest places of a plane, `(height, width)`; None if it is 0.

    What is near each other counts together.
    """
    rows, columns = (
        _make_blur(length, _SIGMA * max(plane.shape) / _SIDE) for length in plane.shape
    )
    weights = (rows @ plane @ columns) ** _CONTRAST
    if not weights.any():
        return None
    return Point(x=_find_mean(weights.sum(axis=0)), y=_find_mean(weights.sum(axis=1)))


def _favour_heads(rows: int, image: Image.Image) -> Plane:
    """Return how much each row of a copy of a picture counts: `(rows, 1)`, at most 1."""
    uprightness = (image.height / image.width - _WIDE) / (_UPRIGHT - _WIDE)
    places = (np.arange(rows)[:, None] + 0.5) / rows
    away = np.square((places - _HEADS) / _HEADS_SIGMA)
    favour: Plane = np.exp(-0.5 * away * min(max(uprightness, 0), 1))
    return favour


def _measure_edges(image: Image.Image) -> Plane:
    """Return the edge strength of a small copy of a picture, `(height, width)` float64."""
    scale = _SIDE / max(image.size)
    size = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    small = image.resize(size, Image.Resampling.BOX, reducing_gap=1.0).convert("RGB").convert("L")
    grey = np.pad(np.asarray(small, np.float64), 1, mode="edge")
    edges: Plane = np.hypot(grey[1:-1, 2:] - grey[1:-1, :-2], grey[2:, 1:-1] - grey[:-2, 1:-1])
    return edges


def _make_blur(length: int, sigma: float) -> Plane:
    """Return the `(length, length)` matrix that blurs along one axis with a Gaussian."""
    places = np.arange(length)
    return np.exp(-0.5 * ((places[:, None] - places) / sigma) ** 2)


def _find_mean(weights: Plane) -> float:
    """Return the weighted mean of the positions along one axis, from 0 to 1."""
    places = (np.arange(len(weights)) + 0.5) / len(weights)
    return float((weights * places).sum() / weights.sum())
