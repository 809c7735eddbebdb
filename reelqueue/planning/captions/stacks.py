"""Whole captions of a clip in their places: what is seen in their area, from which frame on.

Captions that are seen at the same moment stand above each other, the earlier one below, and at the
top of the frame the other way round. Each keeps its place, unless there is no other room for the
next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reelqueue.planning.captions.cues import Caption, count_at_once
from reelqueue.planning.framing import Size
from reelqueue.specs.clips.captions import ClipCaptionStyle, ClipPosition
from reelqueue.specs.text import Backing
from reelqueue.text.layout import SCALES, find_clip_area, find_font_size, fit_words
from reelqueue.text.line_breaking import SMALLEST_FONT_SIZE, Block, Measure

_HIGHEST = 0.45  # the tallest caption, as a part of the frame's height
_PADDING = {Backing.OUTLINE: 0.2, Backing.SHADOW: 0.5, Backing.BOX: 0.5}
"""Around the words, as a part of the font size: room for what is behind them."""


class Stacked(NamedTuple):
    """A caption in its place: its lines, in a box of that size; `top` is in pixels of the area."""

    caption: Caption
    block: Block
    box: Size
    top: int

    @property
    def bottom(self) -> int:
        """Where the box ends, in pixels of the area."""
        return self.top + self.box[1]


def stack_captions(
    captions: Sequence[Caption], style: ClipCaptionStyle, size: Size, measure: Measure
) -> Iterator[tuple[int, list[Stacked]]]:
    """Yield what is seen in the area for captions: `(first frame, captions)`, from frame 0 on.

    Args:
        captions: by their first frame.
        style: how they look, and where they stand in the area.
        size: `(width, height)` of the clip in pixels; `find_clip_area` has the area.
        measure: returns the width of a text at a font size.
    """
    left, top, right, bottom = find_clip_area(size)
    area = right - left, bottom - top
    counts = count_at_once(captions)
    shown: list[Stacked] = []
    frame = number = 0
    while True:
        shown = [each for each in shown if each.caption.end > frame]
        while number < len(captions) and captions[number].first <= frame:
            highest = min(round(size[1] * _HIGHEST), area[1] // counts[number])
            new = _fit_caption(captions[number], style, size, (area[0], highest), measure)
            shown = _place(shown, new, area[1], style.position)
            number += 1
        yield frame, _turn(shown, area[1], style.position)
        changes = [each.caption.end for each in shown]
        changes += [each.first for each in captions[number:][:1]]
        if not changes:
            return
        frame = min(changes)


def _fit_caption(
    caption: Caption, style: ClipCaptionStyle, size: Size, limit: Size, measure: Measure
) -> Stacked:
    wanted = max(round(find_font_size(size) * SCALES[style.size]), SMALLEST_FONT_SIZE)
    block, box = fit_words(caption.text, wanted, limit, _PADDING[style.backing], measure)
    return Stacked(caption, block, box, 0)


def _place(
    shown: Sequence[Stacked], new: Stacked, height: int, position: ClipPosition
) -> list[Stacked]:
    """Add a caption to those that are seen, in an area of that height."""
    bottom = (height + new.box[1]) // 2 if position is ClipPosition.MIDDLE else height
    top = _find_top(shown, new.box[1], bottom)
    if top >= 0:
        return [*shown, new._replace(top=top)]
    stack: list[Stacked] = []
    for old in [*shown, new]:
        stack.append(old._replace(top=max(_find_top(stack, old.box[1], height), 0)))
    return stack


def _find_top(shown: Sequence[Stacked], height: int, bottom: int) -> int:
    """Return the lowest free place for a box of that height; negative if there is none."""
    for other in sorted(shown, key=lambda each: -each.top):
        if bottom - height >= other.bottom:
            break
        bottom = min(bottom, other.top)
    return bottom - height


def _turn(shown: Sequence[Stacked], height: int, position: ClipPosition) -> list[Stacked]:
    """Return what is seen; at the top, the stack stands on its head."""
    if position is not ClipPosition.TOP:
        return list(shown)
    return [each._replace(top=height - each.bottom) for each in shown]
