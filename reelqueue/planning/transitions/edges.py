"""The straight edge of wipes, slides and pushes: where it is, and which photo moves with it."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from reelqueue.planning.costs import NO_COST, DrawingCost
from reelqueue.planning.framing import Size
from reelqueue.planning.transitions.base import STRIP, Edge, Effect
from reelqueue.specs.photo import Transition

SHIFTING = DrawingCost(9, 0.014)
"""What a frame takes whose photos are moved farther than a motion vector of H.264 reaches."""

_DIRECTIONS = {  # whether the edge is level, and whether it moves to the left, or up
    "left": (False, True),
    "right": (False, False),
    "up": (True, True),
    "down": (True, False),
}


def make_edge_effects(
    name: str, *, moves_old: bool, moves_new: bool, cost: DrawingCost = NO_COST
) -> dict[Transition, Effect]:
    """Return the transitions of a name, such as `wipe`, in all four directions."""
    return {
        Transition(f"{name}_{direction}"): Effect(
            partial(
                _show,
                is_level=is_level,
                is_backward=is_backward,
                moves_old=moves_old,
                moves_new=moves_new,
            ),
            cost,
            moves_old=moves_old,
            moves_new=moves_new,
        )
        for direction, (is_level, is_backward) in _DIRECTIONS.items()
    }


def _show(
    frame: int,
    frames: int,
    size: Size,
    *,
    is_level: bool,
    is_backward: bool,
    moves_old: bool,
    moves_new: bool,
) -> Edge:
    """Return the edge after it has moved over an even number of samples, as chroma is halved."""
    length = size[is_level]
    seen = round(Fraction(frame, frames) * length)
    seen -= seen % 2
    hidden = length - seen
    side = 1 if is_backward else -1
    position = hidden if is_backward else seen
    covered = position % STRIP if position < length else 0
    strip = position - covered
    return Edge(
        is_level,
        strip,
        Fraction(covered, min(STRIP, length - strip) or STRIP),
        not is_backward,
        -side * seen if moves_old else 0,
        side * hidden if moves_new else 0,
    )
