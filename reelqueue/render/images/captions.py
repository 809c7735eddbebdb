"""Captions as small transparent images that are pasted into frames.

An overlay is as large as its caption, not as the frame, so that pasting it is cheap. Captions of
any length stay within the safe area.
"""

from __future__ import annotations

from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFilter

from reelqueue.planning.framing import Size
from reelqueue.render.images.text import Colors, draw_block, measure_text
from reelqueue.specs.text import Backing, CaptionStyle
from reelqueue.text.contrast import LIGHT, RGB, choose_box, choose_opposite
from reelqueue.text.layout import Corners, lay_out_caption
from reelqueue.text.line_breaking import Block

_RADIUS = 0.3  # of a box's corners, as a part of the font size

RGBA = tuple[int, int, int, int]


class Overlay(NamedTuple):
    """An RGBA image and the position of its upper left corner in the frame, in pixels.

    Position and size are even, because a chroma sample covers two by two pixels.
    """

    image: Image.Image
    left: int
    top: int


def draw_caption(text: str, style: CaptionStyle, size: Size) -> Overlay:
    """Draw a caption for frames of `size=(width, height)`.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    box = lay_out_caption(text, style, size, measure_text)
    picture = draw_with_backing(box.block, (box.width, box.height), style.backing, LIGHT)
    return Overlay(picture, box.left, box.top)


def draw_with_backing(block: Block, box: Size, backing: Backing, color: RGB) -> Image.Image:
    """Return lines of text, centred in a box of that size, as an RGBA image.

    Args:
        block: the lines.
        box: the even size of the image.
        backing: what keeps the words readable.
        color: of the letters.
    """
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


def paste_overlay(picture: Image.Image, overlay: Overlay) -> None:
    """Draw an overlay into an RGB image, in place."""
    picture.paste(overlay.image, (overlay.left, overlay.top), overlay.image)


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
