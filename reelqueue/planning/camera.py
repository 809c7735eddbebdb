"""The ways that photos move: pure, exact rectangles of a photo for each frame.

A photo moves for as long as it is seen, its transitions included: from one view of it to another on
a straight line, slow at both ends. Positions are never rounded; whoever draws a view samples the
photo between its pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import NamedTuple

from reelqueue.planning.costs import DrawingCost
from reelqueue.planning.framing import Size
from reelqueue.specs.slideshow import Motion, Point

ZOOM = 1.2  # how much nearer the nearest view is
MOVING_COST = DrawingCost(25, 0.05)  # of a frame in which a photo moves
_LONGEST_WAY = 0.25  # of a view's side, so that a long photo is not rushed along
_WIDE = 1.04  # leaves a little room to drift

Box = tuple[float, float, float, float]
"""Left, top, right and bottom edge in pixels, as Pillow has them: the first pixel is 0 to 1."""


class View(NamedTuple):
    """A part of a photo in the frame's shape, around the point that matters most."""

    zoom: float  # 1 is as much of the photo as the frame can show without bars
    across: float = 0  # -1 is left of that point, 1 right of it, as far as a photo moves at most
    down: float = 0


class Course(NamedTuple):
    """A way from one view to another."""

    start: View
    end: View

    @property
    def reverse(self) -> Course:
        """The way back."""
        return Course(self.end, self.start)


@dataclass(frozen=True)
class Move:
    """The part of its way that a photo makes in a span, which begins with frame `first` of all."""

    course: Course
    first: int
    frames: int  # of the whole way
    focus: Point | None = None  # the point that matters most; None is where the photo is busiest


_NEAR = View(ZOOM)
_COURSES = {
    Motion.ZOOM_IN: Course(View(1), _NEAR),
    Motion.ZOOM_OUT: Course(_NEAR, View(1)),
    Motion.PAN_LEFT: Course(View(ZOOM, across=1), View(ZOOM, across=-1)),
    Motion.PAN_RIGHT: Course(View(ZOOM, across=-1), View(ZOOM, across=1)),
    Motion.PAN_UP: Course(View(ZOOM, down=1), View(ZOOM, down=-1)),
    Motion.PAN_DOWN: Course(View(ZOOM, down=-1), View(ZOOM, down=1)),
}
_CALM = [Course(View(_WIDE, *corner), _NEAR) for corner in product((-1, 1), repeat=2)]


def choose_courses(motions: Sequence[Motion], seed: int) -> list[Course | None]:
    """Return the way of each photo; None stands still.

    Ken Burns goes near and back in turn, from or to another corner than the time before. The same
    seed gives the same ways.
    """
    calm = _choose_calm(Random(seed))  # noqa: S311  # no secret
    return [next(calm) if motion is Motion.KENBURNS else _COURSES.get(motion) for motion in motions]


def find_box(move: Move, frame: int, picture: Size, busiest: Point, size: Size) -> Box:
    """Return what a frame of `size` shows of a picture.

    Args:
        frame: counted from the first one of the move's span.
        busiest: the point of the picture that matters most where the move says no other.
    """
    focus = move.focus or busiest
    start = _place(move.course.start, picture, focus, size)
    end = _place(move.course.end, picture, focus, size)
    done = _ease((move.first + frame) / max(move.frames - 1, 1))
    left, top, right, bottom = (a + (b - a) * done for a, b in zip(start, end, strict=True))
    return left, top, right, bottom


def _choose_calm(random: Random) -> Iterator[Course]:
    corner = int(random.random() * len(_CALM))
    goes_back = random.random() < 0.5
    while True:
        yield _CALM[corner].reverse if goes_back else _CALM[corner]
        corner = (corner + 1 + int(random.random() * (len(_CALM) - 1))) % len(_CALM)
        goes_back = not goes_back


def _ease(done: float) -> float:
    """Return a share of the way for a share of the time, at rest at both ends."""
    return done * done * (3 - 2 * done)


def _place(view: View, picture: Size, focus: Point, size: Size) -> Box:
    scale = min(picture[0] / size[0], picture[1] / size[1]) / view.zoom
    width, height = size[0] * scale, size[1] * scale
    left = _shift(picture[0], width, focus.x, view.across)
    top = _shift(picture[1], height, focus.y, view.down)
    return left, top, left + width, top + height


def _shift(length: int, shown: float, focus: float, aside: float) -> float:
    """Return where a view of `shown` pixels begins on one axis of a picture."""
    room = max(length - shown, 0)
    reach = min(room, _LONGEST_WAY * shown) * aside / 2
    centered = focus * length - shown / 2
    return min(max(centered, abs(reach)), room - abs(reach)) + reach
