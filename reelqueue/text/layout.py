"""Where captions and title cards stand in a frame: lines, font size and box, before any is drawn.

Sizes are `(width, height)` in pixels. What measures a text is handed in: drawing asks the fonts as
it opens them, and a dry run `widths`, which opens no image library.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from reelqueue.specs.text import CaptionStyle, LetterSize, PlainCard, Position
from reelqueue.text.line_breaking import LINE_HEIGHT, SMALLEST_FONT_SIZE, Block, Measure, fit_text

MARGIN = 0.05  # of each side of the frame; the rest is the safe area for text (EBU R 95)
SCALES = {LetterSize.SMALL: 0.75, LetterSize.MEDIUM: 1.0, LetterSize.LARGE: 1.4}
_HIGHEST = 0.45  # the tallest caption, as a part of the frame's height
_PADDING = 0.5  # around a caption's text, as a part of the font size
_ASCENT = 1.02  # from the top of a line to its baseline, as a part of the font size
_TITLE_SCALE, _SUBTITLE_SCALE = 2.3, 1.0  # font sizes, relative to a medium caption
_HIGHEST_OF_CARD = 0.6, 0.25  # of title and subtitle, as parts of the safe area's height
_GAP = 0.5  # between title and subtitle, as a part of the subtitle's font size

Size = tuple[int, int]
Corners = tuple[int, int, int, int]
"""`(left, top, right, bottom)` in pixels."""


class TextBox(NamedTuple):
    """Lines of text that are centred in a box, and the box's place in the frame, in pixels."""

    block: Block
    left: int
    top: int
    width: int
    height: int


def find_safe_area(size: Size) -> Corners:
    """Return the safe area for text as `(left, top, right, bottom)` in pixels of a frame."""
    across, down = (-(-round(side * MARGIN) // 2) * 2 for side in size)
    return across, down, size[0] - across, size[1] - down


def find_clip_area(size: Size) -> Corners:
    """Return the area for captions of a clip as `(left, top, right, bottom)` in pixels.

    Of an upright clip it leaves out what the buttons and names of phone apps cover: the top 14 %,
    the bottom 20 %, and on both sides, so that it stays in the middle, the rail of 120 of 1080
    pixels on the right (the safe zones of Instagram, TikTok and YouTube Shorts).
    """
    width, height = size
    sides, above, below = (0.115, 0.14, 0.2) if height > width * 1.5 else (0.06, 0.06, 0.08)
    left, top, bottom = (
        -(-round(length) // 2) * 2 for length in (width * sides, height * above, height * below)
    )
    return left, top, width - left, height - bottom


def find_font_size(size: Size) -> float:
    """Return the font size of a medium caption in a frame of `size`, in pixels."""
    return min(size[1] / 18, size[0] / 14)


def find_baselines(block: Block, height: float) -> Iterator[float]:
    """Yield how far below the top of a box of `height` the baseline of each line is, in pixels."""
    step = block.size * LINE_HEIGHT
    top = (height - step * len(block.lines)) / 2
    for number in range(len(block.lines)):
        yield top + number * step + block.size * (_ASCENT + (LINE_HEIGHT - 1.25) / 2)


def lay_out_caption(text: str, style: CaptionStyle, size: Size, measure: Measure) -> TextBox:
    """Return where a caption stands in frames of `size`.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    left, top, right, bottom = find_safe_area(size)
    wanted = max(round(find_font_size(size) * SCALES[style.size]), SMALLEST_FONT_SIZE)
    limit = right - left, round(size[1] * _HIGHEST)
    block, (width, height) = fit_words(text, wanted, limit, _PADDING, measure)
    lowest = bottom - top - height
    down = {Position.TOP: 0, Position.MIDDLE: lowest // 4 * 2, Position.BOTTOM: lowest}
    across = (right - left - width) // 4 * 2
    return TextBox(block, left + across, top + down[style.position], width, height)


def fit_words(
    text: str, wanted: int, limit: Size, padding: float, measure: Measure
) -> tuple[Block, Size]:
    """Return the lines of a text, and the even size of the box around them.

    Args:
        text: its own line breaks are kept.
        wanted: the font size in pixels; down to half of it if the text does not fit.
        limit: the largest `(width, height)` of the box.
        padding: around the words, as a part of the font size.
        measure: returns the width of a text at a font size.
    """
    around = round(wanted * padding)
    available = limit[0] - 2 * around, limit[1] - around
    block = fit_text(text, *available, (wanted, max(wanted // 2, SMALLEST_FONT_SIZE)), measure)
    width = max(measure(line.text, block.size) for line in block.lines) + 2 * around
    height = len(block.lines) * block.size * LINE_HEIGHT + around
    return block, (_to_even(width, limit[0]), _to_even(height, limit[1]))


def lay_out_card(
    card: PlainCard, size: Size, measure_title: Measure, measure: Measure
) -> list[TextBox]:
    """Return where the title of a card stands in frames of `size`, and its subtitle if it has one.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    left, top, right, bottom = find_safe_area(size)
    safe = right - left, bottom - top
    blocks = [_fit_block(card.text, _TITLE_SCALE, _HIGHEST_OF_CARD[0], safe, size, measure_title)]
    if card.subtitle:
        wanted = _SUBTITLE_SCALE, _HIGHEST_OF_CARD[1]
        blocks.append(_fit_block(card.subtitle, *wanted, safe, size, measure))
    heights = [round(len(block.lines) * block.size * LINE_HEIGHT) for block in blocks]
    gap = round(blocks[-1].size * _GAP) if len(blocks) > 1 else 0
    y = top + max((safe[1] - sum(heights) - gap) // 2, 0)
    boxes = []
    for block, height in zip(blocks, heights, strict=True):
        boxes.append(TextBox(block, left, y, safe[0], min(height, bottom - y)))
        y += height + gap
    return boxes


def _to_even(side: float, limit: int) -> int:
    return min(-int(-side // 2) * 2, limit // 2 * 2)


def _fit_block(
    text: str, scale: float, height: float, safe: Size, size: Size, measure: Measure
) -> Block:
    wanted = max(round(find_font_size(size) * scale), SMALLEST_FONT_SIZE)
    sizes = wanted, max(wanted // 2, SMALLEST_FONT_SIZE)
    return fit_text(text, safe[0], safe[1] * height, sizes, measure)
