"""Which scenes show a screen: slides, handwriting, code, a map or a meeting.

A screen is drawn, and a film is taken by a camera. So much of a screen has one of a few colours,
exactly, and nearly all of it stands exactly still nearly all the time. Of a film neither is so,
unless it is strongly compressed: then the second one can be, but not the first one.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from reelqueue.planning.focus.subjects import Sight

_PAPER = 0.26  # of the picture: measured screens have 0.32 and more, films 0.2 and less
_STILLNESS = 0.95  # of the picture: measured screens have 0.97 and more, films 0.91 and less
_LEAST_STILLNESS = 0.8  # beside a speaker, or of slides that are pictures or come piece by piece


def shows_screen(sights: Sequence[Sight], *, has_speaker: bool = False) -> bool:
    """Tell whether a scene certainly shows a screen, apart from a small speaker beside it."""
    least = _LEAST_STILLNESS if has_speaker else _STILLNESS
    return has_paper(sights) and _measure_stillness(sights) >= least


def has_paper(sights: Sequence[Sight]) -> bool:
    """Tell whether a scene has as much of a few colours as a screen; one that is not seen may."""
    return not sights or median(sight.paper for sight in sights) >= _PAPER


def may_show_screen(sights: Sequence[Sight]) -> bool:
    """Tell whether a scene shows a screen if others of the same talk do."""
    return _measure_stillness(sights) >= _LEAST_STILLNESS


def _measure_stillness(sights: Sequence[Sight]) -> float:
    known = [sight.stillness for sight in sights if sight.stillness is not None]
    return median(known or [0])
