"""The area around a picture that does not fill the frame: a colour or its dark, blurred copy."""

from __future__ import annotations

from av.video.frame import VideoFrame
from PIL import Image, ImageEnhance, ImageFilter

from reelqueue.planning.framing import Size, center, crop
from reelqueue.render.frames.yuv import paste_picture, to_picture
from reelqueue.specs.photo import Fit

_BLUR_SIDE = 64  # pixels of the blurred copy's longer side; enlarging it adds no visible error
_BLUR_BRIGHTNESS = 0.6


def put_on_backdrop(
    picture: Image.Image, size: Size, fit: Fit, color: str | None = None
) -> Image.Image:
    """Return an RGB frame of `size` with a picture in its centre.

    Args:
        picture: RGB, not larger than the frame.
        size: `(width, height)` of the frame in pixels.
        fit: `blur` fills the bars with a dark, blurred copy of the picture, others with black.
        color: colour of the bars, in place of both.
    """
    if picture.size == size:
        return picture
    canvas = Image.new("RGB", size, color or "black")
    left, top = center(picture.size, size)
    canvas.paste(picture, (left, top))
    if fit is Fit.BLUR and color is None:
        right, bottom = left + picture.width, top + picture.height
        blurred = _make_blurred_copy(picture, size)
        for bar in (
            (0, 0, left, size[1]),
            (right, 0, size[0], size[1]),
            (left, 0, right, top),
            (left, bottom, right, size[1]),
        ):
            _fill_bar(canvas, bar, blurred)
    return canvas


def draw_on_backdrop(
    picture: Image.Image, inner: Size, size: Size, fit: Fit, color: str | None = None
) -> VideoFrame:
    """Return what `put_on_backdrop` makes of a picture that is scaled to `inner`, in YUV 4:2:0.

    The sides of `inner` and `size` are even.
    """
    scaled = to_picture(picture, inner)
    if inner == size:
        return scaled
    is_blurred = fit is Fit.BLUR and color is None
    behind = (
        _make_blurred_copy(picture, size)
        if is_blurred
        else Image.new("RGB", (_BLUR_SIDE, _BLUR_SIDE), color or "black")
    )
    frame = to_picture(behind, size)
    left, top = center(inner, size)
    paste_picture(scaled, frame, (left, top, left + inner[0], top + inner[1]))
    return frame


def _make_blurred_copy(picture: Image.Image, size: Size) -> Image.Image:
    """Return a small, dark, blurred copy of a picture, cropped to the shape of `size`."""
    scale = _BLUR_SIDE / max(size)
    small = max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)
    box = crop(picture.size, size, (0.5, 0.5))
    soft = picture.resize(small, Image.Resampling.BICUBIC, box=box, reducing_gap=2.0)
    soft = soft.filter(ImageFilter.GaussianBlur(_BLUR_SIDE / 24))
    return ImageEnhance.Brightness(soft).enhance(_BLUR_BRIGHTNESS)


def _fill_bar(canvas: Image.Image, bar: tuple[int, int, int, int], small: Image.Image) -> None:
    """Fill one bar of a canvas with its part of a small picture that is scaled to all of it.

    Args:
        canvas: the frame to draw into.
        bar: left, top, right and bottom in pixels.
        small: the picture, of the same shape as the canvas.
    """
    left, top, right, bottom = bar
    if left == right or top == bottom:
        return
    across, down = small.width / canvas.width, small.height / canvas.height
    box = (left * across, top * down, right * across, bottom * down)
    size = (right - left, bottom - top)
    canvas.paste(small.resize(size, Image.Resampling.BICUBIC, box=box), (left, top))
