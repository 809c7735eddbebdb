"""Fade: a linear crossfade (a cross dissolve)."""

from __future__ import annotations

from fractions import Fraction

from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import MOVING_CROSSFADE_COST, Crossfade, Effect, fade_to
from reelqueue.specs.photo import Transition


def find_middle(frames: int) -> int:
    """Return the number, from 1, of the frame without words, if words part; 0 if none is."""
    return frames // 2


def _show(frame: int, frames: int, _: Size) -> Crossfade:
    return fade_to(Fraction(frame, frames))


EFFECTS = {Transition.FADE: Effect(_show, moving_cost=MOVING_CROSSFADE_COST)}
