"""A storyboard says of every frame what the plan that is rendered shows in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from reelqueue.errors import InvalidSpecError
from reelqueue.media.facts import PhotoFacts, VideoFacts
from reelqueue.planning.camera import CANVAS, ZOOM, Move, find_box
from reelqueue.planning.framing import center, contain, cover, enlarge
from reelqueue.planning.slides import add_cards
from reelqueue.planning.soundtrack import RATE, Track, measure_music
from reelqueue.planning.storyboard.build import Known, draw_storyboard
from reelqueue.planning.storyboard.model import Slide, Storyboard
from reelqueue.planning.timeline import Timeline, build_timeline
from reelqueue.planning.transitions.base import Blur, Crossfade, Edge, LumaWipe, Zoom
from reelqueue.planning.transitions.registry import EFFECTS
from reelqueue.specs.photo import Fit, Motion, PhotoSpec, Transition, VideoPart
from reelqueue.specs.picture import Point
from reelqueue.specs.slideshow import SlideshowSpec
from reelqueue.specs.text import TitleCard
from tests.conftest import ROOT

TRANSITIONS: list[dict[str, Any]] = json.loads(
    (ROOT / "tests" / "static" / "stage" / "transitions.json").read_text()
)
LANDSCAPE = PhotoFacts(width=4000, height=3000, format="jpeg")
UPRIGHT = PhotoFacts(width=3000, height=4000, format="jpeg", detail=Point(x=0.5, y=0.2))
TURNED = UPRIGHT.model_copy(
    update={"turned_details": (Point(x=0.8, y=0.5), Point(x=0.5, y=0.8), Point(x=0.2, y=0.5))}
)
VIDEO = VideoFacts(duration=9, width=640, height=480, fps=25, has_audio=True, format="mp4")
PLAYED = PhotoSpec(video=VideoPart(start=2, end=6))
TITLE = TitleCard(text="Summer", subtitle="by the sea", duration=1.5)
PHOTOS: list[tuple[PhotoSpec, Known]] = [
    (PhotoSpec(), LANDSCAPE),
    (PhotoSpec(duration=2.5, transition=Transition.PUSH_LEFT, caption="A photo"), UPRIGHT),
    (PLAYED, VIDEO),
    (PhotoSpec(motion=Motion.ZOOM_IN, caption="Another"), UPRIGHT),
    (PhotoSpec(rotate=90, fit=Fit.COVER), UPRIGHT),
]
SPECS = [
    SlideshowSpec(),
    SlideshowSpec(fps=29.97, transition=Transition.RANDOM, motion=Motion.KENBURNS, seed=5),
    SlideshowSpec(title=TITLE, end_title=TITLE, transition_duration=3, resolution="1080x1920"),
    SlideshowSpec(transition=Transition.NONE, end_title=TITLE),
]


def draw(
    spec: SlideshowSpec, photos: Sequence[tuple[PhotoSpec, Known]] = PHOTOS
) -> tuple[Storyboard, Timeline]:
    slides = add_cards(spec, [photo for photo, _ in photos])
    return draw_storyboard(spec, photos, ()), build_timeline(spec, slides)


def draw_one(spec: SlideshowSpec, facts: PhotoFacts, **settings: Any) -> Slide:
    photo = PhotoSpec(**settings)
    return draw_storyboard(spec, [(photo, facts)], ()).slides[0]


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_every_slide_is_shown_in_the_frames_of_the_plan(spec: SlideshowSpec) -> None:
    board, timeline = draw(spec)
    assert len(board.slides) == timeline.photo_count
    for number, slide in enumerate(board.slides):
        shown = timeline.find_shown(number)
        assert (slide.start, slide.end) == (shown.first, shown.first + shown.frames)
    for slide, following in pairwise(board.slides):
        if slide.transition:
            assert (slide.transition.start, slide.transition.end) == (following.start, slide.end)
            assert slide.transition.name not in (Transition.NONE, Transition.RANDOM)
        else:
            assert slide.end == following.start
    assert board.slides[-1].end == timeline.frames


def test_title_cards_have_their_words_and_the_photo_next_to_them() -> None:
    board, _ = draw(SPECS[2])
    first, last = board.slides[0], board.slides[-1]
    assert (first.kind, first.photo, last.kind, last.photo) == ("title", 0, "end_title", 4)
    assert first.words
    assert [(words.role, words.lines[0].text) for words in first.words] == [
        ("title", "Summer"),
        ("subtitle", "by the sea"),
    ]
    assert first.words[0].box[1] + first.words[0].box[3] <= first.words[1].box[1]


def test_words_of_two_slides_part_in_a_fade_alone() -> None:
    captions = [(PhotoSpec(caption=text), LANDSCAPE) for text in ("One", "Two")]
    fade, _ = draw(SlideshowSpec(), captions)
    wipe, _ = draw(SlideshowSpec(transition=Transition.WIPE_UP), captions)
    assert fade.slides[0].transition
    assert fade.slides[0].transition.parts_words
    assert wipe.slides[0].transition
    assert not wipe.slides[0].transition.parts_words


def test_photo_that_stands_still_has_its_place_in_the_frame() -> None:
    slide = draw_one(SlideshowSpec(fit=Fit.CONTAIN), UPRIGHT)
    size = width, height = contain((3000, 4000), (1920, 1080))
    expected = (center(size, (1920, 1080))[0] / 1920, 0, width / 1920, height / 1080)
    assert slide.place == pytest.approx(expected, abs=1e-4)
    assert slide.views is None


@pytest.mark.parametrize("known", [UPRIGHT, TURNED], ids=["of an earlier version", "as it is"])
@pytest.mark.parametrize(
    ("rotate", "focus", "middle"),
    [
        (0, None, (0.5, 0.2109)),  # of its detail, as near as the upper edge allows
        (90, None, (0.7, 0.5)),
        (180, None, (0.5, 0.7891)),
        (270, None, (0.3, 0.5)),
        (0, Point(x=0.1, y=0.6), (0.5, 0.6)),
    ],
)
def test_crop_is_around_the_detail_of_the_photo_as_it_is_turned(
    known: PhotoFacts, rotate: int, focus: Point | None, middle: tuple[float, float]
) -> None:
    spec = SlideshowSpec(fit=Fit.COVER, resolution="1000x1000" if rotate % 180 else "1920x1080")
    slide = draw_one(spec, known, rotate=rotate, focus=focus)
    assert slide.views
    left, top, width, height = slide.views[0]
    assert (left + width / 2, top + height / 2) == pytest.approx(middle, abs=0.13)
    turned = (4000, 3000) if rotate % 180 else (3000, 4000)
    assert width * turned[0] / (height * turned[1]) == pytest.approx(
        spec.size[0] / spec.size[1], rel=1e-3
    )
    assert min(left, top) >= 0
    assert max(left + width, top + height) <= 1.00001


@pytest.mark.parametrize("motion", [Motion.KENBURNS, Motion.PAN_LEFT, Motion.ZOOM_OUT])
def test_views_and_their_easing_are_those_of_the_camera(motion: Motion) -> None:
    spec = SlideshowSpec(motion=motion, seed=3)
    board, timeline = draw(spec, [(PhotoSpec(), UPRIGHT), (PhotoSpec(), LANDSCAPE)])
    slide = board.slides[1]
    span = timeline.spans[-1]
    assert isinstance(span.move, Move)
    assert slide.views
    picture = cover((4000, 3000), enlarge(spec.size, CANVAS))
    for number in (0, 13, span.frames - 1):
        box = find_box(span.move, number, picture, Point(x=0.5, y=0.5), spec.size)
        frame = timeline.frames - span.frames + number
        time = (frame - slide.start) / (slide.end - slide.start - 1)
        done = time**2 * (3 - 2 * time)
        left, top, width, height = (
            first + (last - first) * done for first, last in zip(*slide.views, strict=True)
        )
        shares = (left, top, left + width, top + height)
        edges = [share * picture[side % 2] for side, share in enumerate(shares)]
        assert edges == pytest.approx(box, abs=0.1)


def test_very_long_photo_that_moves_lies_in_a_canvas() -> None:
    panorama = PhotoFacts(width=12_000, height=1000, format="jpeg")
    slide = draw_one(SlideshowSpec(motion=Motion.ZOOM_IN), panorama)
    assert slide.fit is Fit.BLUR
    assert slide.place
    assert slide.place[2] == pytest.approx(1)
    assert slide.views
    assert slide.views[0] == pytest.approx((0, 0, 1, 1))
    assert slide.views[1][2] == pytest.approx(1 / ZOOM, abs=1e-3)


def test_video_begins_where_it_is_cut() -> None:
    board, _ = draw(SPECS[0])
    video = board.slides[2]
    assert (video.kind, video.video_start, video.views) == ("video", 2, None)


def test_music_is_heard_as_it_is_planned() -> None:
    spec = SlideshowSpec(duration=10)
    tracks = [Track(Path(), 8, 1, 7), Track(Path(), 5)]
    board = draw_storyboard(spec, PHOTOS, tracks)
    first, second, third = board.music[:3]
    assert (first.track, first.at, first.start, first.duration) == (0, 0, 1, 6)
    assert (second.track, second.at, second.fade_in) == (1, 4, first.fade_out)
    assert (third.track, third.at) == (0, float(measure_music([6 * RATE, 5 * RATE])) - 2)
    assert board.music_fade_out == 2


def test_music_that_repeats_endlessly_is_not_listed_endlessly() -> None:
    board = draw_storyboard(SlideshowSpec(duration=60), PHOTOS, [Track(Path(), 0.2)])
    assert len(board.music) == 100


def test_caption_without_a_font_is_refused_as_in_the_render() -> None:
    with pytest.raises(InvalidSpecError, match="no installed font has"):
        draw_one(SlideshowSpec(), LANDSCAPE, caption="\u16a0")


@pytest.mark.parametrize("case", TRANSITIONS, ids=lambda case: f"{case['name']}-{case['step']}")
def test_transitions_of_the_page_are_those_of_the_render(case: dict[str, Any]) -> None:
    """The page's own test reads the same numbers."""
    effect = EFFECTS[Transition(case["name"])]
    shown = effect.show(case["step"], case["steps"], (1920, 1080))
    expected = {key: value for key, value in case.items() if key not in ("name", "step", "steps")}
    assert _describe(shown) == pytest.approx(expected, abs=0.002)


def _describe(shown: Crossfade | Edge | LumaWipe | Zoom | Blur) -> dict[str, float]:
    match shown:
        case Crossfade():
            return {"old": float(shown.old), "new": float(shown.new), "grey": shown.grey}
        case Edge():
            length = 1080 if shown.is_level else 1920
            position = shown.strip + shown.first_share * 8
            shifts = shown.old_shift / length, shown.new_shift / length
            return {
                "position": float(Fraction(position) / length),
                "isNewFirst": shown.is_new_first,
                "isLevel": shown.is_level,
                **dict(zip(("oldShift", "newShift"), shifts, strict=True)),
            }
        case LumaWipe():
            return {"threshold": float(shown.threshold), "softness": float(shown.softness)}
        case Zoom():
            return {"scale": float(shown.scale), "new": float(shown.fade.new)}
        case Blur():
            return {"sigma": float(shown.sigma), "new": float(shown.fade.new)}
