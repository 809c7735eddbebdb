"""Overlays as YUV planes, for frames that are drawn one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from reelqueue.render.frames.yuv import list_planes, to_picture, to_yuv
from reelqueue.render.images.captions import Overlay, paste_overlay


class YuvOverlay(NamedTuple):
    """An overlay's planes Y, U and V, premultiplied by its opacity, and its transparency in each.

    Arrays have shape (height, width); those of U and V are half as large.
    """

    premultiplied: tuple[NDArray[np.float32], ...]
    transparency: tuple[NDArray[np.float32], ...]  # from 0 to 1
    left: int
    top: int


def to_yuv_overlay(overlay: Overlay) -> YuvOverlay:
    """Convert an RGBA overlay."""
    width, height = overlay.image.size
    opacity = overlay.image.getchannel("A")
    on_black = Image.new("RGB", (width, height))
    paste_overlay(on_black, overlay._replace(left=0, top=0))
    halved = opacity.resize((width // 2, height // 2), Image.Resampling.BOX)
    return YuvOverlay(
        tuple(plane.astype(np.float32) for plane in list_planes(to_picture(on_black))),
        tuple(
            1 - np.asarray(each, np.float32) / np.float32(255) for each in (opacity, halved, halved)
        ),
        overlay.left,
        overlay.top,
    )


def blend_overlay(
    picture: VideoFrame, overlay: YuvOverlay, corner: tuple[int, int] = (0, 0)
) -> None:
    """Draw an overlay into a picture, YUV 4:2:0, or as much of it as falls there.

    Args:
        corner: left and top of the picture in the frame that the overlay is made for, both even.
    """
    planes = zip(
        list_planes(picture),
        overlay.premultiplied,
        overlay.transparency,
        to_yuv(0),
        strict=True,
    )
    for plane, premultiplied, transparency, black in planes:
        scale = picture.width // plane.shape[1]
        places = [
            _overlap(start // scale - edge // scale, length, side)
            for start, edge, length, side in zip(
                (overlay.top, overlay.left),
                corner[::-1],
                premultiplied.shape,
                plane.shape,
                strict=True,
            )
        ]
        (rows, own_rows), (columns, own_columns) = places
        own = own_rows, own_columns
        below = plane[rows, columns]
        mixed = (below - np.float32(black)) * transparency[own] + premultiplied[own]
        below[:] = np.clip(np.rint(mixed), 0, 255)


def _overlap(start: int, length: int, side: int) -> tuple[slice, slice]:
    """Return what part of a side something covers that begins at `start`, and what part of it."""
    first, end = max(start, 0), max(min(start + length, side), max(start, 0))
    return slice(first, end), slice(first - start, end - start)
