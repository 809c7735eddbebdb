"""Overlays in YUV planes, for frames that are drawn one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from reelqueue.render.frames.yuv import list_planes, to_picture, to_yuv
from reelqueue.render.images.captions import Overlay, paste_overlay


class Layer(NamedTuple):
    """Of each plane the light that an overlay adds, and how much of a frame it lets through."""

    added: tuple[NDArray[np.float32], ...]
    through: tuple[NDArray[np.float32], ...]
    left: int
    top: int


def to_layer(overlay: Overlay) -> Layer:
    """Convert an overlay."""
    width, height = overlay.image.size
    opacity = overlay.image.getchannel("A")
    light = Image.new("RGB", (width, height))
    paste_overlay(light, overlay._replace(left=0, top=0))
    halved = opacity.resize((width // 2, height // 2), Image.Resampling.BOX)
    return Layer(
        tuple(plane.astype(np.float32) for plane in list_planes(to_picture(light))),
        tuple(
            1 - np.asarray(each, np.float32) / np.float32(255) for each in (opacity, halved, halved)
        ),
        overlay.left,
        overlay.top,
    )


def lay_layer(picture: VideoFrame, layer: Layer) -> None:
    """Draw a layer into a picture."""
    layers = zip(list_planes(picture), layer.added, layer.through, to_yuv(0), strict=True)
    for plane, added, through, dark in layers:
        scale = picture.width // plane.shape[1]
        left, top = layer.left // scale, layer.top // scale
        below = plane[top : top + added.shape[0], left : left + added.shape[1]]
        below[:] = np.clip(np.rint((below - np.float32(dark)) * through + added), 0, 255)
