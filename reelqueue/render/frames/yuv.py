"""Pictures in YUV planes: BT.709, limited range, 4:2:0."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray
from PIL import Image

from reelqueue.planning.framing import Size
from reelqueue.render.frames.swscale import build_scaler, scale_frame

Plane = NDArray[np.uint8]
"""Y, U or V, shape (height, width)."""

_TO_BT709 = "in_range=full:out_range=limited:out_color_matrix=bt709"


def to_picture(image: Image.Image, size: Size | None = None) -> VideoFrame:
    """Convert an RGB image to YUV 4:2:0.

    Args:
        image: of even width and height, unless it is scaled.
        size: what it is scaled to meanwhile, `(width, height)`, both even.
    """
    graph = build_scaler(image.size, "rgb0", size or image.size, "yuv420p", _TO_BT709)
    return scale_frame(_to_frame(image), graph)


def _to_frame(image: Image.Image) -> VideoFrame:
    image.load()
    frame = VideoFrame(*image.size, "rgb0")
    shared = _share_samples(frame.planes[0], "RGBX")
    shared.im.paste(image.im, (0, 0, *image.size))  # `Image.paste` would convert a copy first
    return frame


def to_rgb(picture: VideoFrame) -> NDArray[np.uint8]:
    """Convert YUV 4:2:0 to RGB, `(height, width, 3)`."""
    converted = picture.reformat(
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.BICUBIC
        | Interpolation.ACCURATE_RND
        | Interpolation.FULL_CHR_H_INT,
    )
    return np.asarray(converted.to_ndarray(), np.uint8)


def copy_picture(picture: VideoFrame) -> VideoFrame:
    """Return a copy that can be drawn on."""
    copy = VideoFrame(picture.width, picture.height, "yuv420p")
    for copied, plane in zip(list_planes(copy), list_planes(picture), strict=True):
        copied[:] = plane
    return copy


def cut_picture(picture: VideoFrame, region: tuple[int, int, int, int]) -> VideoFrame:
    """Return a copy of a part of a picture.

    Args:
        region: its left, top, right and bottom edge in samples, all even.
    """
    left, top, right, bottom = region
    part = VideoFrame(right - left, bottom - top, "yuv420p")
    for cut, (rows, columns), plane in zip(
        list_planes(part), list_slices(region), list_planes(picture), strict=True
    ):
        cut[:] = plane[rows, columns]
    return part


def paste_picture(part: VideoFrame, picture: VideoFrame, region: tuple[int, int, int, int]) -> None:
    """Draw a part of a picture where `cut_picture` would take it from."""
    for pasted, (rows, columns), plane in zip(
        list_planes(part), list_slices(region), list_planes(picture), strict=True
    ):
        plane[rows, columns] = pasted


def list_slices(region: tuple[int, int, int, int]) -> list[tuple[slice, slice]]:
    """Return the rows and columns of a region in Y, U and V."""
    return [
        (
            slice(region[1] // scale, region[3] // scale),
            slice(region[0] // scale, region[2] // scale),
        )
        for scale in (1, 2, 2)
    ]


def draw_grey(size: tuple[int, int], grey: int) -> VideoFrame:
    """Return a picture of one grey.

    Args:
        size: `(width, height)` in pixels, both even.
        grey: the level of R, G and B, from 0 to 255.
    """
    picture = VideoFrame(*size, "yuv420p")
    for plane, value in zip(list_planes(picture), to_yuv(grey), strict=True):
        plane[:] = value
    return picture


def to_yuv(grey: int) -> tuple[int, int, int]:
    """Convert a grey, the level of R, G and B, to Y, U and V (ITU-R BT.709-6, 3.5)."""
    return 16 + round(219 * grey / 255), 128, 128


def list_planes(picture: VideoFrame) -> list[Plane]:
    """Return Y, U and V as views that leave out the padding at the end of each row."""
    return [
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[
            :, : plane.width
        ]
        for plane in picture.planes
    ]


def list_images(picture: VideoFrame) -> list[Image.Image]:
    """Return all planes as images of one channel that share their samples.

    What is pasted into them is drawn in the picture: that takes a third of the time of a copy by
    way of an array.
    """
    return [_share_samples(plane, "L") for plane in picture.planes]


def _share_samples(plane: VideoPlane, mode: str) -> Image.Image:
    size, samples = (plane.width, plane.height), np.frombuffer(memoryview(plane), np.uint8)
    image = Image.frombuffer(mode, size, samples, "raw", mode, plane.line_size, 1)
    image.readonly = 0
    return image
