"""Where a picture lies in a frame, and what the camera sees of it, as shares."""

from __future__ import annotations

from typing import NamedTuple

from reelqueue.media.facts import PhotoFacts
from reelqueue.planning.camera import CANVAS, Move, find_box
from reelqueue.planning.framing import (
    Size,
    center,
    contain,
    cover,
    crop,
    enlarge,
    fills_well,
    turn,
)
from reelqueue.planning.storyboard.model import Box
from reelqueue.specs.photo import Fit, PhotoLook
from reelqueue.specs.picture import Point, Rotation

MIDDLE = Point(x=0.5, y=0.5)
_DIGITS = 5


class Place(NamedTuple):
    """How a picture fills the frame; see `model.Slide`."""

    fit: Fit
    place: Box | None
    views: tuple[Box, Box] | None


def place_photo(
    photo: Size, look: PhotoLook, size: Size, move: Move | None, detail: Point | None
) -> Place:
    """Return how a photo fills frames of `size`.

    Args:
        photo: its size before it is turned.
        look: how it is fitted and turned.
        size: `(width, height)` of the frame in pixels.
        move: the camera move over all frames that show it; None if it stands still.
        detail: where it has most detail as it is turned, if that is known.
    """
    turned = turn(photo, look.rotate)
    focus = look.focus or detail or MIDDLE
    if move:
        return _place_moving(turned, look, size, move, focus)
    if look.fit is Fit.COVER:
        view = _to_box(crop(turned, size, (focus.x, focus.y)), turned)
        return Place(Fit.COVER, None, (view, view))
    return Place(look.fit, _place_inside(contain(turned, size), size), None)


def place_video(video: Size, look: PhotoLook, size: Size) -> Place:
    """Return how a video fills frames of `size`; see `place_photo`."""
    turned = turn(video, look.rotate)
    if look.fit is Fit.COVER:
        focus = look.focus or MIDDLE
        view = _to_box(crop(turned, size, (focus.x, focus.y)), turned)
        return Place(Fit.COVER, None, (view, view))
    return Place(look.fit, _place_inside(contain(turned, size), size), None)


def find_detail(photo: PhotoFacts, rotate: Rotation) -> Point | None:
    """Return where a photo has most detail after it is turned clockwise; None if that is unknown.

    Records of earlier versions have that of the upright photo alone.
    """
    if rotate and photo.turned_details:
        return photo.turned_details[rotate // 90 - 1]
    return photo.detail and _turn_point(photo.detail, rotate)


def _turn_point(point: Point, rotate: Rotation) -> Point:
    x, y = point.x, point.y
    turned = {0: (x, y), 90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}[rotate]
    return Point(x=turned[0], y=turned[1])


def _place_moving(turned: Size, look: PhotoLook, size: Size, move: Move, focus: Point) -> Place:
    canvas = enlarge(size, CANVAS)
    if fills_well(turned, canvas):
        return Place(Fit.COVER, None, _find_views(move, cover(turned, canvas), focus, size))
    # As long and narrow as it is, it is fitted first, and the camera moves over all of that.
    views = _find_views(move, canvas, move.focus or MIDDLE, size)
    if look.fit is Fit.COVER:
        seen = _to_box(crop(turned, canvas, (focus.x, focus.y)), turned)
        first, last = (_look_through(view, seen) for view in views)
        return Place(Fit.COVER, None, (first, last))
    return Place(look.fit, _place_inside(contain(turned, canvas), canvas), views)


def _find_views(move: Move, picture: Size, focus: Point, size: Size) -> tuple[Box, Box]:
    first, last = (
        _to_box(find_box(move, frame, picture, focus, size), picture)
        for frame in (0, move.frames - 1)
    )
    return first, last


def _place_inside(inner: Size, canvas: Size) -> Box:
    return _shrink((*center(inner, canvas), *inner), canvas)


def _look_through(view: Box, seen: Box) -> Box:
    """Return the part of a picture that is a part of what is seen of it."""
    left, top, width, height = seen
    return _round(left + view[0] * width, top + view[1] * height, view[2] * width, view[3] * height)


def _to_box(edges: tuple[float, float, float, float], picture: Size) -> Box:
    left, top, right, bottom = edges
    return _shrink((left, top, right - left, bottom - top), picture)


def _shrink(box: Box, whole: Size) -> Box:
    left, top, width, height = box
    return _round(left / whole[0], top / whole[1], width / whole[0], height / whole[1])


def _round(left: float, top: float, width: float, height: float) -> Box:
    return round(left, _DIGITS), round(top, _DIGITS), round(width, _DIGITS), round(height, _DIGITS)
