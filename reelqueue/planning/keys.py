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

    @property
    def targets(self) -> list[int]:
        """The frames of the transition, from 1, that the others lead to; a grey may be the first.

        The last one shows the next photo alone.
        """
        if self.transition is None:
            return []
        frames, effect = self.transition.frames, EFFECTS[self.transition.transition]
        dip = 0 if effect.dip is None else find_dip(frames)
        return [dip, frames] if dip else [frames]

    @property
    def transition_trials(self) -> list[Trial]:
        """The frames that are farthest from those that they are made of, and the last frame."""
        start = self.span.frames - 1
        gaps = list(pairwise([0, *self.targets]))
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


def list_pieces(spans: tuple[Span, ...], timeline: Timeline) -> Iterator[Piece]:
    """Yield the pieces of a GOP of a timeline that can be written, in their order."""
    latest: PhotoSpan | None = None
    for span in spans:
        if latest and isinstance(span, TransitionSpan) and is_written(span, timeline):
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


def is_written(span: TransitionSpan, timeline: Timeline) -> bool:
    """Tell whether a transition can be written; one of one frame only shows the next photo."""
    if span.frames == 1:
        return True
    return not EFFECTS[span.transition].must_be_drawn and not is_too_far(span, timeline)


def is_too_far(span: TransitionSpan, timeline: Timeline) -> bool:
    """Tell whether a transition moves a photo farther than motion vectors reach."""
    # The new photo is farthest in the first frame, the old one in the last but one.
    show = EFFECTS[span.transition].show
    frames = (
        show(number, span.frames, timeline.size)
        for number in (1, span.frames - 1)
        if 0 < number < span.frames
    )
    return any(
        max(abs(frame.old_shift), abs(frame.new_shift)) > find_reach(timeline, frame.is_level)
        for frame in frames
        if isinstance(frame, Edge)
    )


def find_reach(timeline: Timeline, is_level: bool) -> int:
    """Return how many samples motion vectors reach to the side, or up and down (A.3.1)."""
    if not is_level:
        return MAX_HORIZONTAL_MV
    width, height = (-(-side // MACROBLOCK) for side in timeline.size)
    level = choose_level(width, height, timeline.frame_rate, MAX_NUM_REF_FRAMES)
    return level.max_vertical_mv
