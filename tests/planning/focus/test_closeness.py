"""How close a crop comes to faces that are near an edge of the picture."""

from __future__ import annotations

import pytest

from reelqueue.planning.focus.closeness import choose_zoom

TALL = (0.32, 1.0)  # an upright crop of a wide picture
WIDE = (1.0, 0.32)


@pytest.mark.parametrize(
    ("span", "place", "before", "zoom"),
    [
        (TALL, (0.5, 0.4), 1.0, 1.0),
        (TALL, (0.1, 0.4), 1.0, 1.0),  # the crop moves there
        (TALL, (0.5, 0.26), 1.0, 1.1),
        (TALL, (0.5, 0.74), 1.0, 1.1),
        (TALL, (0.5, 0.21), 1.0, 1.4),
        (TALL, (0.5, 0.184), 1.0, 1.4),  # just within the middle half
        (TALL, (0.5, 0.18), 1.0, 1.0),  # too close would be needed
        (TALL, (0.5, 0.0), 1.0, 1.0),
        (TALL, (-0.1, 1.2), 1.0, 1.0),  # the middle of a face that is half outside
        (WIDE, (0.22, 0.5), 1.0, 1.3),
        ((1.0, 1.0), (0.22, 0.25), 1.0, 1.3),
        (TALL, (0.5, 0.26), 1.2, 1.2),  # near enough to what it needs
        (TALL, (0.5, 0.22), 1.2, 1.2),
        (TALL, (0.5, 0.2), 1.2, 1.4),
        (TALL, (0.5, 0.26), 1.4, 1.1),
        (TALL, (0.5, 0.4), 1.2, 1.0),
    ],
)
def test_the_least_zoom_that_brings_faces_off_the_edge(
    span: tuple[float, float], place: tuple[float, float], before: float, zoom: float
) -> None:
    assert choose_zoom([None, place], span, before) == zoom


def test_a_moments_error_brings_nothing_closer() -> None:
    places = [(0.5, 0.4)] * 5 + [(0.5, 0.2)] * 4
    assert choose_zoom(places, TALL, 1.0) == 1
