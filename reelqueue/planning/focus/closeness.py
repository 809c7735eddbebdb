"""How close a crop comes to faces: closer where they are near an edge of the picture.

A crop that is as high as the picture can't move up to a face that is high in it; a smaller one can.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from reelqueue.planning.focus.subjects import Place, Sight, Targets, find_targets, is_flash
from reelqueue.planning.focus.view import View, measure_span
from reelqueue.planning.framing import Size, enlarge

_MARGIN = 0.28  # of the crop's side, from its edge to a face: the middle half, and room for a nod
_LEAST_MARGIN = 0.255  # enough for what is as close already, or as close as can be
_STEPS = 1.0, 1.1, 1.2, 1.3, 1.4
CLOSEST = _STEPS[-1]
"""How many times a picture is enlarged at most."""
_SURPLUS = 0.2  # what was so much closer than is needed stays as it is


def choose_picture(
    targets: Targets, sights: Sequence[Sight], picture: Size, crop: Size, before: View
) -> Size:
    """Return the `(width, height)` that the picture of a scene has for its targets.

    It stays as large as `picture` where a crop that is closer would lose faces beside the others.

    Args:
        targets: of the scene.
        sights: of the scene.
        picture: `(width, height)` of what is cropped, as small as covers the crop.
        crop: `(width, height)` of the crop.
        before: what the scene before has shown.
    """
    if targets.height is None:
        return before.picture if is_flash(sights) and not before.is_whole else picture
    last = round(before.picture[1] / picture[1], 1)  # the sides are rounded
    shown = enlarge(picture, choose_zoom(targets.places, measure_span(crop, picture), last))
    has_all = find_targets(sights, measure_span(crop, shown)).places == targets.places
    return shown if has_all else picture


def choose_zoom(places: Sequence[Place | None], span: Place, before: float) -> float:
    """Return how many times a scene is enlarged to bring its faces off the edge of the crop.

    It is the least that does. Where the largest would not be enough, it is 1.

    Args:
        places: of the faces, from 0 to 1 of the picture's width and height; None without one.
        span: `(width, height)` of the crop that is not enlarged, as parts of the picture's.
        before: how many times the scene before was enlarged. If it was, and that is near what this
            one needs, it stays as close: a face does not change its size from cut to cut.
    """
    wanted = measure_need(places, span)
    least = wanted * _LEAST_MARGIN / _MARGIN
    if before > 1 and least <= before <= wanted + _SURPLUS:
        return before
    if least > CLOSEST:
        return _STEPS[0]
    return next((step for step in _STEPS if step >= wanted), CLOSEST)


def measure_need(places: Sequence[Place | None], span: Place) -> float:
    """Return how many times a scene has to be enlarged to bring its faces off the crop's edge.

    Args:
        places: of the faces, from 0 to 1 of the picture's width and height; None without one.
        span: `(width, height)` of the crop that is not enlarged, as parts of the picture's.
    """
    return max(
        side * _MARGIN / max(_measure_edge([place[axis] for place in places if place]), 1e-3)
        for axis, side in enumerate(span)
    )


def _measure_edge(places: Sequence[float]) -> float:
    """Return how far the faces of a scene are from the nearer edge of the picture."""
    at = median(places)
    return min(at, 1 - at)
