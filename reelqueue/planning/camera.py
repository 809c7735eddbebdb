"""Camera moves over photos (zooms, pans, Ken Burns): exact rectangles of a photo for each frame.

A photo moves for as long as it is seen, its transitions included. The camera goes from one view of
it to another on a straight line, slowly at both ends. Nothing is rounded to whole pixels: what
draws a view interpolates between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import NamedTuple

from reelqueue.planning.costs import DrawingCost
from reelqueue.planning.framing import Size
from reelqueue.specs.photo import Motion
from reelqueue.specs.picture import Point

ZOOM = 1.2  # of the closest view
CANVAS = 1.25  # sides of a photo that moves, in frames: what is made a little smaller is drawn fast
MOVING_COST = DrawingCost(20, 0.05)  # of a drawn frame in which something moves
# Of frames in which a photo moves; `planning.picture_sizes` counts their bytes.
VIEW_COST = DrawingCost(20, 0)
WRITTEN_COST = DrawingCost(2.5, 0)  # of one between keys, and its share of these
MIXED_COST = DrawingCost(6, 0)  # of one in a written transition, and of what keys lack

_LONGEST_PAN = 0.25  # of a view's side, so that the camera does not rush along a panorama
_WIDE = 1.04  # the zoom of a view that leaves a little room to drift

Box = tuple[float, float, float, float]
"""Left, top, right and bottom edge in pixels, as Pillow has them: the first pixel is 0 to 1."""


class View(NamedTuple):
    """A part of a photo in the shape of the video, placed relative to the photo's focus."""

    zoom: float  # 1 is as much of the photo as the frame can show without bars
    across: float = 0  # -1 is as far left of the focus as a pan reaches, 1 as far right
    down: float = 0


class CameraPath(NamedTuple):
    """The views at both ends of a camera move."""

    start: View
    end: View

    @property
    def reverse(self) -> CameraPath:
        """The same path in the other direction."""
        return CameraPath(self.end, self.start)


@dataclass(frozen=True)
class Move:
    """The part of a camera move that a span of the timeline shows."""

    path: CameraPath
    first: int  # number of the span's first frame in the whole move
    frames: int  # of the whole move
    focus: Point | None = None  # None: where the photo has most detail


_CLOSE = View(ZOOM)
_PATHS = {
    Motion.ZOOM_IN: CameraPath(View(1), _CLOSE),
    Motion.ZOOM_OUT: CameraPath(_CLOSE, View(1)),
    Motion.PAN_LEFT: CameraPath(View(ZOOM, across=1), View(ZOOM, across=-1)),
    Motion.PAN_RIGHT: CameraPath(View(ZOOM, across=-1), View(ZOOM, across=1)),
    Motion.PAN_UP: CameraPath(View(ZOOM, down=1), View(ZOOM, down=-1)),
    Motion.PAN_DOWN: CameraPath(View(ZOOM, down=-1), View(ZOOM, down=1)),
}
_KEN_BURNS = [CameraPath(View(_WIDE, *corner), _CLOSE) for corner in product((-1, 1), repeat=2)]


def choose_paths(motions: Sequence[Motion], seed: int) -> list[CameraPath | None]:
    """Return the camera path of each photo, None for photos that stand still.

    Ken Burns zooms in and out in turn, each time from or to another corner than the time before.
    The same seed gives the same paths.
    """
    ken_burns = _choose_ken_burns(Random(seed))  # noqa: S311  # no secret
    return [
        next(ken_burns) if motion is Motion.KENBURNS else _PATHS.get(motion) for motion in motions
    ]


def find_box(move: Move, frame: int, picture: Size, focus: Point, size: Size) -> Box:
    """Return the box of a picture that fills a frame of the video.

    Args:
        frame: number of the frame in the move's span, from 0.
        picture: the picture's `(width, height)` in pixels.
        focus: the point to use where the move has none of its own.
        size: the video's `(width, height)` in pixels.
    """
    focus = move.focus or focus
    start = _place(move.path.start, picture, focus, size)
    end = _place(move.path.end, picture, focus, size)
    progress = _ease((move.first + frame) / max(move.frames - 1, 1))
    left, top, right, bottom = (a + (b - a) * progress for a, b in zip(start, end, strict=True))
    return left, top, right, bottom


def find_speed(move: Move, frame: int) -> float:
    """Return how fast a photo moves in a frame of a move's span, in parts of the path a move."""
    time = (move.first + frame) / max(move.frames - 1, 1)
    return 6 * time * (1 - time)  # the derivative of `_ease`


def _choose_ken_burns(random: Random) -> Iterator[CameraPath]:
    corner = int(random.random() * len(_KEN_BURNS))
    zooms_out = random.random() < 0.5
    while True:
        yield _KEN_BURNS[corner].reverse if zooms_out else _KEN_BURNS[corner]
        corner = (corner + 1 + int(random.random() * (len(_KEN_BURNS) - 1))) % len(_KEN_BURNS)
        zooms_out = not zooms_out


def _ease(time: float) -> float:
    """Return how much of the path is done after a part of the time: smoothstep."""
    return time * time * (3 - 2 * time)


def _place(view: View, picture: Size, focus: Point, size: Size) -> Box:
    scale = min(picture[0] / size[0], picture[1] / size[1]) / view.zoom
    width, height = size[0] * scale, size[1] * scale
    left = _find_offset(picture[0], width, focus.x, view.across)
    top = _find_offset(picture[1], height, focus.y, view.down)
    return left, top, left + width, top + height


def _find_offset(length: int, shown: float, focus: float, aside: float) -> float:
    """Return where a view begins on one axis of a picture, in pixels.

    Args:
        length: of the picture.
        shown: length of the view.
        focus: from 0 to 1.
        aside: from -1 to 1, as `View.across`.
    """
    room = max(length - shown, 0)
    reach = min(room, _LONGEST_PAN * shown) * aside / 2
    centered = focus * length - shown / 2
    return min(max(centered, abs(reach)), room - abs(reach)) + reach
