"""Circles that open with the new photo in them, or close around the old one (an iris wipe)."""

from __future__ import annotations

from fractions import Fraction

from reelqueue.planning.costs import DrawingCost
from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import Effect, LumaWipe
from reelqueue.specs.photo import Transition

_SOFTNESS = Fraction(1, 32)
_COST = DrawingCost(14, 0.017)


def _open(frame: int, frames: int, _: Size) -> LumaWipe:
    return LumaWipe("circle", False, Fraction(frame, frames) * (1 + _SOFTNESS), _SOFTNESS)


def _close(frame: int, frames: int, size: Size) -> LumaWipe:
    return _open(frame, frames, size)._replace(is_inverted=True)


EFFECTS = {
    Transition.CIRCLE_OPEN: Effect(_open, _COST, must_be_drawn=True),
    Transition.CIRCLE_CLOSE: Effect(_close, _COST, must_be_drawn=True),
}
