"""The path of a crop: smooth, calm, and with its target in view, for tables and for any sights."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.planning.focus.area import Area
from reelqueue.planning.focus.crop_path import lead_over, plan_path
from reelqueue.planning.focus.subjects import Face, Sight
from reelqueue.planning.focus.view import View
from reelqueue.planning.framing import Size

PICTURE, CROP = (3414, 1920), (1080, 1920)
FPS = Fraction(30)
STEP = 5  # frames from one sight to the next
MIDDLE = (3414 - 1080) // 2
NTSC = Fraction(30000, 1001)


def see(x: float | None, frame: int, y: float = 0.4, height: float = 0.15) -> Sight:
    return Sight(frame, () if x is None else (Face((x, y), (0.08, height), 0.9),))


def follow(
    where: Callable[[float], float | None], seconds: float, cuts: Sequence[int] = ()
) -> list[int]:
    """Return the lefts of a crop that follows a face at `where(second)`, 0 to 1."""
    frames = round(seconds * FPS)
    sights = [see(where(float(frame / FPS)), frame) for frame in range(0, frames, STEP)]
    return [view.corner[0] for view in plan_path(sights, cuts, frames, FPS, PICTURE, CROP)]


def measure_in_middle(lefts: Sequence[int], where: Callable[[float], float]) -> float:
    """Return the share of the frames in which the face is in the middle half of the crop."""
    places = [
        (where(float(frame / FPS)) * PICTURE[0] - left) / CROP[0]
        for frame, left in enumerate(lefts)
    ]
    return sum(0.25 <= place <= 0.75 for place in places) / len(places)


def find_hasty_turns(positions: Sequence[int], fps: Fraction, cuts: Sequence[int]) -> list[int]:
    """Return the frames in which the crop moves less than 0.5 s after it moved the other way."""
    hasty, last_move, last_step = [], 0, 0
    for frame, (before, here) in enumerate(pairwise(positions), 1):
        step = here - before
        if frame in cuts:
            last_step = 0
        elif step:
            if last_step * step < 0 and (frame - last_move) / fps < Fraction(1, 2):
                hasty.append(frame)
            last_move, last_step = frame, step
    return hasty


def nod(second: float) -> float:
    """Return the place of someone who talks: they move their head by a tenth of the crop."""
    return 0.3 + 0.015 * math.sin(2.1 * second) + 0.012 * math.sin(5.3 * second)


def test_crop_rests_while_its_target_stays_near_its_middle() -> None:
    lefts = follow(nod, 60)
    assert len(set(lefts)) == 1
    assert lefts[0] % 2 == 0
    assert measure_in_middle(lefts, nod) == 1


def walk(second: float) -> float:
    """Stay for five seconds, walk across the picture in six, and stay again."""
    return 0.25 + 0.5 * min(max((second - 5) / 6, 0), 1)


def change_places(second: float) -> float:
    return 0.3 if second % 8 < 4 else 0.7


def pace(second: float) -> float:
    return 0.5 + 0.3 * math.sin(2 * math.pi * second / 9)


@pytest.mark.parametrize(
    ("where", "share"), [(nod, 1.0), (walk, 0.98), (pace, 0.95), (change_places, 0.85)]
)
def test_target_is_kept_in_the_middle_half(where: Callable[[float], float], share: float) -> None:
    assert measure_in_middle(follow(where, 40), where) >= share


def test_crop_goes_on_with_what_goes_on_and_rests_before_and_after() -> None:
    lefts = follow(walk, 16)
    moving = [frame for frame, (one, two) in enumerate(pairwise(lefts), 1) if one != two]
    assert 4 * 30 < moving[0] < 6 * 30
    assert 10 * 30 < moving[-1] < 12.5 * 30
    assert len(moving) > 0.9 * (moving[-1] - moving[0])
    assert all(two >= one for one, two in pairwise(lefts))


def test_speed_and_acceleration_are_limited() -> None:
    lefts = follow(change_places, 40)
    speeds = [two - one for one, two in pairwise(lefts)]
    changes = [abs(two - one) for one, two in pairwise(speeds)]
    assert 20 < max(speeds) <= 1.2 * 1080 / 30 + 1
    assert max(changes) <= 1.2 * 1080 / 30 / (0.3 * 30) + 2  # and rounding


def test_crop_jumps_with_the_scene_and_not_before() -> None:
    lefts = follow(lambda second: 0.3 if second < 2 else 0.7, 4, [60])
    assert set(lefts[:60]) != set(lefts[60:])
    assert len(set(lefts[:60])) == len(set(lefts[60:])) == 1


def test_crop_stays_where_the_next_scene_is_in_view_too() -> None:
    assert len(set(follow(lambda second: 0.3 if second < 2 else 0.33, 4, [60]))) == 1


def test_a_moments_error_moves_nothing() -> None:
    lefts = follow(lambda second: 0.9 if 2 <= second < 2.2 else 0.3, 4)
    assert len(set(lefts)) == 1


def test_face_that_is_hidden_for_a_while_is_waited_for() -> None:
    lefts = follow(lambda second: None if 2 <= second < 5 else 0.3, 8)
    assert len(set(lefts)) == 1


def test_what_moves_is_followed_only_if_it_leaves_the_middle_half() -> None:
    for far, places in ((0.07, 1), (0.3, 2)):
        sights = [
            Sight(frame, motion=(0.4 + (far if frame >= 90 else -far) / 2, 0.5))
            for frame in range(0, 180, STEP)
        ]
        path = plan_path(sights, [], 180, FPS, PICTURE, CROP)
        assert len({path[0], path[-1]}) == places


def test_nothing_to_see_leaves_the_crop_in_the_middle() -> None:
    assert set(follow(lambda _: None, 2)) == {MIDDLE // 2 * 2}
    assert plan_path([], [], 3, FPS, PICTURE, CROP) == [((MIDDLE // 2 * 2, 0), PICTURE)] * 3


def test_crop_moves_up_and_down_in_an_upright_picture() -> None:
    sights = [see(0.5, frame, y=0.3 if frame < 90 else 0.7) for frame in range(0, 180, STEP)]
    path = plan_path(sights, [], 180, FPS, (1080, 1920), (1080, 1080))
    assert {view.corner[0] for view in path} == {0}
    assert (path[0].corner[1], path[-1].corner[1]) == (36, 804)  # 0.3 * 1920 - 540, and 0.7


def test_scene_whose_face_is_near_the_edge_is_shown_from_closer() -> None:
    faces = [(0.5, 0.22), (None, 0), (0.5, 0.4), (0.6, 0.25)]  # one in each scene
    sights = [see(x, frame, y) for frame in range(0, 240, STEP) for x, y in [faces[frame // 60]]]
    path = plan_path(sights, [60, 120, 180], 240, FPS, PICTURE, CROP)
    scenes = [set(path[first : first + 60]) for first in range(0, 240, 60)]
    shown = [view for scene in scenes for view in scene]
    assert len(shown) == 4  # at rest in each
    assert [view.picture[1] for view in shown] == [2496, 1920, 1920, 2304]
    for view, (x, y) in zip(shown, faces, strict=True):
        if x is not None:
            assert 0.27 <= (y * view.picture[1] - view.corner[1]) / CROP[1] <= 0.73
            assert 0.45 <= (x * view.picture[0] - view.corner[0]) / CROP[0] <= 0.55


def test_scene_is_as_close_as_the_one_before_if_that_is_near_what_it_needs() -> None:
    sights = [see(0.5, frame, 0.22 if frame < 60 else 0.24) for frame in range(0, 120, STEP)]
    assert len(set(plan_path(sights, [60], 120, FPS, PICTURE, CROP))) == 1


@pytest.mark.parametrize(("apart", "height"), [(0.05, 2496), (0.11, 1920), (0.2, 2496)])
def test_crop_comes_no_closer_than_shows_the_faces_beside_each_other(
    apart: float, height: int
) -> None:
    faces = [Face((0.5 + side * apart / 2, 0.22), (0.08, 0.15), 0.9) for side in (-1, 1)]
    sights = [Sight(frame, tuple(faces)) for frame in range(0, 60, STEP)]
    (view,) = set(plan_path(sights, [], 60, FPS, PICTURE, CROP))
    assert view.picture[1] == height


def test_cut_goes_on_from_what_the_cut_before_has_shown() -> None:
    sights = [
        [see(x, frame, y) for frame in range(0, 60, STEP)] for x, y in [(0.5, 0.22), (0.53, 0.24)]
    ]
    first = plan_path(sights[0], [], 60, FPS, PICTURE, CROP)
    alone = plan_path(sights[1], [], 60, FPS, PICTURE, CROP)
    assert plan_path(sights[1], [], 60, FPS, PICTURE, CROP, before=first[-1]) == first != alone


def test_flash_does_not_change_how_close_the_crop_is() -> None:
    sights = [see(None if 60 <= frame < 64 else 0.5, frame, 0.22) for frame in range(0, 120, 4)]
    path = plan_path(sights, [60, 64], 120, FPS, PICTURE, CROP)
    assert {view.picture[1] for view in path} == {2496}


INSET = Face((0.15, 0.85), (0.04, 0.08), 0.7)


def test_scene_with_a_speaker_in_a_corner_is_shown_whole() -> None:
    sights = [
        Sight(frame, (INSET,)) if 60 <= frame < 120 else see(0.5, frame)
        for frame in range(0, 180, STEP)
    ]
    path = plan_path(sights, [60, 120], 180, FPS, PICTURE, CROP)
    assert [view.is_whole for view in path] == [False] * 60 + [True] * 60 + [False] * 60
    assert set(path[60:120]) == {View((0, -656), (1080, 608))}  # in the middle of the frame
    assert path[0] == path[-1]


def test_flash_within_what_is_shown_whole_is_so_too() -> None:
    sights = [Sight(frame, () if frame == 60 else (INSET,)) for frame in range(0, 120, 4)]
    path = plan_path(sights, [60, 64], 120, FPS, PICTURE, CROP)
    assert all(view.is_whole for view in path)


@pytest.mark.parametrize(("paper", "is_whole"), [(0.1, False), (0.6, True)])
def test_flash_at_the_end_is_shown_whole_if_it_looks_like_a_screen(
    paper: float, is_whole: bool
) -> None:
    slides = [look("slide", frame) for frame in range(0, 60, STEP)]
    path = plan_path([*slides, Sight(60, paper=paper)], [60], 64, FPS, PICTURE, CROP)
    assert all(view.is_whole for view in path[:60])
    assert {view.is_whole for view in path[60:]} == {is_whole}


def test_face_in_a_flash_is_followed() -> None:
    slides = [look("slide", frame) for frame in range(0, 60, STEP)]
    path = plan_path([*slides, see(0.8, 60)], [60], 64, FPS, PICTURE, CROP)
    alone = plan_path([see(0.8, frame) for frame in range(0, 60, STEP)], [], 60, FPS, PICTURE, CROP)
    assert path[-1] == alone[-1]


def test_flash_before_a_pause_shows_what_follows_it() -> None:
    slides = [look("slide", frame) for frame in range(0, 60, STEP)]
    path = plan_path(slides, [60], 63, FPS, PICTURE, CROP)
    following = plan_path([see(0.8, 0)], [], 60, FPS, PICTURE, CROP)[0]
    assert lead_over(path, slides, [60], following) == [*path[:60], *[following] * 3]
    assert lead_over(path[:60], slides, [], following) == path[:60]


def look(kind: str, frame: int) -> Sight:
    """Return what is seen of a slide, of a picture among slides, or of a film."""
    paper, stillness = {"slide": (0.6, 1.0), "picture": (0.1, 0.9), "film": (0.1, 0.3)}[kind]
    return Sight(frame, motion=(0.3, 0.5), paper=paper, stillness=stillness)


kinds = st.lists(st.sampled_from(["slide", "picture", "film"]), min_size=1, max_size=5)


@given(kinds)
def test_slides_are_shown_whole_and_pictures_among_them_too(scenes: list[str]) -> None:
    sights = [look(scenes[frame // 60], frame) for frame in range(0, 60 * len(scenes), STEP)]
    cuts = list(range(60, 60 * len(scenes), 60))
    path = plan_path(sights, cuts, 60 * len(scenes), FPS, PICTURE, CROP)
    whole = {"slide"} | ({"picture"} if "slide" in scenes else set())
    assert [view.is_whole for view in path[::60]] == [scene in whole for scene in scenes]


def test_pictures_that_follow_slides_of_another_part_are_shown_whole() -> None:
    sights = [look("picture", frame) for frame in range(0, 60, STEP)]
    slide = plan_path([look("slide", 0), look("slide", 5)], [], 10, FPS, PICTURE, CROP)[-1]
    assert slide.is_whole
    assert all(view.is_whole for view in plan_path(sights, [], 60, FPS, PICTURE, CROP, slide))
    assert not any(view.is_whole for view in plan_path(sights, [], 60, FPS, PICTURE, CROP))


def test_slides_are_cropped_where_that_cuts_off_little() -> None:
    sights = [look("slide", frame) for frame in range(0, 60, STEP)]
    path = plan_path(sights, [], 60, FPS, (1200, 1000), (1000, 1000))
    assert not any(view.is_whole for view in path)


@pytest.mark.parametrize(
    ("height", "paper", "stillness", "is_whole"),
    [
        (0.2, 0.5, 0.9, True),
        (0.3, 0.5, 0.9, False),  # a speaker who fills the picture, before something flat
        (0.2, 0.15, 0.9, False),  # before a wall
        (0.2, 0.5, 0.7, False),
        (0.3, 0.5, 0.99, True),  # a slide with a photo of someone
    ],
)
def test_small_speaker_beside_slides_is_shown_with_them(
    height: float, paper: float, stillness: float, is_whole: bool
) -> None:
    face = Face((0.8, 0.6), (0.1, height), 0.9)
    sights = [
        Sight(frame, (face,), paper=paper, stillness=stillness) for frame in range(0, 60, STEP)
    ]
    path = plan_path(sights, [], 60, FPS, PICTURE, CROP)
    assert {view.is_whole for view in path} == {is_whole}


def test_speaker_who_fills_a_scene_among_slides_is_followed() -> None:
    sights = [
        see(0.5, frame) if frame >= 60 else look("slide", frame) for frame in range(0, 120, STEP)
    ]
    path = plan_path(sights, [60], 120, FPS, PICTURE, CROP)
    assert [view.is_whole for view in path] == [True] * 60 + [False] * 60


places = st.one_of(st.none(), st.floats(0, 1))
rates = st.sampled_from([Fraction(rate) for rate in (10, 12, NTSC, 24, 25, 60)])
sizes = st.sampled_from([(PICTURE, CROP), ((320, 180), (102, 180)), ((180, 320), (180, 100))])


stays = st.lists(st.tuples(places, st.integers(1, 15)), max_size=20)


@given(stays, rates, sizes, st.lists(st.integers(0, 600), max_size=3), st.sampled_from([0.05, 0.3]))
def test_any_path_is_within_the_picture_and_never_hasty(
    stays: list[tuple[float | None, int]],
    fps: Fraction,
    shape: tuple[Size, Size],
    cuts: list[int],
    height: float,
) -> None:
    picture, crop = shape
    step = max(1, round(fps / 6))
    seen = [place for place, moments in stays for _ in range(moments)]
    frames = len(seen) * step + 3
    sights = [see(place, number * step, place or 0, height) for number, place in enumerate(seen)]
    cuts = sorted(set(cuts))
    path = plan_path(sights, cuts, frames, fps, picture, crop)
    assert len(path) == frames
    for axis in (0, 1):
        positions = [view.corner[axis] for view in path]
        room = [sorted((0, view.picture[axis] - crop[axis])) for view in path]
        assert all(low <= at <= high for at, (low, high) in zip(positions, room, strict=True))
        assert find_hasty_turns(positions, fps, cuts) == []


drifts = st.lists(st.floats(-0.04, 0.04), min_size=20, max_size=150)


@given(drifts, rates)
def test_what_drifts_is_never_lost(drift: list[float], fps: Fraction) -> None:
    """By up to a quarter of the crop's width from sight to sight, to both sides."""
    step = max(1, round(fps / 6))
    x, seen = 0.5, []
    for change in drift:
        x = min(max(x + change, 0.05), 0.95)
        seen.append(x)
    sights = [see(place, number * step) for number, place in enumerate(seen)]
    path = plan_path(sights, [], len(seen) * step, fps, PICTURE, CROP)
    held = [
        0 <= place * PICTURE[0] - path[number * step].corner[0] <= CROP[0]
        for number, place in enumerate(seen)
    ]
    assert sum(held) >= 0.9 * len(held)


def test_crop_follows_a_face_without_showing_the_bars_beside_it() -> None:
    """A film of 1800 pixels' width stands between bars; the face comes near its edges."""
    area = Area((3414 - 1800) / 2 / 3414, 0, (3414 + 1800) / 2 / 3414, 1)
    frames = 600
    sights = [
        replace(see(0.5 + 0.15 * math.sin(frame / 60), frame), area=area)
        for frame in range(0, frames, STEP)
    ]
    path = plan_path(sights, [], frames, FPS, PICTURE, CROP)
    lefts = [view.corner[0] for view in path]
    assert min(lefts) >= (3414 - 1800) // 2
    assert max(lefts) <= (3414 + 1800) // 2 - 1080
    assert max(lefts) - min(lefts) > 100
