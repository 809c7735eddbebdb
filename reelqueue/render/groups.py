"""A timeline as closed groups of pictures: pure, and what the still engine writes.

Each group begins with a still, encoded as it is, shows it for some frames, and then changes into
the next one. A photo that is never shown alone begins with the first frame of its change, which is
drawn; the rest of the change is what leads from there to its end. A change that H.264 cannot say is
drawn frame by frame, as a group of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from reelqueue.render.h264.motion import COLUMN, FARTHEST, Motion, copy_new, copy_old, mix
from reelqueue.render.h264.slices import WHOLE, Weight
from reelqueue.render.h264.stream import Copy, Mixture
from reelqueue.render.timeline import Blend, Hold, Timeline, find_edge, split_fade
from reelqueue.specs import Transition

LONGEST_HOLD = 10  # seconds until a still is repeated, so that players need not wait on a jump

_BLACK = (16, 128)  # luma and chroma of BT.709 in limited range
_FADES = (Transition.FADE, Transition.FADE_BLACK)
_TO_LEFT = (Transition.WIPE_LEFT, Transition.SLIDE_LEFT)
_SLIDES = (Transition.SLIDE_LEFT, Transition.SLIDE_RIGHT)


@dataclass(frozen=True)
class Still:
    """A photo, or the first frame of its change."""

    photo: int
    blend: Blend | None = None


@dataclass(frozen=True)
class StillGroup:
    """A still shown for `frames`, and how it changes then into `last`."""

    first: Still
    frames: int
    blend: Blend | None = None

    @property
    def last(self) -> Still | None:
        """The photo that the group ends with, if it changes."""
        return Still(self.blend.following) if self.blend else None

    @property
    def total(self) -> int:
        """How many frames the group has."""
        return self.frames + (self.blend.frames - self.drawn if self.blend else 0)

    @property
    def drawn(self) -> int:
        """How many frames of the change are the first still."""
        return 1 if self.first.blend else 0


@dataclass(frozen=True)
class DrawnGroup:
    """A change whose frames must all be drawn."""

    blend: Blend

    @property
    def total(self) -> int:
        """How many frames the group has."""
        return self.blend.frames


def plan_groups(timeline: Timeline) -> list[StillGroup | DrawnGroup]:
    """Return the groups of a timeline, in order; at least one begins with each photo."""
    groups: list[StillGroup | DrawnGroup] = []
    longest = LONGEST_HOLD * round(timeline.frame_rate)
    held: StillGroup | None = None
    for span in timeline.spans:
        if isinstance(span, Hold):
            *pieces, held = _split_hold(span, longest)
            groups += (*pieces, held)
            continue
        if _must_draw(span, timeline.size[0]):
            groups.append(DrawnGroup(span))
        elif held and held.first == Still(span.photo):
            groups[-1] = replace(held, blend=span)
        else:
            groups.append(_begin_with(span))
        held = None
    return groups


def list_stills(groups: Sequence[StillGroup | DrawnGroup]) -> Iterator[Still]:
    """Yield the stills in the order in which they are needed, each once as long as it lasts."""
    shown: Still | None = None
    for group in groups:
        if isinstance(group, DrawnGroup):
            continue
        for still in (group.first, group.last):
            if still and still != shown:
                shown = still
                yield still


def plan_change(group: StillGroup, size: tuple[int, int]) -> list[Mixture | Copy]:
    """Return the pictures between a group's stills, for a video of `size` (width, height)."""
    blend = group.blend
    if blend is None:
        return []
    weights = list(blend.weights())
    between = weights[group.drawn : -1]
    if blend.transition in _FADES:
        start = weights[0] if group.drawn else Fraction(0)
        return [_mix_stills(blend.transition, weight, start) for weight in between]
    return [_put_beside(blend.transition, weight, size) for weight in between]


def _split_hold(hold: Hold, longest: int) -> Iterator[StillGroup]:
    pieces = -(-hold.frames // longest)
    ends = [hold.frames * piece // pieces for piece in range(pieces + 1)]
    return (StillGroup(Still(hold.photo), end - start) for start, end in pairwise(ends))


def _must_draw(blend: Blend, width: int) -> bool:
    """Tell whether a slide begins further away than a picture can be moved."""
    hidden = width - find_edge(next(blend.weights()), width)
    return blend.transition in _SLIDES and hidden > FARTHEST


def _begin_with(blend: Blend) -> StillGroup:
    if blend.frames == 1:  # the following photo alone
        return StillGroup(Still(blend.following), 1)
    return StillGroup(Still(blend.photo, blend), 1, blend)


def _mix_stills(transition: Transition, weight: Fraction, start: Fraction) -> Mixture:
    """Return the mixture at `weight`, the first still being that at `start`."""
    old, new = split_fade(transition, weight)
    first_old, first_new = split_fade(transition, start)
    if first_old:
        old /= first_old
        new -= old * first_new
    elif start:
        old = Fraction(0)
    if transition is Transition.FADE:
        return Mixture(*_share(new))
    old_factor, new_factor = (min(round(WHOLE * share), WHOLE - 1) for share in (old, new))
    black = WHOLE - old_factor - new_factor
    luma_offset = round(Fraction(_BLACK[0] * black, WHOLE))
    # An offset is at most 127: of a picture that is all black, 1/128 of the photo's colour stays.
    chroma_offset = min(_BLACK[1] * black // WHOLE, 127)
    old_chroma = old_factor or (1 if not new_factor else 0)
    return Mixture(
        Weight(old_factor, old_chroma, luma_offset, chroma_offset),
        Weight(new_factor, new_factor, luma_offset, chroma_offset),
    )


def _share(new: Fraction) -> tuple[Weight, Weight]:
    """Return the weights of old and new; neither can be left out altogether (7.4.3.2)."""
    factor = min(max(round(WHOLE * new), 1), WHOLE - 1)
    return Weight(WHOLE - factor, WHOLE - factor), Weight(factor, factor)


def _put_beside(transition: Transition, weight: Fraction, size: tuple[int, int]) -> Copy:
    """Return the new still at the side that it comes from, beside the old one."""
    width = size[0]
    seen = find_edge(weight, width)
    hidden = width - seen
    to_left = transition in _TO_LEFT
    shift = (-hidden if to_left else hidden) if transition in _SLIDES else 0
    old, new = copy_old(), copy_new(shift)
    left, right, edge = (old, new, hidden) if to_left else (new, old, seen)
    at_edge = Fraction(edge % COLUMN, COLUMN)  # the left one's share of the column
    edge_old, edge_new = _share(1 - at_edge if to_left else at_edge)
    return Copy(_lay_columns(width, edge, left, right, mix(old, new)), edge_old, edge_new)


def _lay_columns(
    width: int, edge: int, left: Motion, right: Motion, mixed: Motion
) -> tuple[Motion, ...]:
    """Return the motion of every column of a coded picture, which is whole macroblocks wide."""
    count = 2 * -(-width // (2 * COLUMN))
    whole, cut = divmod(edge, COLUMN)
    middle = (mixed,) if cut else ()
    return (left,) * whole + middle + (right,) * (count - whole - len(middle))
