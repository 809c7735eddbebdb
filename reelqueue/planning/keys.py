"""Which frames of a photo that moves are drawn and encoded, and which are written between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from reelqueue.h264.levels import choose_level
from reelqueue.h264.motion import MAX_HORIZONTAL_MV
from reelqueue.h264.parameter_sets import MAX_NUM_REF_FRAMES
from reelqueue.planning.camera import Move, find_speed
from reelqueue.planning.spans import PhotoSpan, Span, TransitionSpan
from reelqueue.planning.timeline import Timeline
from reelqueue.planning.transitions.base import MACROBLOCK, Edge
from reelqueue.planning.transitions.dip import find_dip
from reelqueue.planning.transitions.registry import EFFECTS

_KEY_SECONDS = Fraction(3, 10)  # from one key to the next: 9 frames of 30 a second
_FAST = 0.75  # of the fastest frames of a move
_SPARE = Fraction(1, 40)  # of the reach of vectors: photos move a little besides


class Trial(NamedTuple):
    """A written frame that is compared with what would be drawn, and a key near it.

    Both are numbers of frames in their piece, from 0.
    """

    frame: int
    key: int


@dataclass(frozen=True)
class WrittenPiece:
    """Frames of which few are drawn: those of one photo, and of the transition that follows."""

    span: PhotoSpan
    transition: TransitionSpan | None = None

    def list_targets(self, timeline: Timeline) -> list[int]:
        """Return the frames of the transition, from 1, that are keys; a grey may be the first.

        The last one shows the next photo alone.
        """
        if self.transition is None:
            return []
        frames, effect = self.transition.frames, EFFECTS[self.transition.transition]
        if effect.dip is None:
            return _spread_targets(self.transition, timeline)
        dip = find_dip(frames)
        return [dip, frames] if dip else [frames]

    def list_transition_trials(self, timeline: Timeline) -> list[Trial]:
        """Return the frames that are farthest from those they are made of, and the last frame."""
        start = self.span.frames - 1
        gaps = list(pairwise([0, *self.list_targets(timeline)]))
        return [
            Trial(start + (before + after) // 2, start + gaps[-1][1])
            for before, after in gaps
            if after - before > 1
        ]


@dataclass(frozen=True)
class DrawnPiece:
    """A transition whose frames are all drawn."""

    span: TransitionSpan


Piece = WrittenPiece | DrawnPiece


def spread_keys(frames: int, frame_rate: Fraction) -> list[int]:
    """Return which frames of a photo, from 0, are keys: the first, the last, and some between."""
    last = frames - 1
    gaps = -(-last // max(round(_KEY_SECONDS * frame_rate), 1))
    return [round(Fraction(last * gap, gaps)) for gap in range(gaps)] + [last]


def choose_trials(span: PhotoSpan, frame_rate: Fraction) -> list[Trial]:
    """Return an early frame in the middle between two keys, where a photo moves fast already.

    There is none if no frame is between keys, or the photo stands.
    """
    gaps = pairwise(spread_keys(span.frames, frame_rate))
    trials = [Trial((before + after) // 2, after) for before, after in gaps if after - before > 1]
    if not (trials and isinstance(span.move, Move)):
        return []
    speeds = [find_speed(span.move, trial.frame) for trial in trials]
    fast = _FAST * max(speeds)
    return [next(trial for trial, speed in zip(trials, speeds, strict=True) if speed >= fast)]


def can_be_written(spans: tuple[Span, ...]) -> bool:
    """Tell whether the frames of a GOP may be written: photos move, or stand, and nothing else."""
    moves = [span.move for span in spans]
    moves += [span.next_move for span in spans if isinstance(span, TransitionSpan)]
    return (
        isinstance(spans[0], PhotoSpan)
        and any(moves)
        and all(move is None or isinstance(move, Move) for move in moves)
    )


def list_pieces(spans: tuple[Span, ...]) -> Iterator[Piece]:
    """Yield the pieces of a GOP that can be written, in their order."""
    latest: PhotoSpan | None = None
    for span in spans:
        if latest and isinstance(span, TransitionSpan) and is_written(span):
            yield WrittenPiece(latest, span)
            latest = None
            continue
        if latest:
            yield WrittenPiece(latest)
        latest = span if isinstance(span, PhotoSpan) else None
        if isinstance(span, TransitionSpan):
            yield DrawnPiece(span)
    if latest:
        yield WrittenPiece(latest)


def is_written(span: TransitionSpan) -> bool:
    """Tell whether a transition can be written; one of one frame only shows the next photo."""
    return span.frames == 1 or not EFFECTS[span.transition].must_be_drawn


def is_too_far(span: TransitionSpan, timeline: Timeline) -> bool:
    """Tell whether a transition moves a photo farther than vectors reach in one go."""
    return not _is_within_reach(span, timeline, range(span.frames + 1))


def find_reach(timeline: Timeline, is_level: bool) -> int:
    """Return how many samples motion vectors reach to the side, or up and down (A.3.1)."""
    if not is_level:
        return MAX_HORIZONTAL_MV
    width, height = (-(-side // MACROBLOCK) for side in timeline.size)
    level = choose_level(width, height, timeline.frame_rate, MAX_NUM_REF_FRAMES)
    return level.max_vertical_mv


def _spread_targets(span: TransitionSpan, timeline: Timeline) -> list[int]:
    """Return the end of a transition, and as few frames on the way as vectors need to reach all."""
    spread = (
        [round(Fraction(span.frames * gap, gaps)) for gap in range(gaps + 1)]
        for gaps in range(1, span.frames + 1)
    )
    return next(
        targets
        for start, *targets in spread
        if all(
            _is_within_reach(span, timeline, range(before, after + 1), _SPARE)
            for before, after in pairwise([start, *targets])
        )
    )


def _is_within_reach(
    span: TransitionSpan, timeline: Timeline, frames: range, spare: Fraction = Fraction(0)
) -> bool:
    """Tell whether vectors reach the old photo in the first of some frames, the new in the last.

    Args:
        span: a transition.
        timeline: of the video.
        frames: numbers of its frames; 0 is the one before it.
        spare: how much of their reach is left unused.
    """
    show = EFFECTS[span.transition].show
    shown = [show(frames[place], span.frames, timeline.size) for place in (0, 1, -2, -1)]
    edges = [frame for frame in shown if isinstance(frame, Edge)]
    if not edges:
        return True
    first, second, last_but_one, last = edges
    moved = last_but_one.old_shift - first.old_shift, last.new_shift - second.new_shift
    return max(map(abs, moved)) <= (1 - spare) * find_reach(timeline, first.is_level)
