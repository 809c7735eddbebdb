"""Fade: a linear crossfade (a cross dissolve)."""

from __future__ import annotations

from fractions import Fraction

from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import MOVING_CROSSFADE_COST, Crossfade, Effect, fade_to
from reelqueue.specs.slideshow import Transition


def _show(frame: int, frames: int, _: Size) -> Crossfade:
    return fade_to(Fraction(frame, frames))


EFFECTS = {Transition.FADE: Effect(_show, moving_cost=MOVING_CROSSFADE_COST)}
