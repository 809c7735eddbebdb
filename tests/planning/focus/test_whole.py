"""Which scenes are shown whole."""

from __future__ import annotations

import pytest

from reelqueue.planning.focus.subjects import Sight, Targets
from reelqueue.planning.focus.view import View
from reelqueue.planning.focus.whole import are_inset, needs_whole

TALL = (0.32, 1.0)  # an upright crop of a wide picture
WIDE = (1.0, 0.32)
PICTURE = (1920, 1080)


@pytest.mark.parametrize(
    ("span", "place", "height", "before", "inset"),
    [
        (TALL, (0.15, 0.85), 0.08, False, True),  # in a lower corner
        (TALL, (0.85, 0.12), 0.08, False, True),  # in an upper corner
        (TALL, (0.85, 0.78), 0.13, False, True),  # a large one
        (TALL, (0.85, 0.78), 0.2, False, False),  # a speaker whose picture that is
        (TALL, (0.85, 0.22), 0.08, False, False),  # someone who stands far away
        (TALL, (0.85, 0.22), 0.08, True, True),  # if in doubt, as before
        (TALL, (0.45, 0.8), 0.12, False, False),  # a child in the middle
        (TALL, (0.1, 0.5), 0.08, True, False),  # the crop moves there
        (WIDE, (0.1, 0.5), 0.08, False, False),  # a speaker at the side of an upright picture
        (WIDE, (0.1, 0.1), 0.08, False, True),
        (WIDE, (0.5, 0.9), 0.08, False, False),
    ],
)
def test_insets_are_told_from_people_who_are_far_away(
    span: tuple[float, float],
    place: tuple[float, float],
    height: float,
    before: bool,
    inset: bool,
) -> None:
    assert are_inset([None, place], height, span, before=before) is inset


@pytest.mark.parametrize(("width", "is_whole"), [(608, True), (1500, True), (1600, False)])
def test_crop_that_cuts_off_little_of_a_screen_is_kept(width: int, is_whole: bool) -> None:
    crop = width, 1080
    slides = [Sight(number, paper=0.6, stillness=1.0) for number in range(20)]
    before = View(((1920 - width) // 2, 0), PICTURE)
    whole = needs_whole(
        Targets([None] * 20), slides, PICTURE, crop, before, in_talk=False, goes_on=False
    )
    assert whole is is_whole
