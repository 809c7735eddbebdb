"""Photos that move: larger than the frame, with each view interpolated between their pixels."""

from __future__ import annotations

from typing import NamedTuple

from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from PIL import Image

from reelqueue.planning.camera import Box, Move, find_box
from reelqueue.planning.framing import Size
from reelqueue.render.frames.overlays import YuvOverlay, blend_overlay, to_yuv_overlay
from reelqueue.render.frames.scaling import BorderedPlane, add_border, scale_part
from reelqueue.render.frames.yuv import copy_picture, list_images, list_planes, to_picture
from reelqueue.render.images.captions import Overlay
from reelqueue.render.images.saliency import find_focus
from reelqueue.specs.picture import Point

_BICUBIC, _BILINEAR = Image.Resampling.BICUBIC, Image.Resampling.BILINEAR
Region = tuple[int, int, int, int]
"""Left, top, right and bottom edge of a part of a frame in samples, all even."""

_KERNELS = (Interpolation.BICUBIC, Interpolation.BILINEAR, Interpolation.BILINEAR)
"""Of Y, U and V: bilinear colours look as sharp, and save time."""

_PILLOW_KERNELS = {Interpolation.BICUBIC: _BICUBIC, Interpolation.BILINEAR: _BILINEAR}


class MovingPhoto(NamedTuple):
    """A photo that moves: Y, U and V in 4:2:0, and what is needed to draw a view of it."""

    planes: tuple[BorderedPlane, ...]
    focus: Point
    caption: YuvOverlay | None = None  # which stands still over the photo

    @property
    def size(self) -> Size:
        """Its `(width, height)` in pixels."""
        height, width = self.planes[0].shape
        return width, height


def to_moving_photo(image: Image.Image, caption: Overlay | None = None) -> MovingPhoto:
    """Convert an RGB photo, and the caption that stands still over it."""
    overlay = to_yuv_overlay(caption) if caption else None
    planes = tuple(map(add_border, list_planes(to_picture(image))))
    return MovingPhoto(planes, find_focus(image), overlay)


def draw_view(photo: MovingPhoto, move: Move, number: int, size: Size) -> VideoFrame:
    """Draw frame `number`, from 0, of a span in which a photo moves.

    Args:
        size: the video's `(width, height)` in pixels.
    """
    return draw_region(photo, move, number, size, (0, 0, *size))


def draw_region(
    photo: MovingPhoto, move: Move, number: int, size: Size, region: Region
) -> VideoFrame:
    """Draw a part of a view as `draw_view` does."""
    box = find_box(move, number, photo.size, photo.focus, size)
    left, right = (_find_place(edge / size[0], box[::2]) for edge in region[::2])
    top, bottom = (_find_place(edge / size[1], box[1::2]) for edge in region[1::2])
    view = VideoFrame(region[2] - region[0], region[3] - region[1], "yuv420p")
    for drawn, canvas, plane, kernel in zip(
        list_planes(view), list_images(view), photo.planes, _KERNELS, strict=True
    ):
        scale = photo.size[0] // plane.shape[1]
        part = left / scale, top / scale, right / scale, bottom / scale
        scaled = scale_part(plane, part, canvas.size, kernel)
        if scaled is None:
            image = plane.to_image()
            canvas.paste(image.resize(canvas.size, _PILLOW_KERNELS[kernel], box=part))
        else:
            drawn[:] = scaled
    if photo.caption:
        blend_overlay(view, photo.caption, region[:2])
    return view


def _find_place(share: float, ends: tuple[float, ...]) -> float:
    return ends[0] * (1 - share) + ends[1] * share


def draw_views(
    photo: MovingPhoto, move: Move, number: int, size: Size
) -> tuple[VideoFrame, VideoFrame]:
    """Draw a view as `draw_view` does, with the photo's caption and without it."""
    plain = draw_view(photo._replace(caption=None), move, number, size)
    shown = copy_picture(plain)
    if photo.caption:
        blend_overlay(shown, photo.caption)
    return shown, plain


def resample_box(image: Image.Image, box: Box, size: Size) -> Image.Image:
    """Return a box of an image, whose edges may lie between pixels, as an image of `size`.

    Pillow computes positions in double precision and averages where it makes the image smaller. It
    releases the interpreter's lock.
    """
    return image.resize(size, _BICUBIC, box=box)
