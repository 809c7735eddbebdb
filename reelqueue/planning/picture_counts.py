"""The pictures that an engine makes of a timeline, counted before any is made."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import assert_never

from reelqueue.planning.camera import MOVING_COST
from reelqueue.planning.costs import NO_COST, DrawingCost
from reelqueue.planning.still_plan import (
    DrawnGop,
    GreyStill,
    PhotoStill,
    Still,
    StillGop,
    TransitionStill,
    list_stills,
    plan_gops,
)
from reelqueue.planning.timeline import PhotoSpan, Span, Timeline, TransitionSpan
from reelqueue.planning.transitions.registry import EFFECTS
from reelqueue.specs.slideshow import Engine

_X264_KEYINT = 250  # frames: x264's `keyint`, which MoviePy leaves as it is


@dataclass
class PictureCount:
    """What is made of one photo or title card, and of its transition to the next one."""

    stills: int = 0  # that the still engine encodes, each of them once
    intra: int = 0  # pictures of it in the file that need no other: they have most of its bytes
    transition: int = 0  # frames of its transition, where every frame is encoded
    drawn: Counter[DrawingCost] = field(default_factory=Counter)  # frames that cost extra


def count_pictures(timeline: Timeline, engine: Engine) -> list[PictureCount]:
    """Return what an engine makes of each photo and card of a timeline, in their order."""
    counts = [PictureCount() for _ in range(timeline.photo_count)]
    match engine:
        case Engine.STILL:
            _count_gops(plan_gops(timeline), counts)
        case Engine.X264:
            _count_encoded(timeline, timeline.list_keyframes(), counts)
        case Engine.MOVIEPY:
            starts = pairwise([*timeline.photo_starts(), timeline.frames])
            gops = (range(start, end, _X264_KEYINT) for start, end in starts)
            _count_encoded(timeline, chain.from_iterable(gops), counts)
        case _:
            assert_never(engine)
    return counts


def _count_gops(gops: list[StillGop | DrawnGop], counts: list[PictureCount]) -> None:
    for still in list_stills(gops):
        if (photo := _find_photo(still)) is not None:
            counts[photo].stills += 1
    for gop in gops:
        if isinstance(gop, DrawnGop):
            counts[gop.photo].intra += 1
            _count_drawn(gop.spans, counts)
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


def _costs_extra(span: Span) -> bool:
    """Tell whether a frame costs more than an encoder of every frame takes for it anyway."""
    is_drawn = isinstance(span, TransitionSpan) and EFFECTS[span.transition].must_be_drawn
    return span.is_moving or is_drawn


def _count_drawn(spans: Iterable[Span], counts: list[PictureCount]) -> None:
    for span in spans:
        counts[span.photo].drawn[_find_cost(span)] += span.frames


def _find_cost(span: Span) -> DrawingCost:
    if isinstance(span, PhotoSpan):
        return MOVING_COST if span.is_moving else NO_COST
    effect = EFFECTS[span.transition]
    return effect.moving_cost if span.is_moving else effect.cost
