"""Fade: a linear crossfade (a cross dissolve)."""

from __future__ import annotations

from fractions import Fraction

from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import MOVING_CROSSFADE_COST, Effect, Weights, crossfade
from reelqueue.specs.slideshow import Transition


def _show(frame: int, frames: int, _: Size) -> Weights:
    return crossfade(Fraction(frame, frames))


EFFECTS = {Transition.FADE: Effect(_show, moving_cost=MOVING_CROSSFADE_COST)}
