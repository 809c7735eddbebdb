"""Which scenes are taken for what a screen shows, by what was measured of real ones."""

from __future__ import annotations

import pytest

from reelqueue.planning.focus.screens import may_show_screen, shows_screen
from reelqueue.planning.focus.subjects import Sight


def see(paper: float, *stillness: float | None) -> list[Sight]:
    return [
        Sight(5 * number, paper=paper, stillness=still) for number, still in enumerate(stillness)
    ]


@pytest.mark.parametrize(
    ("paper", "stillness", "sure", "likely"),
    [
        (0.66, 1.0, True, True),  # writing by hand
        (0.48, 1.0, True, True),  # a code editor
        (0.32, 0.98, True, True),  # slides full of boxes
        (0.11, 0.89, False, True),  # a picture between slides
        (0.28, 0.81, False, True),  # windows that pop up
        (0.08, 0.91, False, True),  # a room that a camera sees
        (0.06, 0.85, False, True),  # a speaker before a wall
        (0.2, 0.48, False, False),  # vegetables before a white wall
        (0.2, 1.0, False, True),  # a strongly compressed photo
        (0.03, 0.22, False, False),  # cyclists
        (0.6, 0.7, False, False),  # a cartoon that moves on flat ground
    ],
)
def test_screens_are_told_from_films(
    paper: float, stillness: float, sure: bool, likely: bool
) -> None:
    sights = see(paper, None, stillness, stillness, stillness)
    assert (shows_screen(sights), may_show_screen(sights)) == (sure, likely)


def test_moments_of_a_scroll_do_not_matter_and_nothing_is_known_of_none() -> None:
    assert shows_screen(see(0.6, None, 1, 1, 0.2, 0.1, 1, 1))
    assert not shows_screen(see(0.6, None, 1, 0.2, 0.1, 0.2, 1))
    assert not shows_screen(see(0.9, None))
    assert not shows_screen([])
