"""Blur: out of focus, and in focus again with the new photo."""

from __future__ import annotations

from fractions import Fraction

from reelqueue.planning.costs import DrawingCost
from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import Blur, Effect, fade_to
from reelqueue.specs.photo import Transition

_LARGEST_SIGMA = Fraction(1, 20)  # of the shorter side


def _show(frame: int, frames: int, _: Size) -> Blur:
    done = Fraction(frame, frames)
    return Blur(_LARGEST_SIGMA * (1 - abs(2 * done - 1)), fade_to(3 * done - 1))


EFFECTS = {Transition.BLUR: Effect(_show, DrawingCost(23, 0.055), must_be_drawn=True)}
