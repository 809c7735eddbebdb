"""When the captions of a clip are seen: the exact frames of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.clips.edit import Edit, count_frames
from reelqueue.planning.framing import Rows
from reelqueue.specs.clips.captions import ClipCaptionStyle, CueSheet, SpokenStyle, Times
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.limits import MAX_CUES_AT_ONCE
from reelqueue.specs.text import clean_text
from reelqueue.text.fonts import check_texts

_STYLED_NOTHING = "The clip has no captions, so their style changes nothing."
_NONE_WITHIN = "No caption lies within the clip: their times count from the start of the video."


class Caption(NamedTuple):
    """A caption of a clip, in its frames from `first` up to but not including `end`.

    `number` is that of its cue in the order, from 0.
    """

    number: int
    first: int
    end: int
    text: str


class Placed(NamedTuple):
    """The captions that a clip shows, by their first frame, and how many of all fall outside it.

    `times` are what the times of all captions count from. `is_style_idle` tells whether a style is
    chosen for captions that were not asked for. `picture` are the rows of the frame that scenes
    fill that are shown whole.
    """

    captions: tuple[Caption, ...]
    outside: int
    total: int
    times: Times
    is_style_idle: bool = False
    picture: Rows | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence about the captions that are not shown, if that is not what is meant.

        Those of a whole video are meant to lose what lies outside of the clip, unless that is all.
        """
        if not self.outside:
            return (_STYLED_NOTHING,) if self.is_style_idle else ()
        if self.times is Times.SOURCE:
            return () if self.outside < self.total else (_NONE_WITHIN,)
        noun = "caption" if self.total == 1 else "captions"
        verb = "lies" if self.outside == 1 else "lie"
        return (
            f"{self.outside} of {self.total} {noun} {verb} outside of the clip and will not be "
            "shown.",
        )


def plan_captions(spec: ClipSpec, edit: Edit, has_shaper: Callable[[], bool]) -> Placed:
    """Return the captions of a clip, and make sure that they can be drawn.

    Args:
        has_shaper: asked only where there are words, as the answer may take a process.

    Raises:
        InvalidSpecError: if a caption needs a missing font, or too many are seen at one moment.
    """
    placed = _place_captions(spec, edit)
    path = "captions.cues" if isinstance(spec.captions, CueSheet) else "captions"
    if not spec.soft_captions:
        texts = {f"{path}.{each.number}.text": each.text for each in placed.captions}
        check_texts(texts, has_shaper)
    return placed


def _place_captions(spec: ClipSpec, edit: Edit) -> Placed:
    """Return the captions of a clip in its frames."""
    sheet = spec.cue_sheet
    captions = []
    outside = 0
    for number, cue in enumerate(sheet.cues):
        spans = find_frames(cue.start, cue.end, sheet.times, edit)
        outside += not spans
        text = spell_text(cue.text, spec.caption_style)
        captions += [Caption(number, *span, text) for span in spans if text]
    placed = sorted(captions, key=lambda caption: caption.first)
    _check_crowd(placed, edit.fps)
    is_idle = spec.captions == () and spec.caption_style != ClipCaptionStyle()
    return Placed(tuple(placed), outside, len(sheet.cues), sheet.times, is_idle)


def find_frames(start: float, end: float, times: Times, edit: Edit) -> list[tuple[int, int]]:
    """Return the spans of frames, `(first, end)`, in which a clip shows what has a span of time.

    A frame shows it if it begins within that time; what is shorter has one frame. No other function
    turns times of captions into frames.

    Args:
        start: in seconds.
        end: in seconds.
        times: what these count from.
        edit: the frames of the clip.
    """
    if times is Times.SOURCE:
        return edit.find_frames(start, end)
    first = count_frames(start, 1 / edit.fps)
    last = max(count_frames(end, 1 / edit.fps), first + 1)
    return [(first, min(last, edit.frames))] if first < edit.frames else []


def spell_text(text: str, style: SpokenStyle) -> str:
    """Return the text of a caption or of a word as it is drawn."""
    return clean_text(text.upper() if style.uppercase else text)


def count_at_once(captions: Sequence[Caption]) -> list[int]:
    """Return for each caption, with how many it is seen at the same moment, at most.

    Args:
        captions: by their first frame.
    """
    most = [1] * len(captions)
    seen: list[int] = []
    for number, caption in enumerate(captions):
        seen = [other for other in seen if captions[other].end > caption.first] + [number]
        for other in seen:
            most[other] = max(most[other], len(seen))
    return most


def merge_captions(captions: Sequence[Caption]) -> Iterator[tuple[int, int, str]]:
    """Yield `(first frame, end, text)` of all that is seen, for what can show one text at a time.

    Args:
        captions: by their first frame.
    """
    edges = sorted({edge for each in captions for edge in (each.first, each.end)})
    shown: list[Caption] = []
    number = 0
    for first, end in pairwise(edges):
        shown = [each for each in shown if each.end > first]
        while number < len(captions) and captions[number].first <= first:
            shown.append(captions[number])
            number += 1
        if shown:
            yield first, end, "\n".join(each.text for each in shown)


def _check_crowd(captions: Sequence[Caption], fps: Fraction) -> None:
    seen: list[Caption] = []
    for caption in captions:
        seen = [other for other in seen if other.end > caption.first] + [caption]
        if len(seen) > MAX_CUES_AT_ONCE:
            raise InvalidSpecError(
                f"captions: more than {MAX_CUES_AT_ONCE} are shown at the same moment, "
                f"{float(caption.first / fps):.2f} seconds into the clip: remove some.",
                "captions",
            )
