from __future__ import annotations

from fractions import Fraction

import pytest

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.slides import add_cards, share_time
from reelqueue.planning.timeline import build_timeline
from reelqueue.specs.photo import Motion, PhotoSpec, VideoPart
from reelqueue.specs.slideshow import SlideshowSpec
from reelqueue.specs.text import TitleCard


def test_cards_take_their_own_time() -> None:
    spec = SlideshowSpec(
        title=TitleCard(text="Start", duration=2.5), end_title=TitleCard(text="End"), duration=4
    )
    slides = add_cards(spec, [PhotoSpec()])

    assert share_time(spec, slides) == [Fraction(5, 2), 4, 3]


def test_cards_never_move() -> None:
    spec = SlideshowSpec(motion=Motion.ZOOM_IN, title=TitleCard(text="Start"))
    timeline = build_timeline(spec, add_cards(spec, [PhotoSpec()] * 2))

    assert timeline.moving_photos == {1, 2}


def test_cards_alone_are_no_slideshow() -> None:
    assert add_cards(SlideshowSpec(title=TitleCard(text="Start")), []) == []


def test_video_that_fits_its_music_is_as_long() -> None:
    spec = SlideshowSpec(fit_to_music=True, duration=60, fps=25)
    photos = [PhotoSpec()] * 7

    assert share_time(spec, photos, Fraction("61.53")) == 7 * [Fraction("8.79")]
    assert build_timeline(spec, photos, Fraction("61.53")).frames == 1538


def test_photos_that_fit_music_keep_their_proportions() -> None:
    spec = SlideshowSpec(fit_to_music=True, duration=2)
    photos = [PhotoSpec(), PhotoSpec(duration=4), PhotoSpec()]

    assert share_time(spec, photos, Fraction(12)) == [3, 6, 3]


@pytest.mark.parametrize(("music", "photos"), [(Fraction(), 1), (Fraction(1), 6)])
def test_music_that_photos_cannot_fit_is_refused(music: Fraction, photos: int) -> None:
    with pytest.raises(InvalidSpecError, match="music") as caught:
        share_time(SlideshowSpec(fit_to_music=True), [PhotoSpec()] * photos, music)
    assert caught.value.field == "fit_to_music"


def test_time_is_read_as_it_was_written() -> None:
    """0.2 as a binary fraction is a little more than 1/5."""
    assert share_time(SlideshowSpec(duration=0.7), [PhotoSpec(duration=0.2), PhotoSpec()]) == [
        Fraction(1, 5),
        Fraction(7, 10),
    ]


@pytest.mark.parametrize("music", [3, 5, 9, 30])
def test_video_ends_where_it_is_cut_however_long_the_music_makes_the_photos(music: int) -> None:
    """The photos become shorter or longer than the transition, which a video begins with."""
    spec = SlideshowSpec(duration=0.5, transition_duration=1, fit_to_music=True, fps=25)
    video = PhotoSpec(video=VideoPart(start=1, end=3))
    photos = [PhotoSpec(), video, PhotoSpec(), PhotoSpec(duration=2)]

    timeline = build_timeline(spec, photos, Fraction(music))

    assert timeline.frames == music * 25
    assert timeline.find_shown(1).frames == pytest.approx(2 * 25, abs=1)
