"""Where the captions of a clip stand clear of faces: one place for all of them, so none jumps."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import partial

from reelqueue.planning.captions.cues import Placed
from reelqueue.planning.clips.edit import Edit
from reelqueue.planning.focus.faces import SeenFace
from reelqueue.planning.storyboard.clip import show_captions
from reelqueue.planning.storyboard.clip_model import ShownCaption
from reelqueue.planning.storyboard.model import Box
from reelqueue.specs.clips.captions import ClipPosition
from reelqueue.specs.clips.clip import ClipSpec

_HARMLESS = 0.05  # of the area of all faces: few are hidden, or of each only the rim
_STRIKING = 0.1
COVERED = (
    "The captions cover a part of the faces: with the position `auto`, they stand where they cover "
    "least."
)
_FRAME = (0.0, 0.0, 1.0, 1.0)
_Choice = tuple[ClipSpec, list[ShownCaption]]
_PREFERRED = (ClipPosition.BOTTOM, ClipPosition.TOP, ClipPosition.MIDDLE)


def clear_faces(spec: ClipSpec, edit: Edit, placed: Placed, faces: Sequence[SeenFace]) -> ClipSpec:
    """Return the clip with captions at the bottom, unless they cover faces there.

    Then they stand where they cover least of them, in the time in which both are seen. Where scenes
    are shown whole, the top comes first if only there is room beside the picture.

    Args:
        spec: of the clip.
        edit: its frames.
        placed: its captions.
        faces: all that are seen in it.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    ordered = sorted(faces, key=lambda face: face.frame)
    choices: Iterable[_Choice] = map(partial(_move_captions, spec, edit, placed), _PREFERRED)
    if placed.picture:
        top, bottom = (row / edit.size[1] for row in placed.picture)
        choices = sorted(choices, key=lambda choice: _reach(choice[1], top, bottom))
    best, least = spec, float("inf")
    for moved, captions in choices:
        covered = _measure_cover(captions, ordered)
        if covered < least:
            best, least = moved, covered
        if covered <= _HARMLESS:
            break
    return best


def _move_captions(spec: ClipSpec, edit: Edit, placed: Placed, position: ClipPosition) -> _Choice:
    """Return the clip with its captions at a position, and where they are then."""
    style = spec.caption_style.model_copy(update={"position": position})
    moved = spec.model_copy(update={"caption_style": style})
    return moved, list(show_captions(moved, edit, placed))


def _reach(captions: Sequence[ShownCaption], first: float, last: float) -> bool:
    """Tell whether captions reach a picture that has these rows, as shares of the frame."""
    boxes = (caption.box for caption in captions)
    return any(top < last and top + height > first for _, top, _, height in boxes)


def covers_faces(spec: ClipSpec, edit: Edit, placed: Placed, faces: Sequence[SeenFace]) -> bool:
    """Tell whether captions cover so much of the faces that one sees it at once.

    Args:
        spec: of the clip.
        edit: its frames.
        placed: its captions.
        faces: all that are seen in it.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    if not faces:
        return False
    ordered = sorted(faces, key=lambda face: face.frame)
    return _measure_cover(list(show_captions(spec, edit, placed)), ordered) > _STRIKING


def _measure_cover(captions: Sequence[ShownCaption], faces: Sequence[SeenFace]) -> float:
    """Return how much of the faces is covered, as a share, of those that are seen with captions."""
    whole = covered = 0.0
    frames = [face.frame for face in faces]
    for caption in captions:
        words = _surround(caption)
        first, end = bisect_left(frames, caption.start), bisect_left(frames, caption.end)
        for face in faces[first:end]:
            whole += _overlap(_FRAME, face.box)  # a crop may leave some of it out, or all
            covered += _overlap(words, face.box)
    return covered / whole if whole else 0.0


def _surround(caption: ShownCaption) -> Box:
    """Return the box around the words, which can be narrower than the room that they have."""
    _, top, _, height = caption.box
    left = min(run.left for run in caption.runs)
    right = max(run.left + run.width for run in caption.runs)
    return left, top, right - left, height


def _overlap(one: Box, other: Box) -> float:
    across, down = (
        min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - max(one[axis], other[axis])
        for axis in (0, 1)
    )
    return max(across, 0.0) * max(down, 0.0)
