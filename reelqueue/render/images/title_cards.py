"""Title cards: a title on a colour, or on the dark, blurred photo next to the card."""

from __future__ import annotations

from PIL import Image, ImageEnhance, ImageFilter

from reelqueue.planning.framing import Size
from reelqueue.render.images.text import draw_block, measure_text, measure_title
from reelqueue.specs.text import PlainCard
from reelqueue.text.layout import lay_out_card

_BACKDROP_SIDE = 128  # pixels of the blurred photo's longer side; more makes no difference
_BLUR = 5
_BRIGHTNESS = 0.42


def find_backdrop_size(size: Size) -> Size:
    """Return the small `(width, height)` in which `draw_card` needs the photo behind a card."""
    scale = min(_BACKDROP_SIDE / max(size), 1)
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def draw_card(card: PlainCard, size: Size, photo: Image.Image | None) -> Image.Image:
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


def write_card(card: PlainCard, canvas: Image.Image) -> range:
    """Draw the text of a title card into its picture, in place, and return the rows that it covers.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    boxes = lay_out_card(card, canvas.size, measure_title, measure_text)
    for number, box in enumerate(boxes):
        stroke = max(round(box.block.size / 28), 1)
        size = box.width, box.height
        text = draw_block(box.block, size, stroke=stroke, is_title=number == 0)
        canvas.paste(text, (box.left, box.top), text)
    return range(boxes[0].top, boxes[-1].top + boxes[-1].height)
