"""Zoom: into the old photo, faster and faster, while the new one fades in."""

from __future__ import annotations

from fractions import Fraction

from reelqueue.planning.costs import DrawingCost
from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import Effect, Zoom, fade_to
from reelqueue.specs.photo import Transition

_LARGEST = 3  # times its size is the old photo at the end


def _show(frame: int, frames: int, _: Size) -> Zoom:
    done = Fraction(frame, frames)
    return Zoom(1 + (_LARGEST - 1) * done**2, fade_to((4 * done - 1) / 3))


EFFECTS = {Transition.ZOOM: Effect(_show, DrawingCost(24, 0.13), must_be_drawn=True)}
