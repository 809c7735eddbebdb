from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.planning.timeline import Blend
from reelqueue.planning.transitions import (
    Blur,
    Edge,
    Reveal,
    Shares,
    Zoom,
    find_grey,
    find_half,
    is_drawn,
    list_steps,
    moves_new,
)
from reelqueue.specs.slideshow import Transition

WAYS = [way for way in Transition if way not in (Transition.NONE, Transition.RANDOM)]
EDGES = [way for way in WAYS if way.startswith(("wipe", "slide", "push"))]
DRAWN = [Transition.DISSOLVE, *(Transition(f"circle_{how}") for how in ("open", "close"))]
DRAWN += [Transition.ZOOM, Transition.BLUR]
sides = st.integers(32, 1920).map(lambda half: 2 * half)


@given(st.sampled_from(WAYS), st.integers(1, 300), st.tuples(sides, sides))
def test_every_frame_has_a_step_and_the_last_is_the_next_photo(
    transition: Transition, frames: int, size: tuple[int, int]
) -> None:
    steps = list(list_steps(Blend(transition, 0, 1, frames), size))

    assert len(steps) == frames
    alone = Shares(Fraction(0), Fraction(1))
    match steps[-1]:
        case Shares() as shares:
            assert shares == alone
        case Edge() as edge:
            assert edge.new_shift == 0
            assert edge.first_share == 0
            assert edge.strip == (size[edge.is_level] if edge.is_new_first else 0)
        case Reveal() as reveal:
            assert reveal.front == 1 + reveal.softness
        case Zoom(_, shares):
            assert shares == alone
        case Blur() as blur:
            assert blur == Blur(Fraction(0), alone)


@given(st.sampled_from(EDGES), st.integers(1, 300), st.tuples(sides, sides))
def test_edge_stands_on_even_samples_and_moves_one_way(
    transition: Transition, frames: int, size: tuple[int, int]
) -> None:
    edges = [
        step for step in list_steps(Blend(transition, 0, 1, frames), size) if isinstance(step, Edge)
    ]

    assert len(edges) == frames
    length = size[edges[0].is_level]
    for edge in edges:
        assert 0 <= edge.first_share < 1
        assert edge.strip % 8 == 0 or edge.strip == length
        assert edge.old_shift % 2 == edge.new_shift % 2 == 0
    positions = [edge.strip + edge.first_share for edge in edges]
    assert positions == sorted(positions, reverse=transition.endswith(("left", "up")))


@pytest.mark.parametrize(
    ("transition", "edge"),
    [
        (Transition.WIPE_LEFT, Edge(False, 72, Fraction(1, 2), False, 0, 0)),
        (Transition.WIPE_RIGHT, Edge(False, 24, Fraction(0), True, 0, 0)),
        (Transition.SLIDE_LEFT, Edge(False, 72, Fraction(1, 2), False, 0, 76)),
        (Transition.SLIDE_RIGHT, Edge(False, 24, Fraction(0), True, 0, -76)),
        (Transition.PUSH_LEFT, Edge(False, 72, Fraction(1, 2), False, -24, 76)),
        (Transition.PUSH_RIGHT, Edge(False, 24, Fraction(0), True, 24, -76)),
        (Transition.WIPE_UP, Edge(True, 56, Fraction(1, 2), False, 0, 0)),
        (Transition.SLIDE_DOWN, Edge(True, 16, Fraction(1, 2), True, 0, -60)),
        (Transition.PUSH_UP, Edge(True, 56, Fraction(1, 2), False, -20, 60)),
    ],
)
def test_edge_after_a_quarter(transition: Transition, edge: Edge) -> None:
    """A hundred samples wide, 80 high: an odd 25 columns become 24."""
    assert next(list_steps(Blend(transition, 0, 1, 4), (100, 80))) == edge


def test_last_strip_may_be_narrow() -> None:
    steps = list_steps(Blend(Transition.WIPE_RIGHT, 0, 1, 50), (100, 80))

    *_, before, last = (step for step in steps if isinstance(step, Edge))
    assert (before.strip, before.first_share) == (96, Fraction(1, 2))  # 98 of 100
    assert (last.strip, last.first_share) == (100, Fraction(0))


@given(st.integers(1, 300))
def test_fade_is_linear(frames: int) -> None:
    steps = list_steps(Blend(Transition.FADE, 0, 1, frames), (64, 64))

    assert list(steps) == [
        Shares(1 - Fraction(frame, frames), Fraction(frame, frames))
        for frame in range(1, frames + 1)
    ]


@given(st.sampled_from([Transition.FADE_BLACK, Transition.FADE_WHITE]), st.integers(2, 300))
def test_fade_through_a_colour_shows_it_alone_half_way(transition: Transition, frames: int) -> None:
    blend = Blend(transition, 0, 1, frames)
    steps = [step for step in list_steps(blend, (64, 64)) if isinstance(step, Shares)]

    half = find_half(blend)
    assert steps[half - 1] == Shares(Fraction(0), Fraction(0))
    olds, news = ([step.old for step in steps], [step.new for step in steps])
    assert olds == sorted(olds, reverse=True)
    assert news == sorted(news)
    assert not any(olds[half:])
    assert not any(news[:half])


def test_what_a_transition_is() -> None:
    assert [way for way in WAYS if find_grey(way) is not None] == [
        Transition.FADE_BLACK,
        Transition.FADE_WHITE,
    ]
    assert [way for way in WAYS if is_drawn(way)] == DRAWN
    assert all(moves_new(way) == way.startswith(("slide", "push")) for way in Transition)


def test_pattern_lets_more_through_with_every_frame() -> None:
    steps = list(list_steps(Blend(Transition.CIRCLE_CLOSE, 0, 1, 4), (64, 64)))

    softness = Fraction(1, 32)
    fronts = [Fraction(33 * quarters, 4 * 32) for quarters in (1, 2, 3, 4)]
    assert steps == [Reveal("circle", True, front, softness) for front in fronts]


def test_zoom_begins_slowly_and_fades_late() -> None:
    steps = list_steps(Blend(Transition.ZOOM, 0, 1, 4), (64, 64))

    zooms = [step for step in steps if isinstance(step, Zoom)]
    assert [8 * zoom.scale for zoom in zooms] == [9, 12, 17, 24]
    assert [3 * zoom.shares.new for zoom in zooms] == [0, 1, 2, 3]


def test_blur_is_greatest_half_way_where_both_photos_are_mixed() -> None:
    steps = list_steps(Blend(Transition.BLUR, 0, 1, 6), (64, 64))

    blurs = [step for step in steps if isinstance(step, Blur)]
    assert [60 * blur.deviation for blur in blurs] == [1, 2, 3, 2, 1, 0]
    assert [blur.shares.new for blur in blurs] == [0, 0, Fraction(1, 2), 1, 1, 1]
