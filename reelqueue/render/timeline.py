"""A slideshow as a list of spans, exact in frames: pure, and what every engine draws.

A photo owns the frames of its time; the transition to the next photo fills the last of them. Spans
follow each other without a gap, and every frame belongs to exactly one.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from reelqueue.errors import InvalidSpecError
from reelqueue.specs import SlideshowSpec, Transition


@dataclass(frozen=True)
class Hold:
    """A photo, standing still for `frames`."""

    photo: int
    frames: int


@dataclass(frozen=True)
class Blend:
    """A photo giving way to `following`, as `changes` says; its last frame shows that one alone."""

    transition: Transition
    photo: int
    following: int
    frames: int


Span = Hold | Blend


@dataclass(frozen=True)
class Timeline:
    """What every frame of a video of `size` (width, height) is, in order."""

    size: tuple[int, int]
    frame_rate: Fraction
    spans: tuple[Span, ...]

    @cached_property
    def frames(self) -> int:
        """How many frames there are."""
        return sum(span.frames for span in self.spans)

    @property
    def duration(self) -> Fraction:
        """Exact seconds."""
        return self.frames / self.frame_rate

    @property
    def photo_count(self) -> int:
        """How many photos are shown."""
        return self.spans[-1].photo + 1

    def photo_starts(self) -> list[int]:
        """Return the number of the first frame, from 0, that each photo owns."""
        starts: dict[int, int] = {}
        position = 0
        for span in self.spans:
            starts.setdefault(span.photo, position)
            position += span.frames
        return list(starts.values())


def plan_slideshow(spec: SlideshowSpec, photo_count: int) -> Timeline:
    """Return the timeline of that many photos.

    Photo i owns the frames from round(i * duration * fps) to round((i + 1) * duration * fps), so
    that the video lasts as long as the spec says and no rounding adds up.

    Raises:
        InvalidSpecError: if there is no photo.
    """
    if photo_count < 1:
        raise InvalidSpecError("A slideshow needs at least one photo: upload one first.", "photos")
    frames_per_photo = _to_exact(spec.duration) * spec.frame_rate
    blend_frames = round(_to_exact(spec.transition_duration) * spec.frame_rate)
    if spec.transition is Transition.NONE:
        blend_frames = 0
    spans: list[Span] = []
    for photo in range(photo_count):
        owned = round((photo + 1) * frames_per_photo) - round(photo * frames_per_photo)
        blended = min(blend_frames, owned) if photo < photo_count - 1 else 0
        if owned > blended:
            spans.append(Hold(photo, owned - blended))
        if blended:
            spans.append(Blend(spec.transition, photo, photo + 1, blended))
    return Timeline(spec.size, spec.frame_rate, tuple(spans))


def _to_exact(seconds: float) -> Fraction:
    """Return the number that was written: 0.1 is 1/10, not the nearest binary fraction."""
    return Fraction(str(seconds))
