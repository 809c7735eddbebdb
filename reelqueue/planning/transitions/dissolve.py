"""Dissolve: the new photo appears grain by grain, as in ffmpeg's xfade."""

from __future__ import annotations

from fractions import Fraction

from reelqueue.planning.costs import DrawingCost
from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import Effect, LumaWipe
from reelqueue.specs.photo import Transition

_SOFTNESS = Fraction(1, 4)


def _show(frame: int, frames: int, _: Size) -> LumaWipe:
    return LumaWipe("grain", False, Fraction(frame, frames) * (1 + _SOFTNESS), _SOFTNESS)


EFFECTS = {Transition.DISSOLVE: Effect(_show, DrawingCost(18, 0.08), must_be_drawn=True)}
