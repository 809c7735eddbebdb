from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from pkgutil import iter_modules
from typing import assert_never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.planning import transitions
from reelqueue.planning.transitions.base import Blur, Crossfade, Edge, LumaWipe, Zoom
from reelqueue.planning.transitions.dip import find_dip
from reelqueue.planning.transitions.registry import EFFECTS, list_frames
from reelqueue.specs.photo import Transition

EDGES = [name for name in EFFECTS if name.startswith(("wipe", "slide", "push"))]
DIPS = [Transition.FADE_BLACK, Transition.FADE_WHITE]
DRAWN = [Transition.DISSOLVE, *(Transition(f"circle_{how}") for how in ("open", "close"))]
DRAWN += [Transition.ZOOM, Transition.BLUR]
sides = st.integers(32, 1920).map(lambda half: 2 * half)


def test_every_transition_has_a_module() -> None:
    found: list[Transition] = []
    for module in iter_modules(transitions.__path__, f"{transitions.__name__}."):
        if not module.name.endswith(".registry"):
            found += getattr(import_module(module.name), "EFFECTS", {})

    assert sorted(found) == sorted(EFFECTS)
    assert set(found) == set(Transition) - {Transition.NONE, Transition.RANDOM}


@given(st.sampled_from(list(EFFECTS)), st.integers(1, 300), st.tuples(sides, sides))
def test_last_frame_is_the_new_photo(
    transition: Transition, frames: int, size: tuple[int, int]
) -> None:
    shown = list(list_frames(transition, frames, size))

    assert len(shown) == frames
    alone = Crossfade(Fraction(0), Fraction(1))
    match shown[-1]:
        case Crossfade() as fade:
            assert fade._replace(grey=0) == alone
        case Edge() as edge:
            assert edge.new_shift == 0
            assert edge.first_share == 0
            assert edge.strip == (size[edge.is_level] if edge.is_new_first else 0)
        case LumaWipe() as wipe:
            assert wipe.threshold == 1 + wipe.softness
        case Zoom(_, fade):
            assert fade == alone
        case Blur() as blur:
            assert blur == Blur(Fraction(0), alone)
        case other:
            assert_never(other)


@given(st.sampled_from(EDGES), st.integers(1, 300), st.tuples(sides, sides))
def test_edge_stands_on_even_samples_and_moves_one_way(
    transition: Transition, frames: int, size: tuple[int, int]
) -> None:
    edges = [edge for edge in list_frames(transition, frames, size) if isinstance(edge, Edge)]

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
    assert next(list_frames(transition, 4, (100, 80))) == edge


def test_last_strip_may_be_narrow() -> None:
    edges = list_frames(Transition.WIPE_RIGHT, 50, (100, 80))

    *_, before, last = (edge for edge in edges if isinstance(edge, Edge))
    assert (before.strip, before.first_share) == (96, Fraction(1, 2))  # 98 of 100
    assert (last.strip, last.first_share) == (100, Fraction(0))


@given(st.integers(1, 300))
def test_fade_is_linear(frames: int) -> None:
    assert list(list_frames(Transition.FADE, frames, (64, 64))) == [
        Crossfade(1 - Fraction(frame, frames), Fraction(frame, frames))
        for frame in range(1, frames + 1)
    ]


@given(st.sampled_from(DIPS), st.integers(2, 300))
def test_fade_through_a_colour_shows_it_alone_half_way(transition: Transition, frames: int) -> None:
    shown = [
        fade for fade in list_frames(transition, frames, (64, 64)) if isinstance(fade, Crossfade)
    ]

    dip = find_dip(frames)
    assert shown[dip - 1] == Crossfade(Fraction(0), Fraction(0), EFFECTS[transition].dip or 0)
    olds, news = ([fade.old for fade in shown], [fade.new for fade in shown])
    assert olds == sorted(olds, reverse=True)
    assert news == sorted(news)
    assert not any(olds[dip:])
    assert not any(news[:dip])


def test_what_a_transition_is() -> None:
    assert [name for name, effect in EFFECTS.items() if effect.dip is not None] == DIPS
    assert [name for name, effect in EFFECTS.items() if effect.must_be_drawn] == DRAWN
    for name, effect in EFFECTS.items():
        assert effect.moves_old == name.startswith("push")
        assert effect.moves_new == name.startswith(("slide", "push"))


def test_what_must_be_drawn_has_a_cost() -> None:
    for name, effect in EFFECTS.items():
        may_be_drawn = effect.must_be_drawn or effect.moves_new
        assert (min(effect.cost) > 0) == may_be_drawn, name


def test_luma_wipe_goes_on_evenly() -> None:
    softness = Fraction(1, 32)
    thresholds = [Fraction(33 * quarters, 4 * 32) for quarters in (1, 2, 3, 4)]
    assert list(list_frames(Transition.CIRCLE_CLOSE, 4, (64, 64))) == [
        LumaWipe("circle", True, threshold, softness) for threshold in thresholds
    ]


def test_zoom_begins_slowly_and_fades_late() -> None:
    frames = list_frames(Transition.ZOOM, 4, (64, 64))

    zooms = [zoom for zoom in frames if isinstance(zoom, Zoom)]
    assert [8 * zoom.scale for zoom in zooms] == [9, 12, 17, 24]
    assert [3 * zoom.fade.new for zoom in zooms] == [0, 1, 2, 3]


def test_blur_is_greatest_half_way_where_both_photos_are_mixed() -> None:
    frames = list_frames(Transition.BLUR, 6, (64, 64))

    blurs = [blur for blur in frames if isinstance(blur, Blur)]
    assert [60 * blur.sigma for blur in blurs] == [1, 2, 3, 2, 1, 0]
    assert [blur.fade.new for blur in blurs] == [0, 0, Fraction(1, 2), 1, 1, 1]
