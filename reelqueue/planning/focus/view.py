"""What a crop shows of a picture: a part of it, or all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reelqueue.planning.focus.subjects import Place
from reelqueue.planning.framing import Rows, Size, center, contain


class View(NamedTuple):
    """What a crop shows of a frame.

    Attributes:
        corner: left and top of the crop in the picture, in whole pixels; negative where the picture
            is within the frame.
        picture: `(width, height)` that the whole picture is scaled to.
    """

    corner: tuple[int, int]
    picture: Size

    @property
    def is_whole(self) -> bool:
        """Whether all of the picture is seen, in front of a backdrop."""
        return min(self.corner) < 0

    @property
    def rows(self) -> Rows:
        """The rows of the frame that the picture fills."""
        return -self.corner[1], self.picture[1] - self.corner[1]


CropPath = Sequence[View]
"""What a crop shows of each frame."""


def show_whole(picture: Size, crop: Size) -> View:
    """Return the view in which a picture that covers the crop is within it."""
    size = contain(picture, crop)
    left, top = center(size, crop)
    return View((-left, -top), size)


def find_whole(paths: Iterable[CropPath]) -> View | None:
    """Return a view of paths that shows all of the picture; None if there is none."""
    return next((view for path in paths for view in path if view.is_whole), None)


def measure_span(crop: Size, picture: Size) -> Place:
    """Return the `(width, height)` of a crop as parts of those of the picture."""
    return crop[0] / picture[0], crop[1] / picture[1]
