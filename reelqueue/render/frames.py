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

from reelqueue.render.changes import STRIP, Edge, Shares, find_grey, list_steps
from reelqueue.render.timeline import Hold, Timeline

Plane = NDArray[np.uint8]

_FULL = 256  # a weight of 1 in 8.8 fixed point
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
        grey = find_grey(span.transition) or 0
        for step in list_steps(span, timeline.size):
            _draw_step(canvas, current, following, step, grey)
            yield canvas
        current, shown = following, span.following
        del following  # it would be kept alive beside the two after it


def draw_plain(size: tuple[int, int], grey: int) -> VideoFrame:
    """Return a picture of nothing but one grey, that level of R, G and B."""
    picture = VideoFrame(*size, "yuv420p")
    for plane, value in zip(_to_planes(picture), _to_yuv(grey), strict=True):
        plane[:] = value
    return picture


def _draw_step(
    canvas: VideoFrame, photo: VideoFrame, following: VideoFrame, step: Shares | Edge, grey: int
) -> None:
    pictures = zip(_to_planes(canvas), _to_planes(photo), _to_planes(following), strict=True)
    for (out, old, new), value in zip(pictures, _to_yuv(grey), strict=True):
        if isinstance(step, Shares):
            _mix(out, old, new, value, step)
        else:
            planes = (out, old, new) if step.is_level else (out.T, old.T, new.T)
            _put_beside(*planes, step, canvas.width // out.shape[1])


def _to_yuv(grey: int) -> tuple[int, int, int]:
    """Return Y, U and V in limited range (ITU-R BT.709-6, 3.5)."""
    return 16 + round(219 * grey / 255), 128, 128


def _to_planes(picture: VideoFrame) -> list[Plane]:
    """Return views of Y, U and V without the padding that ends each row."""
    return [
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[
            :, : plane.width
        ]
        for plane in picture.planes
    ]


def _mix(out: Plane, old: Plane, new: Plane, rest: int, shares: tuple[Fraction, Fraction]) -> None:
    """Mix two planes in 8.8 fixed point, rounded; what the shares leave of 1 is `rest`."""
    old_weight, new_weight = (round(_FULL * share) for share in shares)
    constant = (_FULL - old_weight - new_weight) * rest + _FULL // 2
    for top in range(0, out.shape[0], _ROWS):
        rows = slice(top, top + _ROWS)
        mixed = np.multiply(old[rows], np.uint16(old_weight), dtype=np.uint16)
        mixed += np.multiply(new[rows], np.uint16(new_weight), dtype=np.uint16)
        mixed += np.uint16(constant)
        mixed >>= np.uint16(8)
        out[rows] = mixed


def _put_beside(out: Plane, old: Plane, new: Plane, edge: Edge, scale: int) -> None:
    """Draw what is before and behind an edge that lies along the rows.

    Args:
        scale: 1 for luma, 2 for chroma.
    """
    length = out.shape[0]
    start = edge.strip // scale
    end = min(start + STRIP // scale, length) if edge.first_share else start
    sides = [(old, edge.old_shift // scale), (new, edge.new_shift // scale)]
    (first, first_shift), (second, second_shift) = reversed(sides) if edge.is_new_first else sides
    out[:start] = first[-first_shift : start - first_shift]
    out[end:] = second[end - second_shift : length - second_shift]
    if start < end:
        lines = np.arange(start, end)
        first_lines = first[np.clip(lines - first_shift, 0, length - 1)]
        second_lines = second[np.clip(lines - second_shift, 0, length - 1)]
        _mix(out[start:end], first_lines, second_lines, 0, (edge.first_share, 1 - edge.first_share))
