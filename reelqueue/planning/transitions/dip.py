"""Fades through black and through white: editors call it a dip to colour."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import MOVING_CROSSFADE_COST, Crossfade, Effect
from reelqueue.specs.photo import Transition


def find_dip(frames: int) -> int:
    """Return the number, from 1, of the frame that shows the colour alone; 0 if none does."""
    return frames // 2


def _show(frame: int, frames: int, _: Size, *, grey: int) -> Crossfade:
    dip = find_dip(frames)
    if frame <= dip:
        return Crossfade(1 - Fraction(frame, dip), Fraction(0), grey)
    return Crossfade(Fraction(0), Fraction(frame - dip, frames - dip), grey)


EFFECTS = {
    transition: Effect(partial(_show, grey=grey), dip=grey, moving_cost=MOVING_CROSSFADE_COST)
    for transition, grey in ((Transition.FADE_BLACK, 0), (Transition.FADE_WHITE, 255))
}
