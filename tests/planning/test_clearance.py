"""Captions that avoid faces stand in one place, at the bottom wherever that covers none."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from reelqueue.planning.captions.cues import plan_captions
from reelqueue.planning.clips.edit import plan_edit
from reelqueue.planning.focus.faces import SeenFace, place_faces
from reelqueue.planning.focus.subjects import Face, Sight
from reelqueue.planning.focus.view import View
from reelqueue.planning.framing import Rows
from reelqueue.planning.storyboard.clearance import clear_faces
from reelqueue.specs.clips.captions import Preset
from reelqueue.specs.clips.clip import ClipSpec

CHEST, HAIR, CORNER = (0.3, 0.5, 0.4, 0.25), (0.3, 0.1, 0.4, 0.2), (0.9, 0.5, 0.1, 0.25)
CUES = [{"start": 1.0, "end": 2.0, "text": "Nobody may cover my mouth"}]


def choose(faces: Sequence[SeenFace], picture: Rows | None = None, **choices: Any) -> str:
    style = {"position": "auto", "preset": "phrase", **choices}
    spec = ClipSpec.model_validate({"captions": CUES, "caption_style": style})
    edit = plan_edit(spec, 4.0, Fraction(25), (1080, 1920))
    placed = plan_captions(spec, edit, lambda: True)._replace(picture=picture)
    cleared = clear_faces(spec, edit, placed, faces)
    assert cleared.caption_style.model_copy(update={"position": "auto"}) == spec.caption_style
    return cleared.caption_style.position


def see(
    *boxes: tuple[float, float, float, float], first: int = 25, end: int = 50
) -> list[SeenFace]:
    return [SeenFace(frame, box) for box in boxes for frame in range(first, end, 4)]


@pytest.mark.parametrize("preset", Preset)
@pytest.mark.parametrize(
    ("boxes", "place"),
    [((), "bottom"), ((HAIR,), "bottom"), ((CORNER,), "bottom"), ((CHEST,), "top")],
)
def test_captions_leave_the_bottom_only_for_a_face(
    boxes: Sequence[tuple[float, float, float, float]], place: str, preset: Preset
) -> None:
    assert choose(see(*boxes), preset=preset) == place


@pytest.mark.parametrize("preset", Preset)
@pytest.mark.parametrize(
    ("picture", "boxes", "place"),
    [
        ((656, 1264), (), "bottom"),
        ((656, 1500), (), "top"),  # there is no room below
        ((656, 1500), (HAIR,), "bottom"),  # but a face above, in another scene
        ((0, 1920), (), "bottom"),
    ],
)
def test_captions_stand_below_a_whole_picture_or_else_above_it(
    picture: Rows, boxes: Sequence[tuple[float, float, float, float]], place: str, preset: Preset
) -> None:
    assert choose(see(*boxes), picture, preset=preset) == place


def test_captions_stand_in_the_middle_between_two_faces() -> None:
    low, high = (0.2, 0.6, 0.6, 0.2), (0.2, 0.14, 0.6, 0.2)
    assert choose(see(low, high)) == "middle"


def test_where_no_place_is_free_the_least_of_a_face_is_covered() -> None:
    assert choose(see((0.0, 0.2, 1.0, 0.8))) == "top"
    assert choose(see((0.0, 0.0, 1.0, 0.65))) == "bottom"


def test_faces_beyond_the_frame_do_not_count() -> None:
    assert choose(see(CHEST, (1.2, 0.0, 2.0, 2.0))) == "top"
    assert choose(see((1.2, 0.0, 2.0, 2.0))) == "bottom"


def test_faces_that_are_seen_without_captions_do_not_count() -> None:
    assert choose(see(CHEST, first=0, end=25) + see(CHEST, first=60, end=100)) == "bottom"


def test_faces_are_placed_in_the_frame_and_those_of_a_moment_are_left_out() -> None:
    face, error = Face((0.5, 0.25), (0.1, 0.2), 0.9), Face((0.1, 0.9), (0.1, 0.1), 0.9)
    sights = [Sight(4 * number, (face,)) for number in range(3)]
    sights[1] = Sight(4, (face, error))
    lefts = [0, 0, 0, 0, 10, 10, 10, 10, 20]
    views = [View((left, 0), (200, 100)) for left in lefts]
    placed = place_faces(sights, 100, (100, 100), views.__getitem__)
    assert [face.frame for face in placed] == [100, 104, 108]
    placed = place_faces(sights, 100, (100, 100), views.__getitem__)
    expected = [(0.9, 0.15, 0.2, 0.2), (0.8, 0.15, 0.2, 0.2), (0.7, 0.15, 0.2, 0.2)]
    for seen, box in zip(placed, expected, strict=True):
        assert seen.box == pytest.approx(box)
