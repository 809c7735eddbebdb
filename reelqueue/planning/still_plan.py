"""A timeline as closed groups of pictures (GOPs): what the still engine writes.

A GOP of stills begins with a still, which is encoded as it is and shown for some frames. A
transition may follow: B pictures that lead to the next still, through a grey one where a fade dips.
A photo that is never shown alone begins with the first frame of its transition, drawn as a still;
the B pictures lead on from there.

What a decoder cannot make of stills is drawn frame by frame, in GOPs of its own: photos that move,
and some transitions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from reelqueue.planning.keys import can_be_written, is_too_far, is_written
from reelqueue.planning.spans import PhotoSpan, Span, TransitionSpan
from reelqueue.planning.timeline import Timeline
from reelqueue.planning.transitions.dip import find_dip
from reelqueue.planning.transitions.fade import find_middle
from reelqueue.planning.transitions.registry import EFFECTS

LONGEST_GOP_SECONDS = 10  # of a photo that is shown for longer: players seek from GOP to GOP


@dataclass(frozen=True)
class PhotoStill:
    """A photo alone."""

    photo: int


@dataclass(frozen=True)
class TransitionStill:
    """The first frame of a transition from a photo that is never shown alone."""

    span: TransitionSpan

    @property
    def photo(self) -> int:
        """The photo that the transition begins with."""
        return self.span.photo


@dataclass(frozen=True)
class GreyStill:
    """A plain grey."""

    level: int  # of R, G and B


Still = PhotoStill | TransitionStill | GreyStill


@dataclass(frozen=True)
class StillGop:
    """A still, and the transition that follows it."""

    first: PhotoStill | TransitionStill
    held: int  # frames that show the first still
    span: TransitionSpan | None = None  # that follows

    @property
    def photo(self) -> int:
        """The first photo that is needed."""
        return self.first.photo

    @property
    def photos(self) -> set[int]:
        """All photos that are needed."""
        return {self.photo, *(self.span.photos if self.span else ())}

    @property
    def frames(self) -> int:
        """How many frames the GOP has."""
        return self.held + (self.span.frames - self.drawn if self.span else 0)

    @property
    def drawn(self) -> int:
        """How many frames of the transition the first still shows: 1 or 0."""
        return 1 if isinstance(self.first, TransitionStill) else 0

    @property
    def middle(self) -> int:
        """The number, from 1, of the frame of the transition where words have parted; else 0."""
        if self.span is None or not self.span.parts_words:
            return 0
        middle = find_middle(self.span.frames)
        return middle if middle > self.drawn else 0

    @property
    def targets(self) -> list[tuple[int, PhotoStill | GreyStill]]:
        """The stills that the transition leads to, each with the number, from 1, of its frame."""
        if self.span is None:
            return []
        end = self.span.frames, PhotoStill(self.span.next_photo)
        grey, dip = EFFECTS[self.span.transition].dip, find_dip(self.span.frames)
        return [end] if grey is None or dip <= self.drawn else [(dip, GreyStill(grey)), end]


@dataclass(frozen=True)
class DrawnGop:
    """Spans whose frames are all drawn: of one photo, with its transition to the next one."""

    spans: tuple[Span, ...]

    @property
    def plays_video(self) -> bool:
        """Whether a video plays in it."""
        return any(span.plays_video for span in self.spans)

    @property
    def photo(self) -> int:
        """The first photo that is needed."""
        return self.spans[0].photo

    @property
    def photos(self) -> set[int]:
        """All photos that are needed."""
        return {photo for span in self.spans for photo in span.photos}

    @property
    def frames(self) -> int:
        """How many frames the GOP has."""
        return sum(span.frames for span in self.spans)


def plan_gops(timeline: Timeline) -> list[StillGop | DrawnGop]:
    """Return the GOPs of a timeline, in order: one begins at the latest where a photo does."""
    gops: list[StillGop | DrawnGop] = []
    longest = LONGEST_GOP_SECONDS * round(timeline.frame_rate)
    latest: StillGop | None = None  # whose still may begin a transition
    for span in timeline.spans:
        is_shown = latest is not None and latest.photo == span.photo
        if _must_be_drawn(span, timeline, is_shown):
            if latest and is_shown and _begins_with_key(span):
                gops[-1:] = [replace(latest, held=latest.held - 1)] if latest.held > 1 else []
                _append_drawn(gops, PhotoSpan(span.photo, 1), longest)
            _append_drawn(gops, span, longest)
            latest = None
        elif isinstance(span, PhotoSpan):
            stills = [
                StillGop(PhotoStill(span.photo), piece.frames) for piece in _split(span, longest)
            ]
            gops += stills
            latest = stills[-1]
        else:
            if latest and is_shown:
                gops[-1] = replace(latest, span=span)
            else:
                gops.append(_begin_with(span))
            latest = None
    return gops


def list_stills(gops: Sequence[StillGop | DrawnGop]) -> Iterator[Still]:
    """Yield the stills in the order in which they are needed, and only once while they repeat."""
    latest: Still | None = None
    for gop in gops:
        if isinstance(gop, DrawnGop):
            continue
        for still in (gop.first, *(target for _, target in gop.targets)):
            if still != latest:
                latest = still
                yield still


def _append_drawn(gops: list[StillGop | DrawnGop], span: Span, longest: int) -> None:
    """Add a GOP for each piece of a photo's span; its transition joins the last of them.

    A GOP of one frame gets the next piece as well: two IDR pictures that follow each other must
    differ in their idr_pic_id (7.4.3), which x264 alternates within a stream of its own.
    """
    for piece in _split(span, longest) if isinstance(span, PhotoSpan) else (span,):
        last = gops[-1] if gops else None
        if isinstance(last, DrawnGop) and (
            last.frames == 1 or (isinstance(piece, TransitionSpan) and piece.photo == last.photo)
        ):
            gops[-1] = DrawnGop((*last.spans, piece))
        else:
            gops.append(DrawnGop((piece,)))


def _begins_with_key(span: Span) -> bool:
    """Tell whether a transition can be written behind the last frame of a photo that stands."""
    return (
        isinstance(span, TransitionSpan)
        and is_written(span)
        and can_be_written((PhotoSpan(span.photo, 1), span))
    )


def _split(span: PhotoSpan, longest: int) -> Iterator[PhotoSpan]:
    pieces = -(-span.frames // longest)
    ends = [span.frames * piece // pieces for piece in range(pieces + 1)]
    for start, end in pairwise(ends):
        move = span.move and replace(span.move, first=span.move.first + start)
        yield PhotoSpan(span.photo, end - start, move)


def _must_be_drawn(span: Span, timeline: Timeline, is_shown: bool) -> bool:
    """Tell whether a decoder cannot make the frames of a span from stills.

    Args:
        is_shown: whether the frame before the span shows the span's photo alone.
    """
    if span.is_moving:
        return True
    if isinstance(span, PhotoSpan):
        return False
    effect = EFFECTS[span.transition]
    if effect.must_be_drawn:
        return span.frames > 1  # a single frame is the next photo alone
    if effect.moves_old and not is_shown:
        return True
    return effect.moves_new and is_too_far(span, timeline)


def _begin_with(span: TransitionSpan) -> StillGop:
    """Return the GOP of a transition from a photo that was not shown before it."""
    if span.frames == 1:  # which is the next photo alone
        return StillGop(PhotoStill(span.next_photo), 1)
    return StillGop(TransitionStill(span), 1, span)
