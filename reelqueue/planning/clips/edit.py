"""The edit of a clip: its cuts in their order, and how they are joined."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

from reelqueue.media.facts import Span
from reelqueue.planning.clips.cut import Cut, choose_clip_rate, choose_size
from reelqueue.planning.clips.silences import cut_silences
from reelqueue.planning.costs import CLIP_DETAIL
from reelqueue.planning.delivery.budget import choose_sound_bit_rate, list_sizes, looks_good
from reelqueue.planning.delivery.checks import check_frames, check_seconds
from reelqueue.planning.delivery.crf import SIZES
from reelqueue.planning.delivery.targets import Rules, find_rules
from reelqueue.planning.focus.view import CropPath
from reelqueue.specs.clips.clip import ClipCut
from reelqueue.specs.clips.segments import Join, Segment
from reelqueue.specs.delivery import Delivery


@dataclass(frozen=True)
class Edit:
    """The cuts of a clip; in `overlap` frames each fades into the next.

    Before them a title card is shown for `title` frames, after them one for `end_title` frames.
    """

    cuts: tuple[Cut, ...]
    overlap: int = 0
    title: int = 0
    end_title: int = 0

    @property
    def fps(self) -> Fraction:
        """Frames a second of the clip."""
        return self.cuts[0].fps

    @property
    def size(self) -> tuple[int, int]:
        """`(width, height)` of the clip, in pixels."""
        return self.cuts[0].size

    def resize(self, size: tuple[int, int]) -> Edit:
        """Return the same clip with frames of another `(width, height)`."""
        return replace(self, cuts=tuple(replace(cut, size=size) for cut in self.cuts))

    @property
    def frames(self) -> int:
        """The number of frames of the clip."""
        return self.end + self.end_title

    @property
    def end(self) -> int:
        """The frame of the clip with which its cuts end."""
        return self.positions[-1] + self.cuts[-1].frames

    @property
    def duration(self) -> float:
        """Seconds of the clip."""
        return float(self.frames / self.fps)

    @property
    def source_duration(self) -> float:
        """Seconds of the video that are seen."""
        return sum(cut.source_duration for cut in self.cuts)

    @cached_property
    def positions(self) -> list[int]:
        """For each cut, the frame of the clip with which it begins."""
        steps = (cut.frames - self.overlap for cut in self.cuts[:-1])
        return list(accumulate(steps, initial=self.title))

    @cached_property
    def _ends(self) -> list[float]:
        """Seconds of the video at which the cuts end, which are in its order."""
        return [cut.start + cut.source_duration for cut in self.cuts]

    def find_frames(self, start: float, end: float) -> list[tuple[int, int]]:
        """Return where a part of the video is seen: `(first, end)` frames of the clip.

        A frame shows it if it begins within its time; what is shorter has one frame. Ranges that
        meet are one.

        Args:
            start: in seconds of the video.
            end: in seconds of the video.
        """
        found: list[tuple[int, int]] = []
        nearest = max(bisect_right(self._ends, start) - 1, 0)
        for position, cut in zip(self.positions[nearest:], self.cuts[nearest:], strict=True):
            if cut.start > end:
                break
            first = count_frames(start - cut.start, cut.step)
            last = max(count_frames(end - cut.start, cut.step), first + 1)
            if last <= 0 or first >= cut.frames:
                continue
            seen = position + max(first, 0), position + min(last, cut.frames)
            if found and seen[0] <= found[-1][1]:
                before = found.pop()
                seen = min(before[0], seen[0]), max(before[1], seen[1])
            found.append(seen)
        return found


class Part(NamedTuple):
    """Frames of a cut, from its frame `first` on."""

    cut: Cut
    first: int


class Piece(NamedTuple):
    """Frames of a clip that are rendered at once, from frame `first` on.

    They are those of one part, or of two of which the first fades into the second. A title card has
    none.
    """

    first: int
    frames: int
    parts: tuple[Part, ...]


def plan_edit(
    spec: ClipCut,
    duration: float,
    fps: Fraction,
    size: tuple[int, int],
    silences: Sequence[Span] = (),
) -> Edit:
    """Return the exact frames of a clip.

    Args:
        duration: of the video, in seconds.
        fps: frames a second of the video.
        size: the video's `(width, height)` as it is shown.
        silences: those that are cut out. Crossfades are shorter where too little is left for them.

    Raises:
        InvalidSpecError: if the clip starts or ends after the video's end, a segment is too short
            for the crossfades, or the clip's target does not take such a clip.
    """
    rules = find_rules(spec)
    rate, frame = choose_clip_rate(fps, rules), choose_size(spec, size, rules)
    check_frames(rules, frame, rate)
    speed = Fraction(spec.speed).limit_denominator(1000)
    cuts = [
        Cut(
            segment.start,
            _measure(segment, rate / speed),
            rate,
            frame,
            speed,
            spec.fit,
            segment.focus or spec.focus,
        )
        for segment in cut_silences(spec.resolve_segments(duration), silences)
    ]
    title, end_title = (round(card.duration * rate) if card else 0 for card in spec.cards)
    overlap = 0
    if spec.transition is not Join.NONE and len(cuts) > 1:
        longest = min(cut.frames for cut in cuts) // 2
        if not silences:
            spec.check_overlap(longest / float(rate))
        overlap = min(max(1, round(spec.transition_duration * rate)), longest)
    edit = Edit(tuple(cuts), overlap, title, end_title)
    check_seconds(rules, edit.duration)
    return edit if spec.size else _shrink(edit, spec, rules)


def _shrink(edit: Edit, order: Delivery, rules: Rules) -> Edit:
    """Return a clip with frames as small as it takes to look good within the allowed bytes."""
    sound = choose_sound_bit_rate(rules, edit.duration) / 8 * edit.duration
    for size in list_sizes(edit.size, rules):
        pictures = edit.frames * size[0] * size[1] * CLIP_DETAIL * SIZES[order.quality]
        if looks_good(order, rules, pictures + sound, sound):
            break
    return edit if size == edit.size else edit.resize(size)


def list_pieces(edit: Edit, paths: Mapping[Cut, CropPath]) -> Iterator[Piece]:
    """Yield the pieces of a clip in their order.

    Args:
        edit: the frames.
        paths: of the crops that follow something. What they show whole has a piece of its own.
    """
    overlap, positions = edit.overlap, edit.positions
    last = len(edit.cuts) - 1
    if edit.title:
        yield Piece(0, edit.title, ())
    for number, (cut, position) in enumerate(zip(edit.cuts, positions, strict=True)):
        skipped = overlap if number else 0
        frames = cut.frames - skipped - (overlap if number < last else 0)
        if frames:
            piece = Piece(position + skipped, frames, (Part(cut, skipped),))
            yield from _split_piece(piece, paths[cut]) if cut in paths else [piece]
        if overlap and number < last:
            parts = Part(cut, cut.frames - overlap), Part(edit.cuts[number + 1], 0)
            yield Piece(positions[number + 1], overlap, parts)
    if edit.end_title:
        yield Piece(edit.end, edit.end_title, ())


def _split_piece(piece: Piece, path: CropPath) -> Iterator[Piece]:
    """Yield what is shown whole of a piece of one cut, and what is cropped, in their order."""
    ((cut, first),) = piece.parts
    views = path[first : first + piece.frames]
    changes = [
        frame
        for frame, (before, view) in enumerate(pairwise(views), 1)
        if view.is_whole != before.is_whole
    ]
    for begin, end in pairwise([0, *changes, piece.frames]):
        yield Piece(piece.first + begin, end - begin, (Part(cut, first + begin),))


def count_frames(seconds: float, step: Fraction | float) -> int:
    """Return how many frames begin before a time; a millionth of a frame does not count."""
    return math.ceil(round(seconds / float(step), 6))


def _measure(segment: Segment, rate: Fraction) -> int:
    assert segment.end is not None
    return max(1, round((Fraction(segment.end) - Fraction(segment.start)) * rate))
