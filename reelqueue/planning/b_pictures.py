"""The B pictures with which a decoder makes a transition of two stills.

A crossfade weighs both stills (weighted prediction); an edge copies one still before it and the
other one behind it (motion vectors). Where the first still is a frame of the transition already,
the B pictures lead on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import assert_never

from reelqueue.h264.motion import (
    InterPrediction,
    Strips,
    predict_from_both,
    predict_from_l0,
    predict_from_l1,
)
from reelqueue.h264.pictures import WEIGHT_SUM, BPicture, BSkipPicture, StripPicture, Weights
from reelqueue.planning.framing import Size
from reelqueue.planning.still_plan import GreyStill, StillGop
from reelqueue.planning.transitions.base import (
    MACROBLOCK,
    STRIP,
    Blur,
    Crossfade,
    Edge,
    LumaWipe,
    TransitionFrame,
    Zoom,
)
from reelqueue.planning.transitions.registry import list_frames
from reelqueue.specs.photo import Transition

_KEPT_TRANSITIONS = 8


def plan_b_pictures(gop: StillGop, size: Size) -> list[list[BPicture]]:
    """Return the B pictures that lead to each target of a GOP; the middle frame has no band yet.

    Args:
        size: the video's `(width, height)` in pixels.
    """
    if gop.span is None:
        return []
    span = gop.span
    if gop.middle:
        return [_part_words(list(list_frames(span.transition, span.frames, size)), gop)]
    ends = tuple((end, isinstance(target, GreyStill)) for end, target in gop.targets)
    planned = _plan_transition(span.transition, span.frames, gop.drawn, ends, size)
    return [list(pictures) for pictures in planned]


@lru_cache(_KEPT_TRANSITIONS)
def _plan_transition(
    transition: Transition, count: int, drawn: int, ends: tuple[tuple[int, bool], ...], size: Size
) -> list[list[BPicture]]:
    """Return the B pictures of a transition, which most photos have alike.

    Args:
        transition: what it is.
        count: its frames.
        drawn: how many of them the first still shows.
        ends: of each target, the number of its frame, and whether it is a grey.
        size: the video's `(width, height)` in pixels.
    """
    frames = list(list_frames(transition, count, size))
    first = frames[0] if drawn else None
    pictures: list[list[BPicture]] = []
    start = drawn
    for end, to_grey in ends:
        pictures.append(
            [_to_b_picture(frame, first, to_grey, size) for frame in frames[start : end - 1]]
        )
        start, first = end, None
    return pictures


def find_weights(following: Fraction) -> Weights:
    """Return weights with so much of the following picture; neither of them can be 0."""
    weight = min(max(round(WEIGHT_SUM * following), 1), WEIGHT_SUM - 1)
    return Weights(WEIGHT_SUM - weight, weight)


def _part_words(frames: Sequence[TransitionFrame], gop: StillGop) -> list[BPicture]:
    """Return the B pictures of a fade whose middle frame the others are predicted from, too."""
    done = [
        _find_progress(frame, to_grey=False) for frame in frames if isinstance(frame, Crossfade)
    ]
    begun, middle = done[0] if gop.drawn else Fraction(0), done[gop.middle - 1]

    def weigh(share: Fraction) -> Weights:
        if share == middle:
            return find_weights((share - begun) / (1 - begun))
        start, end = (begun, middle) if share < middle else (middle, Fraction(1))
        return find_weights((share - start) / (end - start))

    return [BSkipPicture(weigh(share)) for share in done[gop.drawn : -1]]


def _to_b_picture(
    frame: TransitionFrame, first: TransitionFrame | None, to_grey: bool, size: Size
) -> BPicture:
    """Convert a frame to a B picture made of the stills around it.

    Args:
        first: what the still before it shows, None if that is a photo alone or a grey.
        to_grey: whether the still after it is a grey.
    """
    match frame:
        case Edge():
            return _predict_edge(frame, first if isinstance(first, Edge) else None, size)
        case Crossfade():
            done = _find_progress(frame, to_grey)
            begun = _find_progress(first, to_grey) if isinstance(first, Crossfade) else Fraction(0)
            return BSkipPicture(find_weights((done - begun) / (1 - begun)))
        case LumaWipe() | Zoom() | Blur():
            raise ValueError(f"A decoder cannot make {frame} of stills: it must be drawn.")
        case _:
            assert_never(frame)


def _find_progress(fade: Crossfade, to_grey: bool) -> Fraction:
    return 1 - fade.old if to_grey else fade.new


def _predict_edge(edge: Edge, first: Edge | None, size: Size) -> StripPicture:
    """Return the picture with one still before an edge and the other one behind it.

    Args:
        first: the edge in the still before the picture, if there is one.
    """
    shifts = (-edge.old_shift, -edge.new_shift)
    vectors = [(0, shift) if edge.is_level else (shift, 0) for shift in shifts]
    old, new = predict_from_l0(*vectors[0]), predict_from_l1(*vectors[1])
    before, behind = (new, old) if edge.is_new_first else (old, new)
    old_share = edge.old_share
    if first and first.strip == edge.strip and first.old_share:
        old_share /= first.old_share
    mixed = predict_from_both(old, new)
    predictions = _lay_strips(edge, size[edge.is_level], before, behind, mixed)
    return StripPicture(Strips(predictions, edge.is_level), find_weights(1 - old_share))


def _lay_strips(
    edge: Edge,
    length: int,
    before: InterPrediction,
    behind: InterPrediction,
    mixed: InterPrediction,
) -> tuple[InterPrediction, ...]:
    """Return the prediction of each strip of a coded picture, which is whole macroblocks long.

    Args:
        length: of the video, in samples.
    """
    count = -(-length // MACROBLOCK) * MACROBLOCK // STRIP
    middle = (mixed,) if edge.first_share else ()
    first = -(-edge.strip // STRIP)
    return (before,) * first + middle + (behind,) * (count - first - len(middle))
