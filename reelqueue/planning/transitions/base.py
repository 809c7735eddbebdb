"""What a frame of a transition may show, and what every transition tells about itself.

The old photo gives way to the new one. Sizes are `(width, height)` in pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from reelqueue.planning.camera import MOVING_COST
from reelqueue.planning.costs import NO_COST, DrawingCost
from reelqueue.planning.framing import Size

MACROBLOCK = 16  # samples
STRIP = MACROBLOCK // 2  # of a picture's columns or rows that the still engine moves as one


class Crossfade(NamedTuple):
    """Both photos mixed by their weights; the rest to 1 is the weight of a plain grey."""

    old: Fraction
    new: Fraction
    grey: int = 0  # its level of R, G and B


class Edge(NamedTuple):
    """A straight edge with one photo before it (left of it, or above) and the other one behind it.

    In the strip that the edge falls into, both photos are mixed by how much of it each covers. A
    photo that is moved repeats the samples at its own border beyond that border.
    """

    is_level: bool  # the photos lie above each other, not side by side
    strip: int  # samples from the left or the top to where the strip of the edge begins
    first_share: Fraction  # of that strip; 0 where the edge is its beginning
    is_new_first: bool
    old_shift: int  # samples that the old photo has been moved to the right, or down
    new_shift: int

    @property
    def old_share(self) -> Fraction:
        """How much of the strip shows the old photo."""
        return 1 - self.first_share if self.is_new_first else self.first_share


Pattern = Literal["circle", "grain"]
"""A luma map: a level from 0 to 1 for each sample, rising from the middle outwards, or random."""


class LumaWipe(NamedTuple):
    """The new photo where a luma map's level is below a threshold, as OBS and MLT wipe.

    A sample of level l shows `(threshold - l) / softness` of the new photo, within 0 and 1.
    """

    pattern: Pattern
    is_inverted: bool  # the sample of the highest level is the first to change
    threshold: Fraction  # from 0 to 1 + softness
    softness: Fraction


class Zoom(NamedTuple):
    """The old photo enlarged around its middle, and crossfaded to the new one."""

    scale: Fraction
    fade: Crossfade


class Blur(NamedTuple):
    """Both photos blurred by a Gaussian, and crossfaded."""

    sigma: Fraction  # in parts of the video's shorter side
    fade: Crossfade


TransitionFrame = Crossfade | Edge | LumaWipe | Zoom | Blur

Show = Callable[[int, int, Size], TransitionFrame]
"""Tells what frame number `frame`, from 1, of `frames` shows in a video of `size`."""


@dataclass(frozen=True)
class Effect:
    """How a transition looks, what a decoder can do of it, and what it costs to draw.

    The still engine writes crossfades and edges: the decoder mixes both photos (weighted
    prediction) or copies them (motion vectors). An effect that `must_be_drawn` shows more.
    """

    show: Show  # the last frame shows the new photo alone
    cost: DrawingCost = NO_COST  # of a drawn frame of photos that stand still
    moving_cost: DrawingCost = MOVING_COST  # of a frame in which one of the photos moves
    must_be_drawn: bool = False
    moves_old: bool = False  # while an edge passes
    moves_new: bool = False
    dip: int | None = None  # the level of the grey that it shows alone half-way


MOVING_CROSSFADE_COST = DrawingCost(20, 0.14)
"""What a frame takes that mixes two pictures, each of which moves in its own direction."""


def fade_to(new: Fraction) -> Crossfade:
    """Return the crossfade in which the new photo has a weight, limited to 0 to 1."""
    new = min(max(new, Fraction(0)), Fraction(1))
    return Crossfade(1 - new, new)
