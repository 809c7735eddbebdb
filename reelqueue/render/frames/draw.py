"""The frames of a timeline, drawn in YUV planes: BT.709, limited range, 4:2:0.

Blending in YUV is blending in RGB, as the conversion is linear, and handles half the bytes. A frame
that repeats a photo is that photo's own picture, handed on without a copy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from typing import TypeVar

import numpy as np
from av.video.frame import VideoFrame

from reelqueue.planning.camera import Move
from reelqueue.planning.timeline import Hold, Span, Timeline
from reelqueue.planning.transitions import (
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
from reelqueue.render.frames.filters import enlarge, soften
from reelqueue.render.frames.ken_burns import Subject, draw_view
from reelqueue.render.frames.masks import reveal
from reelqueue.render.frames.prefetch import call_ahead
from reelqueue.render.frames.yuv import Plane, list_planes, to_yuv

Picture = VideoFrame | Subject
"""A photo as it is shown, or one that moves."""

Loaded = TypeVar("Loaded", bound=Picture)

_FULL = 256  # a weight of 1 in 8.8 fixed point
_ROWS = 64  # rows blended at a time, so that the 16-bit values between stay in the cache


def prepare_pictures(
    load: Callable[[int], Loaded], photos: Iterable[int]
) -> Generator[Loaded, None, None]:
    """Yield the pictures of some photos, the next one made by a thread meanwhile."""
    with ThreadPoolExecutor(1, "photos") as pool:
        yield from call_ahead((partial(load, photo) for photo in photos), pool, 1)


def draw_frames(timeline: Timeline, pictures: Iterator[Picture]) -> Iterator[VideoFrame]:
    """Yield every frame of a timeline, given the pictures of all its photos, in order."""
    return draw_spans(timeline.spans, timeline.size, PhotoWindow(enumerate(pictures)))


class PhotoWindow:
    """The photos' pictures, each made when it is first needed and kept until it is forgotten.

    Args:
        numbered: photos in their order, each with its picture.
    """

    def __init__(self, numbered: Iterator[tuple[int, Picture]]) -> None:
        self._numbered = numbered
        self._kept: dict[int, Picture] = {}

    def take(self, photo: int) -> Picture:
        """Return a photo's picture."""
        while photo not in self._kept:
            number, picture = next(self._numbered)
            self._kept[number] = picture
        return self._kept[photo]

    def forget_before(self, photo: int) -> None:
        """Let go of what no frame needs any more."""
        for past in [kept for kept in self._kept if kept < photo]:
            del self._kept[past]


def draw_spans(
    spans: Iterable[Span], size: tuple[int, int], photos: PhotoWindow
) -> Iterator[VideoFrame]:
    """Yield the frames of some spans, drawn by all cores, a few of them ahead."""
    threads = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(threads, "frames") as pool:
        yield from call_ahead(_list_all_drawings(spans, size, photos), pool, 2 * threads)


def _list_all_drawings(
    spans: Iterable[Span], size: tuple[int, int], photos: PhotoWindow
) -> Iterator[Callable[[], VideoFrame]]:
    for span in spans:
        photos.forget_before(span.photo)
        yield from list_drawings(span, size, photos)


def list_drawings(
    span: Span, size: tuple[int, int], photos: PhotoWindow
) -> Iterator[Callable[[], VideoFrame]]:
    """Yield what draws each frame of a span."""
    show = partial(_show, photos.take(span.photo), span.move, size=size)
    if isinstance(span, Hold):
        for number in range(span.frames):
            yield partial(show, number)
        return
    show_following = partial(_show, photos.take(span.following), span.following_move, size=size)
    grey = find_grey(span.transition) or 0
    for number, step in enumerate(list_steps(span, size)):
        yield partial(_draw_step, show, show_following, number, step, grey)


def _show(picture: Picture, move: Move | None, number: int, *, size: tuple[int, int]) -> VideoFrame:
    if isinstance(picture, VideoFrame):
        return picture
    assert move
    return draw_view(picture, move, number, size)


def _draw_step(
    show: Callable[[int], VideoFrame],
    show_following: Callable[[int], VideoFrame],
    number: int,
    step: Step,
    grey: int,
) -> VideoFrame:
    photo, following = show(number), show_following(number)
    size = photo.width, photo.height
    canvas = VideoFrame(*size, "yuv420p")
    planes = zip(*map(list_planes, (canvas, photo, following)), strict=True)
    for (out, old, new), value in zip(planes, to_yuv(grey), strict=True):
        _draw_plane(out, old, new, step, value, size)
    return canvas


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
