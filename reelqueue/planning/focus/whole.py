"""Which scenes are shown whole, because a crop would cut off a part of what matters.

They are those of a screen, such as slides, and those with a speaker who is a small inset in a
corner: for a face there, a crop would have to come so close that what is talked about is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from reelqueue.planning.focus.closeness import CLOSEST, measure_need
from reelqueue.planning.focus.screens import has_paper, may_show_screen, shows_screen
from reelqueue.planning.focus.subjects import Place, Sight, Targets, is_flash
from reelqueue.planning.focus.view import View, measure_span
from reelqueue.planning.framing import Size

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
    goes_on: bool,
) -> bool:
    """Tell whether a scene is shown whole.

    Args:
        targets: of the scene.
        sights: of the scene.
        picture: `(width, height)` of what is cropped, as small as covers the crop.
        crop: `(width, height)` of the crop.
        before: what the scene before has shown.
        in_talk: whether another scene shows a screen: if in doubt, this one does, too.
        goes_on: whether another scene follows.
    """
    span = measure_span(crop, picture)
    if min(span) > 1 - _LEAST_CUT:
        return False
    if shows_screen(sights):
        return True
    if targets.height is None:
        is_doubtful = may_show_screen(sights)
        if is_flash(sights):  # the first pictures of a scene that is cut off look as it does
            is_doubtful = goes_on or has_paper(sights)
        return is_doubtful and (before.is_whole or in_talk)
    height = targets.height * picture[1] / min(picture)
    if height <= _SMALL_FACE and shows_screen(sights, has_speaker=True):
        return True
    return are_inset(targets.places, height, span, before=before.is_whole)


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
    if height > _INSET_FACE or not is_in_corner:
        return False
    return measure_need(places, span) > (1 if down > 0.5 or before else CLOSEST)
