"""The pictures that an engine makes of a timeline, counted before any is made."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import assert_never

from reelqueue.planning.camera import MIXED_COST, MOVING_COST, VIEW_COST, WRITTEN_COST, Move
from reelqueue.planning.costs import NO_COST, DrawingCost
from reelqueue.planning.keys import DrawnPiece, can_be_written, list_pieces, spread_keys
from reelqueue.planning.spans import PhotoSpan, Span, TransitionSpan
from reelqueue.planning.still_plan import (
    DrawnGop,
    GreyStill,
    PhotoStill,
    Still,
    TransitionStill,
    list_stills,
    plan_gops,
)
from reelqueue.planning.timeline import Timeline
from reelqueue.planning.transitions.registry import EFFECTS
from reelqueue.specs.slideshow import Engine

_X264_KEYINT = 250  # frames: x264's `keyint`, which MoviePy leaves as it is


@dataclass(frozen=True)
class MovingFrames:
    """Frames in which a photo moves alone, and those of a fade to the next one.

    Attributes:
        frames: of the photo alone, without the first one.
        keys: how many of these are keys, if frames between keys are written.
        mixed: frames of a fade that may be written.
        zooms: whether the camera zooms, and does not only pan.
        seconds: of the whole move.
        fps: frames a second.
        can_be_written: whether the frames between keys may be written.
    """

    frames: int
    keys: int
    mixed: int
    zooms: bool
    seconds: float
    fps: float
    can_be_written: bool


@dataclass
class PictureCount:
    """What is made of one photo or title card, and of its transition to the next one."""

    stills: int = 0  # that the still engine encodes, each of them once
    intra: int = 0  # pictures of it in the file that need no other: they have most of its bytes
    moving_intra: int = 0  # those of them with which frames begin in which the photo moves
    held: int = 0  # frames that repeat it, where every frame is encoded
    moving: list[MovingFrames] = field(default_factory=list)
    transition: int = 0  # frames of its transition, where every frame is encoded
    drawn: Counter[DrawingCost] = field(default_factory=Counter)  # frames that cost extra


def count_pictures(timeline: Timeline, engine: Engine) -> list[PictureCount]:
    """Return what an engine makes of each photo and card of a timeline, in their order."""
    counts = [PictureCount() for _ in range(timeline.photo_count)]
    match engine:
        case Engine.STILL:
            _count_gops(timeline, counts)
        case Engine.X264:
            _count_encoded(timeline, timeline.list_keyframes(), counts)
        case Engine.MOVIEPY:
            starts = pairwise([*timeline.photo_starts(), timeline.frames])
            gops = (range(start, end, _X264_KEYINT) for start, end in starts)
            _count_encoded(timeline, chain.from_iterable(gops), counts)
        case _:
            assert_never(engine)
    return counts


def _count_gops(timeline: Timeline, counts: list[PictureCount]) -> None:
    gops = plan_gops(timeline)
    for still in list_stills(gops):
        if (photo := _find_photo(still)) is not None:
            counts[photo].stills += 1
    for gop in gops:
        if isinstance(gop, DrawnGop):
            counts[gop.photo].intra += 1
            counts[gop.photo].moving_intra += isinstance(gop.spans[0].move, Move)
            if can_be_written(gop.spans):
                _count_written(gop.spans, timeline, counts)
            else:
                _count_drawn(gop.spans, counts)
                _count_views(gop.spans, timeline, counts)
        else:
            for still in (gop.first, *(target for _, target in gop.targets)):
                if (photo := _find_photo(still)) is not None:
                    counts[photo].intra += 1


def _find_photo(still: Still) -> int | None:
    match still:
        case PhotoStill() | TransitionStill():
            return still.photo
        case GreyStill():
            return None
        case _:
            assert_never(still)


def _count_encoded(
    timeline: Timeline, keyframes: Iterable[int], counts: list[PictureCount]
) -> None:
    starts = timeline.photo_starts()
    for keyframe in keyframes:
        counts[bisect_right(starts, keyframe) - 1].intra += 1
    for span in timeline.spans:
        if isinstance(span, TransitionSpan):
            counts[span.photo].transition += span.frames
    _count_drawn((span for span in timeline.spans if _costs_extra(span)), counts)
    _count_views(timeline.spans, timeline, counts)
    for span in timeline.spans:
        counts[span.photo].held += 0 if span.is_moving else span.frames


def _costs_extra(span: Span) -> bool:
    """Tell whether a frame costs more than an encoder of every frame takes for it anyway."""
    is_drawn = isinstance(span, TransitionSpan) and EFFECTS[span.transition].must_be_drawn
    return span.is_moving or is_drawn


def _count_written(spans: tuple[Span, ...], timeline: Timeline, counts: list[PictureCount]) -> None:
    """Count the frames of photos that move; what their captions take is not counted."""
    for piece in list_pieces(spans):
        if isinstance(piece, DrawnPiece):
            _count_drawn([piece.span], counts)
            continue
        count, transition = counts[piece.span.photo], piece.transition
        count.drawn[WRITTEN_COST] += piece.span.frames
        if transition:
            count.drawn[MIXED_COST] += transition.frames
            has_grey = EFFECTS[transition.transition].dip is not None
            keys = 1 if has_grey else len(piece.list_targets(timeline))
            counts[transition.next_photo].intra += keys
            counts[transition.next_photo].moving_intra += keys
        mixed = transition.frames - 1 if transition else 0
        move = piece.span.move or (transition and transition.next_move)
        if isinstance(move, Move):
            count.moving.append(_describe(piece.span, move, timeline, mixed, can_be_written=True))


def _count_views(spans: Iterable[Span], timeline: Timeline, counts: list[PictureCount]) -> None:
    """Count the frames of photos that move, which are all drawn."""
    for span in spans:
        if isinstance(span, PhotoSpan) and isinstance(span.move, Move):
            counts[span.photo].moving.append(
                _describe(span, span.move, timeline, 0, can_be_written=False)
            )


def _describe(
    span: PhotoSpan, move: Move, timeline: Timeline, mixed: int, *, can_be_written: bool
) -> MovingFrames:
    return MovingFrames(
        frames=span.frames - 1 if span.move else 0,
        keys=len(spread_keys(span.frames, timeline.frame_rate)) - 1 if span.move else 0,
        mixed=mixed,
        zooms=move.path.start.zoom != move.path.end.zoom,
        seconds=float(move.frames / timeline.frame_rate),
        fps=float(timeline.frame_rate),
        can_be_written=can_be_written,
    )


def _count_drawn(spans: Iterable[Span], counts: list[PictureCount]) -> None:
    for span in spans:
        counts[span.photo].drawn[_find_cost(span)] += span.frames


def _find_cost(span: Span) -> DrawingCost:
    if isinstance(span, PhotoSpan):
        if isinstance(span.move, Move):
            return VIEW_COST
        return MOVING_COST if span.is_moving else NO_COST
    effect = EFFECTS[span.transition]
    return effect.moving_cost if span.is_moving else effect.cost
