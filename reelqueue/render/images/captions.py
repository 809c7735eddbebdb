"""Captions as small transparent images that are pasted into frames.

An overlay is as large as its caption, not as the frame, so that pasting it is cheap. Captions of
any length stay within the safe area.
"""

from __future__ import annotations

from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFilter

from reelqueue.planning.framing import Size
from reelqueue.render.images.contrast import LIGHT, RGB, choose_box, choose_opposite
from reelqueue.render.images.text import Colors, draw_block, measure_line, measure_text
from reelqueue.specs.text import Backing, CaptionStyle, LetterSize, Position
from reelqueue.text.line_breaking import LINE_HEIGHT, SMALLEST_FONT_SIZE, Block, fit_text

MARGIN = 0.05  # of each side of the frame; the rest is the safe area for text (EBU R 95)
_HIGHEST = 0.45  # the tallest caption, as a part of the frame's height
SCALES = {LetterSize.SMALL: 0.75, LetterSize.MEDIUM: 1.0, LetterSize.LARGE: 1.4}
_PADDING = 0.5  # around the text, as a part of the font size
_RADIUS = 0.3  # of a box's corners, as a part of the font size

RGBA = tuple[int, int, int, int]
Corners = tuple[int, int, int, int]
"""`(left, top, right, bottom)` in pixels."""


class Overlay(NamedTuple):
    """An RGBA image and the position of its upper left corner in the frame, in pixels.

    Position and size are even, because a chroma sample covers two by two pixels.
    """

    image: Image.Image
    left: int
    top: int


def find_safe_area(size: Size) -> tuple[int, int, int, int]:
    """Return the safe area for text as `(left, top, right, bottom)` in pixels of a frame."""
    across, down = (-(-round(side * MARGIN) // 2) * 2 for side in size)
    return across, down, size[0] - across, size[1] - down


def find_clip_area(size: Size) -> tuple[int, int, int, int]:
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


def draw_caption(text: str, style: CaptionStyle, size: Size) -> Overlay:
    """Draw a caption for frames of `size=(width, height)`.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    left, top, right, bottom = find_safe_area(size)
    wanted = max(round(find_font_size(size) * SCALES[style.size]), SMALLEST_FONT_SIZE)
    limit = right - left, round(size[1] * _HIGHEST)
    picture = draw_words(text, wanted, limit, style.backing, padding=_PADDING)
    lowest = bottom - top - picture.height
    down = {Position.TOP: 0, Position.MIDDLE: lowest // 4 * 2, Position.BOTTOM: lowest}
    corner = left + (right - left - picture.width) // 4 * 2, top + down[style.position]
    return Overlay(picture, *corner)


def draw_words(
    text: str, wanted: int, limit: Size, backing: Backing, *, padding: float, color: RGB = LIGHT
) -> Image.Image:
    """Return a text as an RGBA image with even sides, in lines that are centred.

    Args:
        text: its own line breaks are kept.
        wanted: the font size in pixels; down to half of it if the text does not fit.
        limit: the largest `(width, height)` of the image.
        backing: what keeps the words readable.
        padding: around the words, as a part of the font size.
        color: of the letters.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    around = round(wanted * padding)
    available = limit[0] - 2 * around, limit[1] - around
    block = fit_text(text, *available, (wanted, max(wanted // 2, SMALLEST_FONT_SIZE)), measure_text)
    return _draw_with_backing(block, _find_box(block, around, limit), backing, color)


def paste_overlay(picture: Image.Image, overlay: Overlay) -> None:
    """Draw an overlay into an RGB image, in place."""
    picture.paste(overlay.image, (overlay.left, overlay.top), overlay.image)


def find_font_size(size: Size) -> float:
    """Return the font size of a medium caption in a frame of `size`, in pixels."""
    return min(size[1] / 18, size[0] / 14)


def draw_box(canvas: Image.Image, corners: Corners, size: int, color: RGBA) -> None:
    """Draw a rounded box for letters of a font size into an RGBA image, in place."""
    left, top, right, bottom = corners
    if left < right and top < bottom:  # a frame can be too small for any
        inside = (left, top, right - 1, bottom - 1)
        ImageDraw.Draw(canvas).rounded_rectangle(inside, round(size * _RADIUS), fill=color)


def draw_shadow(shape: Image.Image, size: int, color: RGB) -> Image.Image:
    """Return a soft shadow around letters of a font size, as RGBA.

    Args:
        shape: the letters, as an image with one channel.
        size: the font size in pixels.
        color: of the shadow.
    """
    near = shape.filter(ImageFilter.GaussianBlur(max(size / 20, 0.6)))
    far = shape.filter(ImageFilter.GaussianBlur(size / 6))
    shadow = Image.new("RGBA", shape.size, (*color, 0))
    shadow.putalpha(Image.blend(near, far, 0.4).point(lambda level: min(round(level * 2.4), 230)))
    return shadow


def find_stroke(size: int) -> int:
    """Return the width in pixels of the outline of letters of a font size."""
    return max(round(size / 14), 1)


def _find_box(block: Block, padding: int, limit: Size) -> Size:
    width = max(measure_line(line, block.size) for line in block.lines) + 2 * padding
    height = len(block.lines) * block.size * LINE_HEIGHT + padding
    return _to_even(width, limit[0]), _to_even(height, limit[1])


def _to_even(side: float, limit: int) -> int:
    return min(-int(-side // 2) * 2, limit // 2 * 2)


def _draw_with_backing(block: Block, box: Size, backing: Backing, color: RGB) -> Image.Image:
    colors = Colors(color, choose_opposite(color))
    if backing is Backing.OUTLINE:
        return draw_block(block, box, stroke=find_stroke(block.size), colors=colors)
    letters = draw_block(block, box, colors=colors)
    behind = choose_box(color)
    if backing is Backing.BOX:
        canvas = Image.new("RGBA", box)
        draw_box(canvas, (0, 0, *box), block.size, behind)
    else:
        canvas = draw_shadow(letters.getchannel("A"), block.size, behind[:3])
    canvas.alpha_composite(letters)
    return canvas
