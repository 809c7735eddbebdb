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

from reelqueue.render.changes import (
    STRIP,
    Blur,
    Edge,
    Reveal,
    Shares,
    Step,
    Zoom,
    find_grey,
    list_steps,
)
from reelqueue.render.mattes import reveal
from reelqueue.render.optics import enlarge, soften
from reelqueue.render.picture import Plane, list_planes, to_yuv
from reelqueue.render.timeline import Hold, Timeline

_FULL = 256  # a weight of 1 in 8.8 fixed point
_ROWS = 64  # rows blended at a time, so that the 16-bit values between stay in the cache


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


def _draw_step(
    canvas: VideoFrame, photo: VideoFrame, following: VideoFrame, step: Step, grey: int
) -> None:
    size = canvas.width, canvas.height
    pictures = zip(list_planes(canvas), list_planes(photo), list_planes(following), strict=True)
    for (out, old, new), value in zip(pictures, to_yuv(grey), strict=True):
        _draw_plane(out, old, new, step, value, size)


def _draw_plane(
    out: Plane, old: Plane, new: Plane, step: Step, rest: int, size: tuple[int, int]
) -> None:
    scale = size[0] // out.shape[1]
    match step:
        case Shares():
            _mix(out, old, new, rest, step)
        case Edge():
            planes = (out, old, new) if step.is_level else (out.T, old.T, new.T)
            _put_beside(*planes, step, scale)
        case Reveal():
            reveal(out, old, new, step, size)
        case Zoom():
            _mix(out, enlarge(old, step.scale), new, rest, step.shares)
        case Blur():
            deviation = float(step.deviation * min(size)) / scale
            old, new = (
                soften(plane, deviation) if share else plane
                for plane, share in zip((old, new), step.shares, strict=True)
            )
            _mix(out, old, new, rest, step.shares)


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
