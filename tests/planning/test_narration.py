"""Narration as it is planned: how long slides last, and when each word is heard."""

from __future__ import annotations

from fractions import Fraction

import pytest

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.narration import (
    BREATH,
    LEAD,
    Mark,
    check_narrations,
    estimate_seconds,
    list_narrations,
    stretch_slides,
    time_marks,
)
from reelqueue.planning.slides import add_cards
from reelqueue.planning.timeline import build_timeline
from reelqueue.specs.limits import LONGEST_NARRATION, MAX_NARRATION_CHARACTERS
from reelqueue.specs.narration import Voice
from reelqueue.specs.photo import PhotoSpec, Transition, VideoPart
from reelqueue.specs.slideshow import SlideshowSpec
from reelqueue.specs.text import TitleCard

CUTS = SlideshowSpec(duration=2, transition=Transition.NONE)
FADES = SlideshowSpec(duration=2, transition_duration=1.5)


def list_durations(spec: SlideshowSpec, slides: list[PhotoSpec], seconds: float) -> list[float]:
    stretched = stretch_slides(spec, slides, {"words": seconds})
    return [spec.duration if each.duration is None else each.duration for each in stretched]


def test_slide_lasts_as_long_as_its_words_and_a_breath() -> None:
    slides = [PhotoSpec(narration="words"), PhotoSpec()]
    assert list_durations(CUTS, slides, 4) == [4 + LEAD + BREATH, 2]


def test_longer_of_words_and_duration_counts() -> None:
    slides = [PhotoSpec(narration="words"), PhotoSpec(narration="words", duration=0.5)]
    assert list_durations(CUTS, slides, 1) == [2, 1 + LEAD + BREATH]


def test_transition_waits_for_the_last_word() -> None:
    slides = [PhotoSpec(narration="words"), PhotoSpec(narration="words")]
    assert list_durations(FADES, slides, 3) == [3 + LEAD + Fraction(3, 2), 3 + LEAD + BREATH]
    video = PhotoSpec(video=VideoPart(start=0, end=1))
    before_video = list_durations(FADES, [slides[0], video], 3)[0]
    assert before_video == 3 + LEAD + Fraction(1, 2)  # half of the video


def test_cards_are_narrated_too() -> None:
    spec = CUTS.model_copy(update={"title": TitleCard(text="Start", duration=1, narration="words")})
    slides = add_cards(spec, [PhotoSpec()])
    assert list_durations(spec, slides, 4)[0] == 4 + LEAD + BREATH
    assert list_narrations(spec, [PhotoSpec(narration="more"), PhotoSpec(narration="words")]) == [
        "words",
        "more",
    ]


def test_narrated_photos_keep_their_time_when_others_share_that_of_the_music() -> None:
    spec = CUTS.model_copy(update={"fit_to_music": True})
    slides = stretch_slides(
        spec, [PhotoSpec(narration="words"), PhotoSpec(), PhotoSpec(duration=4)], {"words": 5}
    )
    timeline = build_timeline(spec, slides, Fraction(20))
    first, second, third = (span.frames / 30 for span in timeline.spans)
    assert first == pytest.approx(5.75, abs=0.02)
    assert third == pytest.approx(2 * second, abs=0.05)
    assert timeline.duration == 20


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [(19.0, "1 photos of at least 0.2 seconds beside 1 with narration"), (5.0, None)],
)
def test_music_that_is_too_short_for_the_words_is_refused(
    seconds: float, sentence: str | None
) -> None:
    spec = CUTS.model_copy(update={"fit_to_music": True})
    slides = stretch_slides(spec, [PhotoSpec(narration="words"), PhotoSpec()], {"words": seconds})
    if sentence is None:
        assert build_timeline(spec, slides, Fraction(19)).duration == 19
        return
    with pytest.raises(InvalidSpecError, match=sentence):
        build_timeline(spec, slides, Fraction(19))


def test_music_cannot_be_fitted_where_all_is_narrated() -> None:
    spec = CUTS.model_copy(update={"fit_to_music": True})
    slides = [PhotoSpec(narration="words", duration=3)]
    with pytest.raises(
        InvalidSpecError, match="only photos can last longer or shorter, without narration"
    ):
        build_timeline(spec, slides, Fraction(19))


def test_too_many_words_are_refused_and_captions_of_none() -> None:
    texts = MAX_NARRATION_CHARACTERS // LONGEST_NARRATION + 1
    photos = [PhotoSpec(narration=f"{n:03}" + "x" * (LONGEST_NARRATION - 3)) for n in range(texts)]
    check_narrations(CUTS, photos[:-1])
    with pytest.raises(InvalidSpecError, match=r"21000 characters, and may have 20000"):
        check_narrations(CUTS, photos)
    with pytest.raises(InvalidSpecError, match="nothing is spoken"):
        check_narrations(CUTS.model_copy(update={"captions": "narration"}), [PhotoSpec()])


def test_estimate_follows_speed_and_language() -> None:
    text = "The beach was long, and the water was cold."
    usual = estimate_seconds(text, Voice())
    assert 2 < usual < 3.5
    assert estimate_seconds(text, Voice(speed=2.0)) == usual / 2
    assert estimate_seconds(text, Voice(language="pt-br")) > usual
    assert estimate_seconds("1984", Voice()) > estimate_seconds("abcd", Voice())


def test_words_have_the_times_of_their_marks() -> None:
    marks = [Mark(0, 0.0, 0.3), Mark(6, 0.5, 0.75), Mark(7, 0.75, 1.0), Mark(11, 1.0, 1.5)]
    words = time_marks("Hello 3.14 you", marks, 1.5)
    assert words == [("Hello ", 0.0, 0.3), ("3.14 ", 0.5, 1.0), ("you", 1.0, 1.5)]


def test_words_without_a_mark_share_the_time_of_the_one_before() -> None:
    timed = time_marks("of the sea", [Mark(3, 0.2, 0.6), Mark(7, 0.6, 1.0)], 1.0)
    assert [word.text for word in timed] == ["of ", "the ", "sea"]
    assert timed[0].start == 0.2
    assert timed[0].end == timed[1].start < timed[1].end == 0.6
    assert [each.text for each in time_marks("a b", [], 1.0)] == ["a ", "b"]
    assert time_marks("...", [], 0.0) == []
