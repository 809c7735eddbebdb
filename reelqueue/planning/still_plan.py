"""A timeline as closed groups of pictures: pure, and what the still engine writes.

Each group begins with a still, encoded as it is, shows it for some frames, and then goes to the
next one by a transition, through a plain colour where the transition has one. If a photo is never
shown alone, its group begins with the first frame of its transition, which is drawn; the frames
after that lead from there to the next photo. Photos that move, and transitions that H.264 cannot
express as copies and mixtures of stills, are drawn frame by frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from reelqueue.h264.levels import choose_level
from reelqueue.h264.macroblocks import FARTHEST, MACROBLOCK
from reelqueue.h264.parameter_sets import STORED_PICTURES
from reelqueue.planning.timeline import Blend, Hold, Span, Timeline
from reelqueue.planning.transitions.base import (
    Edge,
    Effect,
)
from reelqueue.planning.transitions.dip import find_dip
from reelqueue.planning.transitions.registry import EFFECTS

LONGEST_HOLD = 10  # seconds until a still is repeated, so that players need not wait on a jump


@dataclass(frozen=True)
class Alone:
    """A photo as it is."""

    photo: int


@dataclass(frozen=True)
class Opening:
    """The first frame of a transition, where its photo is never shown alone."""

    blend: Blend


@dataclass(frozen=True)
class Plain:
    """A frame of one grey; `level` is that of R, G and B, from 0 to 255."""

    level: int


Still = Alone | Opening | Plain


@dataclass(frozen=True)
class StillGroup:
    """A still shown for `frames`, and the transition that follows it."""

    first: Alone | Opening
    frames: int
    blend: Blend | None = None

    @property
    def photo(self) -> int:
        """The first photo that is needed."""
        return self.first.blend.photo if isinstance(self.first, Opening) else self.first.photo

    @property
    def photos(self) -> set[int]:
        """All photos that are needed."""
        return {self.photo} | ({self.blend.following} if self.blend else set())

    @property
    def total(self) -> int:
        """How many frames the group has."""
        return self.frames + (self.blend.frames - self.drawn if self.blend else 0)

    @property
    def drawn(self) -> int:
        """How many frames of the transition the first still shows."""
        return 1 if isinstance(self.first, Opening) else 0

    @property
    def targets(self) -> list[tuple[int, Alone | Plain]]:
        """The stills that the transition leads to, each after its frame of that, from 1."""
        if self.blend is None:
            return []
        end = self.blend.frames, Alone(self.blend.following)
        grey, dip = EFFECTS[self.blend.transition].dip, find_dip(self.blend.frames)
        return [end] if grey is None or dip <= self.drawn else [(dip, Plain(grey)), end]


@dataclass(frozen=True)
class DrawnGroup:
    """Spans whose frames must all be drawn: of one photo and its transition to the next."""

    spans: tuple[Span, ...]

    @property
    def photo(self) -> int:
        """The first photo that is needed."""
        return self.spans[0].photo

    @property
    def photos(self) -> set[int]:
        """All photos that are needed."""
        blends = (span for span in self.spans if isinstance(span, Blend))
        return {span.photo for span in self.spans} | {blend.following for blend in blends}

    @property
    def total(self) -> int:
        """How many frames the group has."""
        return sum(span.frames for span in self.spans)


def plan_groups(timeline: Timeline) -> list[StillGroup | DrawnGroup]:
    """Return the groups of a timeline, in order; of stills, at least one begins with each photo."""
    groups: list[StillGroup | DrawnGroup] = []
    longest = LONGEST_HOLD * round(timeline.frame_rate)
    held: StillGroup | None = None
    for span in timeline.spans:
        is_alone = held is not None and held.photo == span.photo
        if _must_draw(span, timeline, is_alone):
            _append_drawn(groups, span, longest)
            held = None
        elif isinstance(span, Hold):
            stills = [
                StillGroup(Alone(span.photo), piece.frames) for piece in _split(span, longest)
            ]
            groups += stills
            held = stills[-1]
        else:
            if held and is_alone:
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
        for still in (group.first, *(target for _, target in group.targets)):
            if still != shown:
                shown = still
                yield still


def _append_drawn(groups: list[StillGroup | DrawnGroup], span: Span, longest: int) -> None:
    """Add a group for every piece of a hold; a photo's transition belongs to its last group.

    A group of one frame gets the next piece as well: two keyframes that follow each other must
    differ in `idr_pic_id` (7.4.3), and x264 numbers them only within a group.
    """
    for piece in _split(span, longest) if isinstance(span, Hold) else (span,):
        last = groups[-1] if groups else None
        if isinstance(last, DrawnGroup) and (
            last.total == 1 or (isinstance(piece, Blend) and piece.photo == last.photo)
        ):
            groups[-1] = DrawnGroup((*last.spans, piece))
        else:
            groups.append(DrawnGroup((piece,)))


def _split(hold: Hold, longest: int) -> Iterator[Hold]:
    pieces = -(-hold.frames // longest)
    ends = [hold.frames * piece // pieces for piece in range(pieces + 1)]
    for start, end in pairwise(ends):
        move = hold.move and replace(hold.move, first=hold.move.first + start)
        yield Hold(hold.photo, end - start, move)


def _must_draw(span: Span, timeline: Timeline, is_alone: bool) -> bool:
    """Tell whether the decoder cannot make a span from stills.

    That is so if its transition must be drawn, if a photo moves farther than vectors reach, or if
    it moves a photo that no still shows whole.
    """
    if span.is_moving:
        return True
    if isinstance(span, Hold):
        return False
    effect = EFFECTS[span.transition]
    if effect.must_be_drawn:
        return span.frames > 1  # or it is the next photo alone
    if effect.moves_old and not is_alone:
        return True
    return effect.moves_new and _is_too_far(effect, span, timeline)


def _is_too_far(effect: Effect, span: Blend, timeline: Timeline) -> bool:
    """Tell whether an effect moves a photo farther than motion vectors reach."""
    # The new photo is farthest in the first frame, the old one in the last but one.
    frames = (
        effect.show(number, span.frames, timeline.size)
        for number in (1, span.frames - 1)
        if 0 < number < span.frames
    )
    return any(
        max(abs(frame.old_shift), abs(frame.new_shift)) > _find_reach(frame, timeline)
        for frame in frames
        if isinstance(frame, Edge)
    )


def _find_reach(edge: Edge, timeline: Timeline) -> int:
    """Return how many samples a photo can be moved across an edge (A.3.1)."""
    if not edge.is_level:
        return FARTHEST
    width, height = (-(-side // MACROBLOCK) for side in timeline.size)
    level = choose_level(width, height, timeline.frame_rate, STORED_PICTURES)
    return level.max_vertical_mv


def _begin_with(blend: Blend) -> StillGroup:
    if blend.frames == 1:  # the following photo alone
        return StillGroup(Alone(blend.following), 1)
    return StillGroup(Opening(blend), 1, blend)
