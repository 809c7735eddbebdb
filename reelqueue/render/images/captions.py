"""Captions as small transparent pictures that are laid over a photo's picture.

An overlay covers its own box alone, so that laying it costs what the words take, not the frame; it
can be laid over any frame of that size. Words stay within the safe area, whatever they say.
"""

from __future__ import annotations

from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFilter

from reelqueue.planning.framing import Size
from reelqueue.render.images.text import draw_block, measure_line, measure_text
from reelqueue.specs.text import Backing, CaptionStyle, LetterSize, Position
from reelqueue.text.line_breaking import LINE_HEIGHT, SMALLEST, Block, fit_text

MARGIN = 0.05  # of each side: the safe area for words (EBU R 95)
_HIGHEST = 0.45  # of the frame's height
_SIZES = {LetterSize.SMALL: 0.75, LetterSize.MEDIUM: 1.0, LetterSize.LARGE: 1.4}
_PADDING = 0.5  # of the letters' size
_DARK = (12, 12, 16)
_BOX_OPACITY = 168  # white on it stays 5 times as light as what is behind, whatever that is


class Overlay(NamedTuple):
    """Words as RGBA, and where their upper left corner lies; all of it even, as chroma is."""

    image: Image.Image
    left: int
    top: int


def find_safe_area(size: Size) -> tuple[int, int, int, int]:
    """Return the box (left, top, right, bottom) that words never leave."""
    across, down = (-(-round(side * MARGIN) // 2) * 2 for side in size)
    return across, down, size[0] - across, size[1] - down


def draw_caption(text: str, style: CaptionStyle, size: Size) -> Overlay:
    """Return the overlay of a caption for frames of `size`.

    Raises:
        InvalidSpecError: if no font has one of its characters.
    """
    left, top, right, bottom = find_safe_area(size)
    wanted = max(round(find_base_size(size) * _SIZES[style.size]), SMALLEST)
    padding = round(wanted * _PADDING)
    inner = right - left - 2 * padding, round(size[1] * _HIGHEST) - padding
    block = fit_text(text, *inner, (wanted, max(wanted // 2, SMALLEST)), measure_text)
    box = _find_box(block, padding, (right - left, bottom - top))
    lowest = bottom - top - box[1]
    down = {Position.TOP: 0, Position.MIDDLE: lowest // 4 * 2, Position.BOTTOM: lowest}
    place = left + (right - left - box[0]) // 4 * 2, top + down[style.position]
    return Overlay(_draw_backed(block, box, style.backing), *place)


def lay_over(picture: Image.Image, overlay: Overlay) -> None:
    """Draw an overlay into an RGB picture."""
    picture.paste(overlay.image, (overlay.left, overlay.top), overlay.image)


def find_base_size(size: Size) -> float:
    """Return the pixels of medium letters in a frame, wide or tall."""
    return min(size[1] / 18, size[0] / 14)


def _find_box(block: Block, padding: int, most: Size) -> Size:
    width = max(measure_line(line, block.size) for line in block.lines) + 2 * padding
    height = len(block.lines) * block.size * LINE_HEIGHT + padding
    return _to_even(width, most[0]), _to_even(height, most[1])


def _to_even(side: float, most: int) -> int:
    return min(-int(-side // 2) * 2, most // 2 * 2)


def _draw_backed(block: Block, box: Size, backing: Backing) -> Image.Image:
    if backing is Backing.OUTLINE:
        return draw_block(block, box, stroke=max(round(block.size / 14), 1))
    letters = draw_block(block, box)
    if backing is Backing.BOX:
        canvas = Image.new("RGBA", box)
        radius = round(block.size * _PADDING * 0.6)
        corner = (0, 0, box[0] - 1, box[1] - 1)
        ImageDraw.Draw(canvas).rounded_rectangle(corner, radius, fill=(*_DARK, _BOX_OPACITY))
    else:
        canvas = _draw_shadow(letters.getchannel("A"), block.size)
    canvas.alpha_composite(letters)
    return canvas


def _draw_shadow(shape: Image.Image, size: int) -> Image.Image:
    """Return a soft shadow on all sides of a shape."""
    near = shape.filter(ImageFilter.GaussianBlur(max(size / 20, 0.6)))
    far = shape.filter(ImageFilter.GaussianBlur(size / 6))
    shadow = Image.new("RGBA", shape.size, (*_DARK, 0))
    shadow.putalpha(Image.blend(near, far, 0.4).point(lambda level: min(round(level * 2.4), 230)))
    return shadow
