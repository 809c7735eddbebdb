from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.spans import PhotoSpan, Playback, TransitionSpan
from reelqueue.planning.timeline import build_timeline, choose_transitions
from reelqueue.specs.formats import FRAME_RATES
from reelqueue.specs.limits import LARGEST_SEED
from reelqueue.specs.photo import PhotoSpec, Transition, VideoPart
from reelqueue.specs.slideshow import SlideshowSpec

specs = st.builds(
    SlideshowSpec,
    duration=st.integers(20, 6000).map(lambda hundredths: hundredths / 100),
    transition=st.sampled_from(Transition),
    transition_duration=st.integers(0, 1000).map(lambda hundredths: hundredths / 100),
    fps=st.sampled_from(sorted(FRAME_RATES)),
)


choices = st.builds(
    PhotoSpec,
    duration=st.none() | st.integers(20, 6000).map(lambda hundredths: hundredths / 100),
    transition=st.none() | st.sampled_from(Transition),
    transition_duration=st.none() | st.integers(0, 1000).map(lambda hundredths: hundredths / 100),
)
photo_lists = st.lists(choices, min_size=1, max_size=30)
videos = st.builds(
    PhotoSpec,
    transition=st.none() | st.sampled_from(Transition),
    transition_duration=st.none() | st.integers(0, 1000).map(lambda hundredths: hundredths / 100),
    video=st.builds(
        lambda start, duration: VideoPart(start=start / 100, end=(start + duration) / 100),
        st.integers(0, 1000),
        st.integers(20, 3000),
    ),
)
slide_lists = st.lists(choices | videos, min_size=1, max_size=20)


def list_ends(spec: SlideshowSpec, photos: list[PhotoSpec]) -> list[Fraction]:
    """When each photo's time is over, in exact frames."""
    seconds = [photo.duration or spec.duration for photo in photos]
    return list(accumulate(Fraction(str(each)) * spec.frame_rate for each in seconds))


@given(specs, photo_lists)
def test_timeline_lasts_as_long_as_its_photos(spec: SlideshowSpec, photos: list[PhotoSpec]) -> None:
    timeline = build_timeline(spec, photos)

    assert timeline.frames == round(list_ends(spec, photos)[-1])
    assert timeline.photo_count == len(photos)


@given(specs, photo_lists)
def test_every_photo_owns_exactly_its_frames(spec: SlideshowSpec, photos: list[PhotoSpec]) -> None:
    timeline = build_timeline(spec, photos)

    owned = dict.fromkeys(range(len(photos)), 0)
    for span in timeline.spans:
        assert span.frames > 0
        owned[span.photo] += span.frames
    starts = [0, *(round(end) for end in list_ends(spec, photos))]
    assert timeline.photo_starts() == starts[:-1]
    assert list(owned.values()) == [end - start for start, end in pairwise(starts)]


@given(specs, photo_lists)
def test_photos_follow_in_order_and_blend_into_their_next(
    spec: SlideshowSpec, photos: list[PhotoSpec]
) -> None:
    timeline = build_timeline(spec, photos)

    shown = [span.photo for span in timeline.spans]
    assert shown == sorted(shown)
    for span in timeline.spans:
        if isinstance(span, TransitionSpan):
            own = photos[span.photo]
            assert span.next_photo == span.photo + 1 < len(photos)
            wanted = own.transition or spec.transition
            assert wanted in (span.transition, Transition.RANDOM)
            seconds = own.transition_duration
            longest = spec.transition_duration if seconds is None else seconds
            assert span.frames <= round(Fraction(str(longest)) * spec.frame_rate)
    assert isinstance(timeline.spans[-1], PhotoSpan)


@given(specs, slide_lists)
def test_videos_play_once_with_their_transitions(
    spec: SlideshowSpec, slides: list[PhotoSpec]
) -> None:
    timeline = build_timeline(spec, slides)

    assert timeline.photo_count == len(slides)
    for number, slide in enumerate(slides):
        if not slide.video:
            continue
        seconds = Fraction(str(slide.video.end)) - Fraction(str(slide.video.start))
        shown = timeline.find_shown(number)
        assert abs(shown.frames - seconds * spec.frame_rate) <= 2
        assert shown.fade_in + shown.fade_out <= shown.frames
        played = [
            (span.move if span.photo == number else getattr(span, "next_move", None), span.frames)
            for span in timeline.spans
            if number in span.photos
        ]
        firsts = accumulate((frames for _, frames in played), initial=0)
        assert [move for move, _ in played] == [
            Playback(first) for first, _ in zip(firsts, played, strict=False)
        ]


@given(specs, slide_lists, st.integers(60 * 48_000, 4000 * 48_000))
def test_videos_keep_their_time_where_photos_share_that_of_the_music(
    spec: SlideshowSpec, slides: list[PhotoSpec], samples: int
) -> None:
    music = Fraction(samples, 48_000)
    fitting = spec.model_copy(update={"fit_to_music": True})
    with suppress(InvalidSpecError):  # too many videos, or no photo
        assert build_timeline(fitting, slides, music).frames == round(music * spec.frame_rate)


@pytest.mark.parametrize(
    ("spec", "photo_count", "spans"),
    [
        ({}, 1, [PhotoSpan(0, 90)]),
        ({}, 2, [PhotoSpan(0, 60), TransitionSpan(Transition.FADE, 0, 1, 30), PhotoSpan(1, 90)]),
        ({"transition": Transition.NONE}, 2, [PhotoSpan(0, 90), PhotoSpan(1, 90)]),
        ({"transition_duration": 0.0}, 2, [PhotoSpan(0, 90), PhotoSpan(1, 90)]),
        ({"transition_duration": 0.01}, 2, [PhotoSpan(0, 90), PhotoSpan(1, 90)]),
        (
            {"duration": 0.2, "transition_duration": 1.0},
            3,
            [
                TransitionSpan(Transition.FADE, 0, 1, 6),
                TransitionSpan(Transition.FADE, 1, 2, 6),
                PhotoSpan(2, 6),
            ],
        ),
        ({"duration": 0.7, "fps": 29.97, "transition_duration": 0.0}, 1, [PhotoSpan(0, 21)]),
        (  # 12.5 frames each: the rounding never adds up
            {"duration": 0.5, "fps": 25, "transition": Transition.NONE},
            4,
            [PhotoSpan(0, 12), PhotoSpan(1, 13), PhotoSpan(2, 13), PhotoSpan(3, 12)],
        ),
    ],
)
def test_slideshow_is_planned_in_frames(
    spec: dict[str, object], photo_count: int, spans: list[PhotoSpan | TransitionSpan]
) -> None:
    assert (
        list(build_timeline(SlideshowSpec.model_validate(spec), [PhotoSpec()] * photo_count).spans)
        == spans
    )


def test_photos_have_times_and_changes_of_their_own() -> None:
    photos = [
        PhotoSpec(duration=1, transition=Transition.WIPE_LEFT),
        PhotoSpec(transition_duration=0.5),
        PhotoSpec(transition=Transition.NONE),
        PhotoSpec(duration=0.5, transition=Transition.PUSH_UP),
    ]

    assert list(build_timeline(SlideshowSpec(duration=2, fps=20), photos).spans) == [
        TransitionSpan(Transition.WIPE_LEFT, 0, 1, 20),
        PhotoSpan(1, 30),
        TransitionSpan(Transition.FADE, 1, 2, 10),
        PhotoSpan(2, 40),
        PhotoSpan(3, 10),
    ]


@given(specs, st.integers(1, 40), st.integers(8 * 48_000, 400 * 48_000))
def test_photos_share_the_frames_of_the_music_evenly(
    spec: SlideshowSpec, photo_count: int, samples: int
) -> None:
    music = Fraction(samples, 48_000)
    fitting = spec.model_copy(update={"fit_to_music": True})
    timeline = build_timeline(fitting, [PhotoSpec()] * photo_count, music)

    assert timeline.frames == round(music * spec.frame_rate)
    starts = [*timeline.photo_starts(), timeline.frames]
    owned = [end - start for start, end in pairwise(starts)]
    assert len(owned) == photo_count
    assert max(owned) - min(owned) <= 1


def test_duration_is_read_as_it_was_written() -> None:
    """0.1 as a binary fraction is a little more: 1.15 s at 50 fps must still tie, to 58 frames."""
    spec = SlideshowSpec(duration=1.15, fps=50, transition=Transition.NONE)

    assert build_timeline(spec, [PhotoSpec()] * 1).frames == round(Fraction(115, 2)) == 58


def test_no_photos_is_an_input_error() -> None:
    with pytest.raises(InvalidSpecError, match="at least one photo"):
        build_timeline(SlideshowSpec(), [PhotoSpec()] * 0)


@given(st.lists(st.sampled_from(Transition)), st.integers(0, LARGEST_SEED))
def test_random_is_another_one_each_time_and_the_same_the_next_time(
    wanted: list[Transition], seed: int
) -> None:
    chosen = list(choose_transitions(wanted, seed))

    assert chosen == list(choose_transitions(wanted, seed))
    assert Transition.RANDOM not in chosen
    for number, (transition, want) in enumerate(zip(chosen, wanted, strict=True)):
        if want is Transition.RANDOM:
            assert transition is not Transition.NONE
            assert transition not in chosen[max(number - 1, 0) : number]
            assert transition not in chosen[number + 1 : number + 2]
        else:
            assert transition is want


def test_random_is_sometimes_each_of_them() -> None:
    chosen = set(choose_transitions([Transition.RANDOM] * 500, 0))

    assert chosen == set(Transition) - {Transition.NONE, Transition.RANDOM}


def test_seeds_choose_differently() -> None:
    specs = [SlideshowSpec(transition=Transition.RANDOM, seed=seed) for seed in range(20)]

    assert len({build_timeline(spec, [PhotoSpec()] * 10) for spec in specs}) == 20
