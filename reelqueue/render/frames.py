"""The frames of a timeline, drawn in YUV planes: BT.709, limited range, 4:2:0.

Blending in YUV is blending in RGB, as the conversion is linear, and handles half the bytes. A frame
that repeats a photo is that photo's own picture, handed on without a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from numpy.typing import NDArray
from PIL import Image

from reelqueue.render.timeline import Blend, Hold, Timeline, find_edge, split_fade
from reelqueue.specs import Transition

Plane = NDArray[np.uint8]

_FULL = 256  # a weight of 1 in 8.8 fixed point
_BLACK = (16, 128, 128)  # BT.709 limited range
_ROWS = 64  # rows blended at a time, so that the 16-bit values between stay in the cache


def to_picture(image: Image.Image) -> VideoFrame:
    """Convert RGB to YUV 4:2:0, BT.709 in limited range."""
    return VideoFrame.from_ndarray(np.asarray(image), "rgb24").reformat(
        format="yuv420p",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        dst_color_trc=ColorTrc.BT709,
        dst_color_primaries=ColorPrimaries.BT709,
        interpolation=Interpolation.BICUBIC
        | Interpolation.ACCURATE_RND
        | Interpolation.FULL_CHR_H_INP,
    )


def prepare_pictures(
    load: Callable[[int], VideoFrame], photo_count: int
) -> Generator[VideoFrame, None, None]:
    """Yield the pictures of all photos, the next one made in a thread meanwhile."""
    with ThreadPoolExecutor(1, "photos") as pool:
        ahead = pool.submit(load, 0)
        for photo in range(1, photo_count + 1):
            picture = ahead.result()
            if photo < photo_count:
                ahead = pool.submit(load, photo)
            yield picture


def draw_frames(timeline: Timeline, pictures: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
    """Yield every frame of a timeline; a frame is good until the next one is asked for."""
    current = next(pictures)
    shown = 0
    canvas = VideoFrame(*timeline.size, "yuv420p")
    for span in timeline.spans:
        if span.photo > shown:  # the photo before it had no blend
            current, shown = next(pictures), span.photo
        if isinstance(span, Hold):
            for _ in range(span.frames):
                yield current
            continue
        following = next(pictures)
        for weight in span.weights():
            _draw_blend(canvas, current, following, span, weight)
            yield canvas
        current, shown = following, span.following
        del following  # it would be kept alive beside the two after it


def _draw_blend(
    canvas: VideoFrame, photo: VideoFrame, following: VideoFrame, blend: Blend, weight: Fraction
) -> None:
    edge = find_edge(weight, canvas.width)
    shares = split_fade(blend.transition, weight)
    pictures = zip(_to_planes(canvas), _to_planes(photo), _to_planes(following), strict=True)
    for (out, old, new), black in zip(pictures, _BLACK, strict=True):
        if blend.transition in (Transition.FADE, Transition.FADE_BLACK):
            _mix(out, old, new, black, shares)
        else:
            columns = edge * out.shape[1] // canvas.width
            _put_beside(out, old, new, blend.transition, columns)


def _to_planes(picture: VideoFrame) -> list[Plane]:
    """Return views of Y, U and V without the padding that ends each row."""
    return [
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[
            :, : plane.width
        ]
        for plane in picture.planes
    ]


def _mix(out: Plane, old: Plane, new: Plane, black: int, shares: tuple[Fraction, Fraction]) -> None:
    """Mix two planes in 8.8 fixed point, rounded; what the shares leave of 1 is black."""
    old_weight, new_weight = (round(_FULL * share) for share in shares)
    rest = (_FULL - old_weight - new_weight) * black + _FULL // 2
    for top in range(0, out.shape[0], _ROWS):
        rows = slice(top, top + _ROWS)
        mixed = np.multiply(old[rows], np.uint16(old_weight), dtype=np.uint16)
        mixed += np.multiply(new[rows], np.uint16(new_weight), dtype=np.uint16)
        mixed += np.uint16(rest)
        mixed >>= np.uint16(8)
        out[rows] = mixed


def _put_beside(out: Plane, old: Plane, new: Plane, transition: Transition, columns: int) -> None:
    """Show `columns` of the new plane at the side that it comes from."""
    width = out.shape[1]
    to_left = transition in (Transition.WIPE_LEFT, Transition.SLIDE_LEFT)
    seen = slice(width - columns, width) if to_left else slice(0, columns)
    source = seen
    if transition is Transition.SLIDE_LEFT:
        source = slice(0, columns)
    elif transition is Transition.SLIDE_RIGHT:
        source = slice(width - columns, width)
    out[:] = old
    out[:, seen] = new[:, source]
