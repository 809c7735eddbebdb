"""Regions of the frames of transitions, drawn alone where the rest of a frame is known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from av.video.frame import VideoFrame

from reelqueue.planning.camera import Move
from reelqueue.planning.framing import Size
from reelqueue.planning.spans import Movement
from reelqueue.planning.transitions.base import Crossfade, Edge
from reelqueue.render.frames.draw import Picture, part_words
from reelqueue.render.frames.ken_burns import MovingPhoto, Region, draw_region
from reelqueue.render.frames.transitions import draw_transition
from reelqueue.render.frames.worded_photo import WordedPhoto
from reelqueue.render.frames.yuv import cut_picture, list_planes

DrawRegion = Callable[[Region], VideoFrame]


def draw_transition_region(
    frame: Crossfade | Edge, old: DrawRegion, new: DrawRegion, region: Region, size: Size
) -> VideoFrame:
    """Draw a region of a frame of a transition.

    Args:
        old, new: draw a region of one of the photos.
        size: the video's `(width, height)` in pixels.
    """
    if isinstance(frame, Crossfade):
        if not frame.new:
            new = old  # what has no weight need not be drawn
        elif not frame.old:
            old = new
        return draw_transition(frame, old(region), new(region))
    old_part = partial(_draw_moved, old, region, frame.old_shift, frame.is_level, size)
    new_part = partial(_draw_moved, new, region, frame.new_shift, frame.is_level, size)
    first, second = (new_part, old_part) if frame.is_new_first else (old_part, new_part)
    start, end = region[frame.is_level], region[frame.is_level + 2]
    if frame.strip >= end:
        return first()
    if frame.strip < start or (frame.strip == start and not frame.first_share):
        return second()
    edge = frame._replace(strip=frame.strip - start, old_shift=0, new_shift=0)
    return draw_transition(edge, old_part(), new_part())


def _draw_moved(
    draw: DrawRegion, region: Region, shift: int, is_level: bool, size: Size
) -> VideoFrame:
    """Draw a region of a photo that was moved to the right or down, and repeats its borders."""
    length, axis = size[is_level], int(is_level)
    edges = [region[axis] - shift, region[axis + 2] - shift]
    within = [min(max(edges[0], 0), length - 2), max(min(edges[1], length), 2)]
    source = list(region)
    source[axis::2] = within
    part = draw((source[0], source[1], source[2], source[3]))
    missing = within[0] - edges[0], edges[1] - within[1]
    if not any(missing):
        return part
    return _repeat_borders(part, missing, is_level)


def _repeat_borders(part: VideoFrame, by: tuple[int, int], is_level: bool) -> VideoFrame:
    """Extend a picture by so many samples on both sides, cutting off what is less than none."""
    added = sum(by)
    size = (part.width, part.height + added) if is_level else (part.width + added, part.height)
    whole = VideoFrame(*size, "yuv420p")
    for scale, plane, out in zip((1, 2, 2), list_planes(part), list_planes(whole), strict=True):
        last = plane.shape[not is_level] - 1
        places = np.clip(np.arange(out.shape[not is_level]) - by[0] // scale, 0, last)
        out[:] = np.take(plane, places, axis=int(not is_level))
    return whole


def draw_parted_region(
    shown: tuple[DrawRegion, DrawRegion],
    plain: tuple[DrawRegion, DrawRegion],
    number: int,
    frames: int,
    region: Region,
) -> VideoFrame:
    """Draw a region of frame `number`, from 0, of a fade that parts words.

    Args:
        shown: draw a region of the old and of the new photo with their words.
        plain: the same without the words.
        frames: how many the fade has.
    """
    old, new = (
        (draw(region), draw_plain(region)) for draw, draw_plain in zip(shown, plain, strict=True)
    )
    return part_words(old, new, number, frames)


def show_region(
    picture: Picture,
    move: Movement | None,
    number: int,
    size: Size,
    region: Region,
    *,
    is_plain: bool = False,
) -> VideoFrame:
    """Return a region of frame `number`, from 0, of a span that shows a photo.

    Args:
        picture: of a photo that moves, or stands.
        move: of the photo in that span.
        size: the video's `(width, height)` in pixels.
        region: the region.
        is_plain: whether the photo's words are left out; only if it can be shown without them.
    """
    if isinstance(picture, MovingPhoto):
        assert isinstance(move, Move)
        shown = picture._replace(caption=None) if is_plain else picture
        return draw_region(shown, move, number, size, region)
    if isinstance(picture, WordedPhoto):
        picture = picture.plain if is_plain else picture.shown
    assert isinstance(picture, VideoFrame)
    return cut_picture(picture, region)


def find_words(picture: Picture) -> Region | None:
    """Return the region in which the words of a photo stand, which may be shown without them.

    All its edges are even; those of a photo that stands may be left out with its words.
    """
    if isinstance(picture, MovingPhoto) and picture.caption:
        height, width = picture.caption.premultiplied[0].shape
        left, top = picture.caption.left, picture.caption.top
        return left, top, left + width, top + height
    if isinstance(picture, WordedPhoto):
        return 0, picture.rows.start, picture.shown.width, picture.rows.stop
    return None
