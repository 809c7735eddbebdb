"""The spans of a slideshow: frames that show one slide, or the transition to the next one."""

from __future__ import annotations

from dataclasses import dataclass

from reelqueue.planning.camera import Move
from reelqueue.specs.photo import Transition


@dataclass(frozen=True)
class Playback:
    """The part of what is played of a video that a span of the timeline shows."""

    first: int  # number of the span's first frame in all that is played


@dataclass(frozen=True)
class Speaking:
    """A photo that stands still under captions, which follow what is spoken."""

    first: int  # number of the span's first frame in all that show the photo


Movement = Move | Playback | Speaking
"""How what is shown changes from frame to frame."""


@dataclass(frozen=True)
class PhotoSpan:
    """Frames that show one photo alone, or a video in its place."""

    photo: int
    frames: int
    move: Movement | None = None  # None: nothing changes

    @property
    def photos(self) -> tuple[int, ...]:
        """The photo that is shown."""
        return (self.photo,)

    @property
    def is_moving(self) -> bool:
        """Whether the photo or its captions move, or a video plays."""
        return self.move is not None

    @property
    def plays_video(self) -> bool:
        """Whether a video plays."""
        return isinstance(self.move, Playback)


@dataclass(frozen=True)
class TransitionSpan:
    """The frames of a transition; the last one shows the next photo alone.

    If it `parts_words`, both photos have words, and those of the first are gone before those of the
    next one come.
    """

    transition: Transition
    photo: int
    next_photo: int
    frames: int
    move: Movement | None = None  # of the photo
    next_move: Movement | None = None
    parts_words: bool = False

    @property
    def photos(self) -> tuple[int, ...]:
        """Both photos."""
        return self.photo, self.next_photo

    @property
    def is_moving(self) -> bool:
        """Whether one of the photos or its captions move, or a video plays."""
        return self.move is not None or self.next_move is not None

    @property
    def plays_video(self) -> bool:
        """Whether a video plays."""
        return isinstance(self.move, Playback) or isinstance(self.next_move, Playback)


Span = PhotoSpan | TransitionSpan
