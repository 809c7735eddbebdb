"""A slideshow as a list of spans, exact in frames: pure, and what every engine draws.

A photo owns the frames of its time; the transition to the next photo fills the last of them. Spans
follow each other without a gap, and every frame belongs to exactly one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import zip_longest
from random import Random

from reelqueue.errors import InvalidSpecError
from reelqueue.specs import PhotoSpec, SlideshowSpec, Transition

_CHOICES = [way for way in Transition if way not in (Transition.NONE, Transition.RANDOM)]


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


def plan_slideshow(
    spec: SlideshowSpec, photos: Sequence[PhotoSpec], music: Fraction = Fraction()
) -> Timeline:
    """Return the timeline of some photos.

    A photo owns the frames from the rounded end of the one before it to its own rounded end, so
    that the video lasts as long as the specs say and no rounding adds up.

    Args:
        music: seconds of all music, played once; 0 if there is none.

    Raises:
        InvalidSpecError: if there is no photo, or no music of the length that the spec needs.
    """
    if not photos:
        raise InvalidSpecError("A slideshow needs at least one photo: upload one first.", "photos")
    own_specs = [spec.for_photo(photo) for photo in photos]
    transitions = list(choose_transitions([own.transition for own in own_specs], spec.seed))
    spans: list[Span] = []
    end = Fraction()
    for number, seconds in enumerate(spec.share_time(photos, music)):
        own, transition = own_specs[number], transitions[number]
        start, end = end, end + seconds * spec.frame_rate
        owned = round(end) - round(start)
        is_last = number == len(photos) - 1
        blended = 0 if is_last else min(_count_blended(own), owned)
        if owned > blended:
            spans.append(Hold(number, owned - blended))
        if blended:
            spans.append(Blend(transition, number, number + 1, blended))
    return Timeline(spec.size, spec.frame_rate, tuple(spans))


def _count_blended(spec: SlideshowSpec) -> int:
    """Return the frames that the change to the next photo takes."""
    if spec.transition is Transition.NONE:
        return 0
    return round(_to_exact(spec.transition_duration) * spec.frame_rate)


def choose_transitions(wanted: Sequence[Transition], seed: int) -> Iterator[Transition]:
    """Yield what each photo's transition is, where some shall be any: not that of a neighbour.

    The same seed gives the same ones.
    """
    random = Random(seed)  # noqa: S311  # no secret
    latest = Transition.NONE
    for transition, following in zip_longest(wanted, wanted[1:]):
        others = [way for way in _CHOICES if way not in (latest, following)]
        chosen = others[int(random.random() * len(others))]
        latest = chosen if transition is Transition.RANDOM else transition
        yield latest


def _to_exact(seconds: float) -> Fraction:
    """Return the number that was written: 0.1 is 1/10, not the nearest binary fraction."""
    return Fraction(str(seconds))
