"""Title cards: words on a colour, or on the photo beside them, dark and blurred."""

from __future__ import annotations

from PIL import Image, ImageEnhance, ImageFilter

from reelqueue.planning.framing import Size
from reelqueue.render.images.captions import find_base_size, find_safe_area
from reelqueue.render.images.text import draw_block, measure_text
from reelqueue.specs.text import TitleCard
from reelqueue.text.line_breaking import LINE_HEIGHT, SMALLEST, Block, fit_text

BACKDROP_SIDE = 128  # pixels of a blurred photo's longer side: more would not be seen
_BLUR = 5
_BRIGHTNESS = 0.42
_TITLE, _SUBTITLE = 2.3, 1.0  # sizes, in those of a medium caption
_HIGHEST = 0.6, 0.25  # of the safe area
_GAP = 0.5  # between title and subtitle, in the subtitle's letters


def find_backdrop_size(size: Size) -> Size:
    """Return the few pixels that the photo behind a card is needed in."""
    scale = min(BACKDROP_SIDE / max(size), 1)
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def draw_card(card: TitleCard, size: Size, photo: Image.Image | None) -> Image.Image:
    """Return a card as RGB of `size`.

    Args:
        photo: what shows behind the words, small, where the card has no colour.

    Raises:
        InvalidSpecError: if no font has one of its characters.
    """
    canvas = _draw_backdrop(card, size, photo)
    left, top, right, bottom = find_safe_area(size)
    safe = right - left, bottom - top
    blocks = [_fit(card.text, _TITLE, _HIGHEST[0], safe, size)]
    if card.subtitle:
        blocks.append(_fit(card.subtitle, _SUBTITLE, _HIGHEST[1], safe, size))
    heights = [round(len(block.lines) * block.size * LINE_HEIGHT) for block in blocks]
    gap = round(blocks[-1].size * _GAP) if len(blocks) > 1 else 0
    y = top + max((safe[1] - sum(heights) - gap) // 2, 0)
    for block, height in zip(blocks, heights, strict=True):
        stroke = max(round(block.size / 28), 1)
        words = draw_block(block, (safe[0], min(height, bottom - y)), stroke=stroke)
        canvas.paste(words, (left, y), words)
        y += height + gap
    return canvas


def _fit(text: str, scale: float, part: float, safe: Size, size: Size) -> Block:
    wanted = max(round(find_base_size(size) * scale), SMALLEST)
    return fit_text(
        text, safe[0], safe[1] * part, (wanted, max(wanted // 2, SMALLEST)), measure_text
    )


def _draw_backdrop(card: TitleCard, size: Size, photo: Image.Image | None) -> Image.Image:
    if card.background or photo is None:
        return Image.new("RGB", size, card.background or "black")
    soft = photo.filter(ImageFilter.GaussianBlur(_BLUR))
    return ImageEnhance.Brightness(soft.resize(size, Image.Resampling.BICUBIC)).enhance(_BRIGHTNESS)
