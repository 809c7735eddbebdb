"""The captions of a clip as pictures: what is seen in their area, from which frame on.

Captions that are seen at the same moment stand above each other, the earlier one below, and at the
top of the frame the other way round. Each keeps its place, unless there is no other room for the
next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PIL import Image

from reelqueue.planning.captions.cues import Caption, count_at_once
from reelqueue.planning.framing import Size
from reelqueue.render.images.captions import SCALES, draw_words, find_clip_area, find_font_size
from reelqueue.render.images.contrast import from_hex
from reelqueue.specs.clips.captions import ClipCaptionStyle
from reelqueue.specs.text import Backing, Position
from reelqueue.text.line_breaking import SMALLEST_FONT_SIZE

_HIGHEST = 0.45  # the tallest caption, as a part of the frame's height
_PADDING = {Backing.OUTLINE: 0.2, Backing.SHADOW: 0.5, Backing.BOX: 0.5}
"""Around the words, as a part of the font size: room for what is behind them."""


class _Shown(NamedTuple):
    """A caption that is seen until a frame; `top` is in pixels of the area."""

    picture: Image.Image
    end: int
    top: int

    @property
    def bottom(self) -> int:
        return self.top + self.picture.height


def draw_stacks(
    captions: Sequence[Caption], style: ClipCaptionStyle, size: Size
) -> Iterator[tuple[int, Image.Image]]:
    """Yield what is seen in the area for captions: `(first frame, RGBA image)`, from frame 0 on.

    Args:
        captions: by their first frame.
        style: how they look, and where they stand in the area.
        size: `(width, height)` of the clip in pixels; `find_clip_area` has the area.
    """
    left, top, right, bottom = find_clip_area(size)
    area = right - left, bottom - top
    counts = count_at_once(captions)
    shown: list[_Shown] = []
    frame = number = 0
    while True:
        shown = [each for each in shown if each.end > frame]
        while number < len(captions) and captions[number].first <= frame:
            highest = min(round(size[1] * _HIGHEST), area[1] // counts[number])
            picture = _draw_caption(captions[number].text, style, size, (area[0], highest))
            shown = _place(shown, picture, captions[number].end, area[1], style.position)
            number += 1
        yield frame, _draw_stack(shown, area, style.position)
        changes = [each.end for each in shown] + [each.first for each in captions[number:][:1]]
        if not changes:
            return
        frame = min(changes)


def _draw_caption(text: str, style: ClipCaptionStyle, size: Size, limit: Size) -> Image.Image:
    wanted = max(round(find_font_size(size) * SCALES[style.size]), SMALLEST_FONT_SIZE)
    color = from_hex(style.color)
    return draw_words(
        text, wanted, limit, style.backing, padding=_PADDING[style.backing], color=color
    )


def _place(
    shown: Sequence[_Shown], picture: Image.Image, end: int, height: int, position: Position
) -> list[_Shown]:
    """Add a caption to those that are seen, in an area of that height."""
    is_middle = position is Position.MIDDLE
    bottom = (height + picture.height) // 2 if is_middle else height
    top = _find_top(shown, picture.height, bottom)
    if top >= 0:
        return [*shown, _Shown(picture, end, top)]
    stack: list[_Shown] = []
    for old in [*shown, _Shown(picture, end, 0)]:
        stack.append(old._replace(top=max(_find_top(stack, old.picture.height, height), 0)))
    return stack


def _find_top(shown: Sequence[_Shown], height: int, bottom: int) -> int:
    """Return the lowest free place for a picture of that height; negative if there is none."""
    for other in sorted(shown, key=lambda each: -each.top):
        if bottom - height >= other.bottom:
            break
        bottom = min(bottom, other.top)
    return bottom - height


def _draw_stack(shown: Sequence[_Shown], area: Size, position: Position) -> Image.Image:
    """Draw what is seen; at the top, the stack stands on its head."""
    canvas = Image.new("RGBA", area)
    for each in shown:
        top = area[1] - each.bottom if position is Position.TOP else each.top
        canvas.alpha_composite(each.picture, ((area[0] - each.picture.width) // 2, top))
    return canvas
