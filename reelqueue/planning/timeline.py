"""A slideshow as a list of spans, exact in frames: what every engine draws.

A photo owns the frames of its time; the transition to the next photo fills the last of them. Spans
follow each other without a gap, and every frame belongs to exactly one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise, zip_longest
from random import Random
from typing import NamedTuple

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.camera import Move, choose_paths
from reelqueue.planning.delivery.crf import CRFS, Crfs, choose_crfs
from reelqueue.planning.slides import find_overlap, share_time
from reelqueue.planning.spans import Movement, PhotoSpan, Playback, Span, Speaking, TransitionSpan
from reelqueue.planning.transitions.fade import find_middle
from reelqueue.planning.transitions.registry import EFFECTS
from reelqueue.specs.delivery import Quality
from reelqueue.specs.photo import Motion, PhotoSpec, Transition
from reelqueue.specs.slideshow import SlideshowSpec

KEYFRAME_SECONDS = 3

_CHOICES = [transition for transition in Transition if transition in EFFECTS]


class Shown(NamedTuple):
    """Which frames show a photo: `frames` from frame `first` on.

    The transition to it takes `fade_in` of them, and the one to the next photo `fade_out`.
    """

    first: int
    frames: int
    fade_in: int
    fade_out: int


@dataclass(frozen=True)
class Timeline:
    """All frames of a slideshow, in order."""

    size: tuple[int, int]  # (width, height) of the video, in pixels
    frame_rate: Fraction  # frames a second
    spans: tuple[Span, ...]
    crfs: Crfs = CRFS[Quality.STANDARD]  # how finely the frames are encoded
    is_preview: bool = False  # whether it is made in a hurry, to be looked at once

    @cached_property
    def frames(self) -> int:
        """How many frames there are."""
        return sum(span.frames for span in self.spans)

    @property
    def duration(self) -> Fraction:
        """Exact seconds."""
        return self.frames / self.frame_rate

    @cached_property
    def plain_photos(self) -> frozenset[int]:
        """Numbers of the photos that are also shown without their words."""
        return frozenset(
            photo
            for span in self.spans
            if isinstance(span, TransitionSpan) and span.parts_words
            for photo in span.photos
        )

    @property
    def photo_count(self) -> int:
        """How many photos and title cards are shown."""
        return self.spans[-1].photo + 1

    @cached_property
    def moving_photos(self) -> frozenset[int]:
        """Numbers of the photos that move or have captions that do, and of the videos."""
        moving = {span.photo for span in self.spans if span.move}
        transitions = (span for span in self.spans if isinstance(span, TransitionSpan))
        return frozenset(moving | {span.next_photo for span in transitions if span.next_move})

    @cached_property
    def speaking_photos(self) -> frozenset[int]:
        """Numbers of the photos that stand still under captions that follow what is spoken."""
        spans = (span for span in self.spans if isinstance(span, PhotoSpan))
        return frozenset(span.photo for span in spans if isinstance(span.move, Speaking))

    def find_shown(self, photo: int) -> Shown:
        """Return which frames show a photo."""
        starts = accumulate((span.frames for span in self.spans), initial=0)
        placed = [
            (start, span)
            for start, span in zip(starts, self.spans, strict=False)
            if photo in span.photos
        ]
        frames = sum(span.frames for _, span in placed)
        fades = [span.frames if isinstance(span, TransitionSpan) else 0 for _, span in placed]
        first = fades[0] if placed[0][1].photo != photo else 0
        last = fades[-1] if placed[-1][1].photo == photo else 0
        return Shown(placed[0][0], frames, first, last)

    def photo_starts(self) -> list[int]:
        """Return the number, from 0, of the first frame that each photo owns."""
        starts: dict[int, int] = {}
        position = 0
        for span in self.spans:
            starts.setdefault(span.photo, position)
            position += span.frames
        return list(starts.values())

    def list_keyframes(self) -> list[int]:
        """Return the numbers, from 0, of the key frames that x264 is told to make.

        One is where each photo begins; they are `KEYFRAME_SECONDS` apart at most.
        """
        starts = [*self.photo_starts(), self.frames]
        keyframes: list[int] = []
        for start, end in pairwise(starts):
            pieces = math.ceil((end - start) / (KEYFRAME_SECONDS * self.frame_rate))
            keyframes += [start + (end - start) * piece // pieces for piece in range(pieces)]
        return keyframes


def build_timeline(
    spec: SlideshowSpec, photos: Sequence[PhotoSpec], music: Fraction = Fraction()
) -> Timeline:
    """Return the timeline of a slideshow.

    A photo owns the frames from the rounded end of the photo before it to its own rounded end, so
    the rounding never adds up and the video lasts as long as the spec says.

    Args:
        photos: all that is shown, title cards included (see `slides.add_cards`).
        music: seconds of all music, played once; 0 if there is none.

    Raises:
        InvalidSpecError: if there is no photo, or the photos are to share the time of music that is
            missing or short.
    """
    if not photos:
        raise InvalidSpecError("A slideshow needs at least one photo: upload one first.", "photos")
    own_specs = [spec.for_photo(photo) for photo in photos]
    transitions = list(choose_transitions([own.transition for own in own_specs], spec.seed))
    spans: list[Span] = []
    end = Fraction()
    for number, seconds in enumerate(share_time(spec, photos, music)):
        start, end = end, end + seconds * spec.frame_rate
        owned = round(end) - round(start)
        is_last = number == len(photos) - 1
        overlap = 0 if is_last else min(_count_overlap(spec, photos[number : number + 2]), owned)
        if owned > overlap:
            spans.append(PhotoSpan(number, owned - overlap))
        if overlap:
            spans.append(TransitionSpan(transitions[number], number, number + 1, overlap))
    spans = _part_words(_move_photos(spans, photos, own_specs), _find_words(spec, photos))
    crfs = choose_crfs(spec.quality, is_preview=spec.preview)
    return Timeline(spec.size, spec.frame_rate, tuple(spans), crfs, spec.preview)


def _move_photos(
    spans: Sequence[Span], photos: Sequence[PhotoSpec], own_specs: Sequence[SlideshowSpec]
) -> list[Span]:
    """Return the spans with the camera moves and captions of photos, and with what videos play.

    They go on from a photo's first frame to its last one, its transitions included.
    """
    motions = [
        Motion.NONE if photo.video else own.motion
        for photo, own in zip(photos, own_specs, strict=True)
    ]
    paths = choose_paths(motions, own_specs[0].seed)
    total: Counter[int] = Counter()
    for span in spans:
        total.update(dict.fromkeys(span.photos, span.frames))
    shown: Counter[int] = Counter()

    def find_move(photo: int) -> Movement | None:
        if photos[photo].video:
            return Playback(shown[photo])
        path = paths[photo]
        if path is None:
            has_captions = own_specs[photo].captions and photos[photo].narration
            return Speaking(shown[photo]) if has_captions else None
        return Move(path, shown[photo], total[photo], own_specs[photo].focus)

    moved: list[Span] = []
    for span in spans:
        if isinstance(span, TransitionSpan):
            moves = find_move(span.photo), find_move(span.next_photo)
            moved.append(replace(span, move=moves[0], next_move=moves[1]))
        else:
            moved.append(replace(span, move=find_move(span.photo)))
        shown.update(dict.fromkeys(span.photos, span.frames))
    return moved


def _find_words(spec: SlideshowSpec, slides: Sequence[PhotoSpec]) -> list[bool]:
    """Return for each slide whether it has words: a caption, or those of a title card."""
    worded = [bool(slide.caption) for slide in slides]
    for place, card in zip((0, -1), spec.cards, strict=True):
        worded[place] = worded[place] or card is not None
    return worded


def _part_words(spans: Sequence[Span], worded: Sequence[bool]) -> list[Span]:
    """Return the spans; in fades, the words of both photos do not meet."""
    return [
        replace(span, parts_words=True)
        if isinstance(span, TransitionSpan)
        and span.transition is Transition.FADE
        and find_middle(span.frames)
        and all(worded[photo] for photo in span.photos)
        else span
        for span in spans
    ]


def _count_overlap(spec: SlideshowSpec, neighbors: Sequence[PhotoSpec]) -> int:
    """Return how many frames the transition between two photos takes, if the first has as many."""
    photo, following = neighbors
    return round(find_overlap(spec, photo, following) * spec.frame_rate)


def choose_transitions(wanted: Sequence[Transition], seed: int) -> Iterator[Transition]:
    """Yield each photo's transition: in place of `random`, one that neither neighbour has.

    The same seed gives the same transitions.
    """
    random = Random(seed)  # noqa: S311  # no secret
    latest = Transition.NONE
    for transition, following in zip_longest(wanted, wanted[1:]):
        others = [choice for choice in _CHOICES if choice not in (latest, following)]
        chosen = others[int(random.random() * len(others))]
        latest = chosen if transition is Transition.RANDOM else transition
        yield latest
