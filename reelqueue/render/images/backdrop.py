"""What is seen around a picture that does not fill the frame: a colour, or its own dark blur."""

from __future__ import annotations

from PIL import Image, ImageEnhance, ImageFilter

from reelqueue.planning.framing import Size, crop
from reelqueue.specs.slideshow import Fit

_BLUR_SIDE = 64  # pixels of the blurred background before it is enlarged: detail that nobody sees
_BLUR_BRIGHTNESS = 0.6


def put_on_backdrop(
    picture: Image.Image, size: Size, fit: Fit, color: str | None = None
) -> Image.Image:
    """Return a picture in the middle of `size`, on its own blurred self or on black.

    Args:
        color: what is around it instead.
    """
    if picture.size == size:
        return picture
    canvas = Image.new("RGB", size, color or "black")
    left, top = (size[0] - picture.width) // 2, (size[1] - picture.height) // 2
    canvas.paste(picture, (left, top))
    if fit is Fit.BLUR and color is None:
        right, bottom = left + picture.width, top + picture.height
        blurred = _blur(picture, size)
        for bar in (
            (0, 0, left, size[1]),
            (right, 0, size[0], size[1]),
            (left, 0, right, top),
            (left, bottom, right, size[1]),
        ):
            _fill_bar(canvas, bar, blurred)
    return canvas


def _blur(picture: Image.Image, size: Size) -> Image.Image:
    """Return a dark blur of a picture in the shape of `size`, in a few pixels."""
    scale = _BLUR_SIDE / max(size)
    small = max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)
    box = crop(picture.size, size, (0.5, 0.5))
    soft = picture.resize(small, Image.Resampling.BICUBIC, box=box, reducing_gap=2.0)
    soft = soft.filter(ImageFilter.GaussianBlur(_BLUR_SIDE / 24))
    return ImageEnhance.Brightness(soft).enhance(_BLUR_BRIGHTNESS)


def _fill_bar(canvas: Image.Image, bar: tuple[int, int, int, int], small: Image.Image) -> None:
    """Draw the part of a small picture, scaled to the whole canvas, that falls into a bar."""
    left, top, right, bottom = bar
    if left == right or top == bottom:
        return
    across, down = small.width / canvas.width, small.height / canvas.height
    box = (left * across, top * down, right * across, bottom * down)
    size = (right - left, bottom - top)
    canvas.paste(small.resize(size, Image.Resampling.BICUBIC, box=box), (left, top))
