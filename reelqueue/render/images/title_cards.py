"""Title cards: a title on a colour, or on the dark, blurred photo next to the card."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageEnhance, ImageFilter

from reelqueue.planning.framing import Size
from reelqueue.render.images.captions import find_font_size, find_safe_area
from reelqueue.render.images.text import draw_block, measure_text, measure_title
from reelqueue.specs.text import TitleCard
from reelqueue.text.line_breaking import LINE_HEIGHT, SMALLEST_FONT_SIZE, Block, fit_text

_BACKDROP_SIDE = 128  # pixels of the blurred photo's longer side; more makes no difference
_BLUR = 5
_BRIGHTNESS = 0.42
_TITLE_SCALE, _SUBTITLE_SCALE = 2.3, 1.0  # font sizes, relative to a medium caption
_HIGHEST = 0.6, 0.25  # of title and subtitle, as parts of the safe area's height
_GAP = 0.5  # between title and subtitle, as a part of the subtitle's font size


def find_backdrop_size(size: Size) -> Size:
    """Return the small `(width, height)` in which `draw_card` needs the photo behind a card."""
    scale = min(_BACKDROP_SIDE / max(size), 1)
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def draw_card(card: TitleCard, size: Size, photo: Image.Image | None) -> Image.Image:
    """Return a title card as an RGB image of `size=(width, height)`, without its text.

    Args:
        card: its background colour.
        size: of the frame in pixels.
        photo: the photo behind the text, small; used if the card has no background colour.
    """
    if card.background or photo is None:
        return Image.new("RGB", size, card.background or "black")
    soft = photo.filter(ImageFilter.GaussianBlur(_BLUR))
    return ImageEnhance.Brightness(soft.resize(size, Image.Resampling.BICUBIC)).enhance(_BRIGHTNESS)


def write_card(card: TitleCard, canvas: Image.Image) -> range:
    """Draw the text of a title card into its picture, in place, and return the rows that it covers.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    size = canvas.size
    left, top, right, bottom = find_safe_area(size)
    safe = right - left, bottom - top
    blocks = [_fit_block(card.text, _TITLE_SCALE, _HIGHEST[0], safe, size, measure_title)]
    if card.subtitle:
        wanted = _SUBTITLE_SCALE, _HIGHEST[1]
        blocks.append(_fit_block(card.subtitle, *wanted, safe, size, measure_text))
    heights = [round(len(block.lines) * block.size * LINE_HEIGHT) for block in blocks]
    gap = round(blocks[-1].size * _GAP) if len(blocks) > 1 else 0
    y = highest = top + max((safe[1] - sum(heights) - gap) // 2, 0)
    for number, (block, height) in enumerate(zip(blocks, heights, strict=True)):
        stroke = max(round(block.size / 28), 1)
        box = safe[0], min(height, bottom - y)
        text = draw_block(block, box, stroke=stroke, is_title=number == 0)
        canvas.paste(text, (left, y), text)
        y += height + gap
    return range(highest, y - gap)


def _fit_block(
    text: str,
    scale: float,
    height: float,
    safe: Size,
    size: Size,
    measure: Callable[[str, int], float],
) -> Block:
    wanted = max(round(find_font_size(size) * scale), SMALLEST_FONT_SIZE)
    return fit_text(
        text,
        safe[0],
        safe[1] * height,
        (wanted, max(wanted // 2, SMALLEST_FONT_SIZE)),
        measure,
    )
