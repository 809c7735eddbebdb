"""The faces that are seen in a clip, and where they are in its frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from reelqueue.planning.focus.subjects import Sight, list_lasting
from reelqueue.planning.focus.view import View
from reelqueue.planning.framing import Size


class SeenFace(NamedTuple):
    """A face in a frame of the clip.

    `box` is its left, top, width and height, as shares of the frame; it can reach beyond.
    """

    frame: int
    box: tuple[float, float, float, float]


def place_faces(
    sights: Sequence[Sight],
    first: int,
    frame: Size,
    find_view: Callable[[int], View],
) -> Iterator[SeenFace]:
    """Yield the faces of a cut that are no errors of the detector.

    Args:
        sights: what was seen in the cut.
        first: the frame of the clip with which the cut begins.
        frame: `(width, height)` of the clip.
        find_view: returns what a frame of the cut shows of the video's picture.
    """
    for number, face in list_lasting(sights):
        at = sights[number].frame
        corner, picture = find_view(at)
        left, top = (
            (middle - side / 2) * whole - start
            for middle, side, whole, start in zip(
                face.center, face.size, picture, corner, strict=True
            )
        )
        width, height = (side * whole for side, whole in zip(face.size, picture, strict=True))
        box = left / frame[0], top / frame[1], width / frame[0], height / frame[1]
        yield SeenFace(first + at, box)
