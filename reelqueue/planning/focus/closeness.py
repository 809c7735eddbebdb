"""How close a crop comes to faces: closer where they are near an edge of the picture.

A crop that is as high as the picture can't move up to a face that is high in it; a smaller one can.
For a speaker who is a small inset in a corner, it would have to come so close that what the speaker
talks about is lost. Such a scene is shown whole, and so is what a screen shows, such as slides.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from reelqueue.planning.focus.screens import may_show_screen, shows_screen
from reelqueue.planning.focus.subjects import SHORTEST_TRACK, Place, Sight, Targets, find_targets
from reelqueue.planning.focus.view import View, measure_span
from reelqueue.planning.framing import Size, enlarge

_MARGIN = 0.28  # of the crop's side, from its edge to a face: the middle half, and room for a nod
_LEAST_MARGIN = 0.255  # enough for what is as close already, or as close as can be
_STEPS = 1.0, 1.1, 1.2, 1.3, 1.4
_SURPLUS = 0.2  # what was so much closer than is needed stays as it is
_INSET_FACE = 0.13  # of the picture's shorter side, at most: that of an inset of a third of it
_SMALL_FACE = 0.25  # at most: of a speaker who leaves most of the picture to slides
_CORNER = 0.3  # of both sides of the picture
_LEAST_CUT = 0.2  # of a side of the picture: a crop that cuts off less spoils nothing
SHOWN_WHOLE = (
    "Scenes that show a screen, such as slides, or a small speaker in a corner are shown whole, "
    "because a crop would cut off a part of what matters. To crop these scenes too, give a point "
    "as `focus`."
)


def needs_whole(
    targets: Targets,
    sights: Sequence[Sight],
    picture: Size,
    crop: Size,
    before: View,
    *,
    in_talk: bool,
) -> bool:
    """Tell whether a scene is shown whole; the arguments are those of `choose_picture`.

    Args:
        in_talk: whether another scene shows a screen: if in doubt, this one does, too.
    """
    span = measure_span(crop, picture)
    if min(span) > 1 - _LEAST_CUT:
        return False
    if shows_screen(sights):
        return True
    if targets.height is None:
        is_doubtful = _is_flash(sights) or may_show_screen(sights)
        return is_doubtful and (before.is_whole or in_talk)
    height = targets.height * picture[1] / min(picture)
    if height <= _SMALL_FACE and shows_screen(sights, has_speaker=True):
        return True
    return are_inset(targets.places, height, span, before=before.is_whole)


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
        return before.picture if _is_flash(sights) else picture
    last = round(before.picture[1] / picture[1], 1)  # the sides are rounded
    shown = enlarge(picture, choose_zoom(targets.places, measure_span(crop, picture), last))
    has_all = find_targets(sights, measure_span(crop, shown)).places == targets.places
    return shown if has_all else picture


def _is_flash(sights: Sequence[Sight]) -> bool:
    """Tell whether a scene is too short for a face to be seen."""
    return len(sights) < SHORTEST_TRACK


def choose_zoom(places: Sequence[Place | None], span: Place, before: float) -> float:
    """Return how many times a scene is enlarged to bring its faces off the edge of the crop.

    It is the least that does. Where the largest would not be enough, it is 1.

    Args:
        places: of the faces, from 0 to 1 of the picture's width and height; None without one.
        span: `(width, height)` of the crop that is not enlarged, as parts of the picture's.
        before: how many times the scene before was enlarged. If it was, and that is near what this
            one needs, it stays as close: a face does not change its size from cut to cut.
    """
    wanted = _measure_need(places, span)
    least = wanted * _LEAST_MARGIN / _MARGIN
    if before > 1 and least <= before <= wanted + _SURPLUS:
        return before
    if least > _STEPS[-1]:
        return _STEPS[0]
    return next((step for step in _STEPS if step >= wanted), _STEPS[-1])


def are_inset(places: Sequence[Place | None], height: float, span: Place, *, before: bool) -> bool:
    """Tell whether faces are those of an inset, beside which a crop would cut off what matters.

    They are small and in a corner, and the crop must come closer for them: for those low in the
    picture at all, since people who are far away have room below them; else closer than it may.

    Args:
        places: of the faces, from 0 to 1 of the picture's width and height; None without one.
        height: of the faces, in sides of the picture, of which the shorter one counts.
        span: `(width, height)` of the crop that is not enlarged, as parts of the picture's.
        before: whether the scene before was shown for an inset: if in doubt, this one is, too.
    """
    seen = [place for place in places if place]
    across, down = (median(place[axis] for place in seen) for axis in (0, 1))
    is_in_corner = max(min(at, 1 - at) for at in (across, down)) <= _CORNER
    if height > _INSET_FACE or not is_in_corner or min(span) > 1 - _LEAST_CUT:
        return False
    return _measure_need(places, span) > (_STEPS[0] if down > 0.5 or before else _STEPS[-1])


def _measure_need(places: Sequence[Place | None], span: Place) -> float:
    """Return how many times a scene has to be enlarged to bring its faces off the crop's edge."""
    return max(
        side * _MARGIN / max(_measure_edge([place[axis] for place in places if place]), 1e-3)
        for axis, side in enumerate(span)
    )


def _measure_edge(places: Sequence[float]) -> float:
    """Return how far the faces of a scene are from the nearer edge of the picture."""
    at = median(places)
    return min(at, 1 - at)
