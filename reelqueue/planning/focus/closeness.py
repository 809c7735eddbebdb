"""How close a crop comes to faces: closer where they are near an edge of the picture.

A crop that is as high as the picture can't move up to a face that is high in it; a smaller one can.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from reelqueue.planning.focus.subjects import Place

_MARGIN = 0.28  # of the crop's side, from its edge to a face: the middle half, and room for a nod
_LEAST_MARGIN = 0.255  # enough for what is as close already, or as close as can be
_STEPS = 1.0, 1.1, 1.2, 1.3, 1.4
_SURPLUS = 0.2  # what was so much closer than is needed stays as it is


def choose_zoom(places: Sequence[Place | None], span: Place, before: float) -> float:
    """Return how many times a scene is enlarged to bring its faces off the edge of the crop.

    It is the least that does. Where the largest would not be enough, it is 1.

    Args:
        places: of the faces, from 0 to 1 of the picture's width and height; None without one.
        span: `(width, height)` of the crop that is not enlarged, as parts of the picture's.
        before: how many times the scene before was enlarged. If it was, and that is near what this
            one needs, it stays as close: a face does not change its size from cut to cut.
    """
    wanted = max(
        side * _MARGIN / max(_measure_edge([place[axis] for place in places if place]), 1e-3)
        for axis, side in enumerate(span)
    )
    least = wanted * _LEAST_MARGIN / _MARGIN
    if before > 1 and least <= before <= wanted + _SURPLUS:
        return before
    if least > _STEPS[-1]:
        return _STEPS[0]
    return next((step for step in _STEPS if step >= wanted), _STEPS[-1])


def _measure_edge(places: Sequence[float]) -> float:
    """Return how far the faces of a scene are from the nearer edge of the picture."""
    at = median(places)
    return min(at, 1 - at)
