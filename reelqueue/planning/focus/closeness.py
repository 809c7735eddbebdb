"""How close a crop comes to faces: closer where they are near an edge of the picture.

A crop that is as high as the picture can't move up to a face that is high in it; a smaller one can.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from statistics import median

from reelqueue.planning.focus.subjects import Place

_MARGIN = 0.28  # of the crop's side, from its edge to a face: the middle half, and room for a nod
_STEPS = [Fraction(10 + step, 10) for step in range(5)]
_KEPT = Fraction(2, 10)  # so much closer than is needed stays what was as close before


def choose_zoom(places: Sequence[Place | None], span: Place, before: Fraction) -> Fraction:
    """Return how many times a scene is enlarged to bring its faces off the edge of the crop.

    It is the least that does. Where the largest would not be enough, it is 1.

    Args:
        places: of the faces, from 0 to 1 of the picture's width and height; None without one.
        span: `(width, height)` of the crop that is not enlarged, as parts of the picture's.
        before: how many times the scene before was enlarged.
    """
    needed = max(
        side * _MARGIN / max(_measure_edge([place[axis] for place in places if place]), 1e-3)
        for axis, side in enumerate(span)
    )
    if needed > _STEPS[-1]:
        return _STEPS[0]
    if needed <= before <= needed + _KEPT:
        return before
    return next(step for step in _STEPS if step >= needed)


def _measure_edge(places: Sequence[float]) -> float:
    """Return how far the faces of a scene are from the nearer edge of the picture."""
    at = median(places)
    return min(at, 1 - at)
