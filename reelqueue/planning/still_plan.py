"""A timeline as closed groups of pictures: pure, and what the still engine writes.

Each group begins with a still, encoded as it is, shows it for some frames, and then changes into
the next one, through a plain colour where the change says so. A photo that is never shown alone
begins with the first frame of its change, which is drawn; the rest of the change is what leads from
there to its end. What H.264 cannot say is drawn frame by frame: photos that move, and some changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import assert_never

from reelqueue.h264.levels import choose_level
from reelqueue.h264.motion import (
    MAX_HORIZONTAL_MV,
    InterPrediction,
    Strips,
    predict_from_both,
    predict_from_l0,
    predict_from_l1,
)
from reelqueue.h264.parameter_sets import MAX_NUM_REF_FRAMES
from reelqueue.h264.pictures import WEIGHT_SUM, BPicture, BSkipPicture, StripPicture, Weights
from reelqueue.planning.timeline import Blend, Hold, Span, Timeline
from reelqueue.planning.transitions.base import (
    STRIP,
    Blur,
    Crossfade,
    Edge,
    Effect,
    LumaWipe,
    TransitionFrame,
    Zoom,
)
from reelqueue.planning.transitions.dip import find_dip
from reelqueue.planning.transitions.registry import EFFECTS, list_frames

LONGEST_HOLD = 10  # seconds until a still is repeated, so that players need not wait on a jump

_MACROBLOCK = 16  # samples


@dataclass(frozen=True)
class Alone:
    """A photo as it is."""

    photo: int


@dataclass(frozen=True)
class Opening:
    """The first frame of a change, where its photo is never shown alone."""

    blend: Blend


@dataclass(frozen=True)
class Plain:
    """Nothing but one grey, that level of R, G and B."""

    level: int


Still = Alone | Opening | Plain


@dataclass(frozen=True)
class StillGroup:
    """A still shown for `frames`, and the change that follows it."""

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
        """How many frames of the change are the first still."""
        return 1 if isinstance(self.first, Opening) else 0

    @property
    def targets(self) -> list[tuple[int, Alone | Plain]]:
        """The stills that it changes into, and in which frame of the change, from 1, each is."""
        if self.blend is None:
            return []
        end = self.blend.frames, Alone(self.blend.following)
        grey, dip = EFFECTS[self.blend.transition].dip, find_dip(self.blend.frames)
        return [end] if grey is None or dip <= self.drawn else [(dip, Plain(grey)), end]


@dataclass(frozen=True)
class DrawnGroup:
    """Spans whose frames must all be drawn, of one photo and its change into the next."""

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


def plan_changes(group: StillGroup, size: tuple[int, int]) -> list[list[BPicture]]:
    """Return the B pictures that lead to each of a group's targets.

    Args:
        size: of the video, (width, height).
    """
    if group.blend is None:
        return []
    frames = list(list_frames(group.blend.transition, group.blend.frames, size))
    first = frames[0] if group.drawn else None
    changes: list[list[BPicture]] = []
    start = group.drawn
    for end, target in group.targets:
        between = frames[start : end - 1]
        changes.append(
            [_code_frame(frame, first, isinstance(target, Plain), size) for frame in between]
        )
        start, first = end, None
    return changes


def _append_drawn(groups: list[StillGroup | DrawnGroup], span: Span, longest: int) -> None:
    """Add a group for every piece of a hold; what a photo gives way by belongs to its last one.

    A group of one frame gets the next piece as well: two key frames that follow each other must
    differ in their numbers (7.4.3), which x264 gives out within a group.
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
    """Tell whether the decoder cannot do it: drawn, too far, or of a photo nowhere seen whole."""
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
        return MAX_HORIZONTAL_MV
    width, height = (-(-side // _MACROBLOCK) for side in timeline.size)
    level = choose_level(width, height, timeline.frame_rate, MAX_NUM_REF_FRAMES)
    return level.max_vertical_mv


def _begin_with(blend: Blend) -> StillGroup:
    if blend.frames == 1:  # the following photo alone
        return StillGroup(Alone(blend.following), 1)
    return StillGroup(Opening(blend), 1, blend)


def _code_frame(
    frame: TransitionFrame, first: TransitionFrame | None, to_plain: bool, size: tuple[int, int]
) -> BPicture:
    """Return a frame as a B picture made of the stills around it.

    Args:
        first: what the still before it shows, if that is not a photo or a plain colour.
    """
    match frame:
        case Edge():
            return _put_beside(frame, first if isinstance(first, Edge) else None, size)
        case Crossfade():
            done = _find_progress(frame, to_plain)
            begun = _find_progress(first, to_plain) if isinstance(first, Crossfade) else Fraction(0)
            return BSkipPicture(_find_weights((done - begun) / (1 - begun)))
        case LumaWipe() | Zoom() | Blur():
            raise ValueError(f"The decoder cannot make {frame}: it must be drawn.")
        case _:
            assert_never(frame)


def _find_progress(fade: Crossfade, to_plain: bool) -> Fraction:
    return 1 - fade.old if to_plain else fade.new


def _find_weights(following: Fraction) -> Weights:
    """Return weights with so much of the following picture; neither of them can be 0."""
    weight = min(max(round(WEIGHT_SUM * following), 1), WEIGHT_SUM - 1)
    return Weights(WEIGHT_SUM - weight, weight)


def _put_beside(edge: Edge, begun: Edge | None, size: tuple[int, int]) -> StripPicture:
    """Return both stills beside each other.

    Args:
        begun: what the old still shows already.
    """
    shifts = (-edge.old_shift, -edge.new_shift)
    away = [(0, shift) if edge.is_level else (shift, 0) for shift in shifts]
    old, new = predict_from_l0(*away[0]), predict_from_l1(*away[1])
    first, second = (new, old) if edge.is_new_first else (old, new)
    old_share = edge.old_share
    if begun and begun.strip == edge.strip and begun.old_share:
        old_share /= begun.old_share
    mixed = predict_from_both(old, new)
    predictions = _lay_strips(edge, size[edge.is_level], first, second, mixed)
    return StripPicture(Strips(predictions, edge.is_level), _find_weights(1 - old_share))


def _lay_strips(
    edge: Edge,
    length: int,
    first: InterPrediction,
    second: InterPrediction,
    mixed: InterPrediction,
) -> tuple[InterPrediction, ...]:
    """Return the prediction of every strip of a coded picture, which is whole macroblocks long."""
    count = 2 * -(-length // _MACROBLOCK)
    middle = (mixed,) if edge.first_share else ()
    before = -(-edge.strip // STRIP)
    return (first,) * before + middle + (second,) * (count - before - len(middle))
