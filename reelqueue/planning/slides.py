"""What a slideshow shows one after the other, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.limits import SHORTEST_PHOTO
from reelqueue.specs.photo import Motion, PhotoSpec, Transition, VideoPart
from reelqueue.specs.slideshow import SlideshowSpec
from reelqueue.specs.text import TitleCard

_HALVINGS = 20  # of the range in which a factor lies


def add_cards(spec: SlideshowSpec, photos: Sequence[PhotoSpec]) -> list[PhotoSpec]:
    """Return the slides: the photos between the title cards, or none if there are no photos."""
    if not photos:
        return []
    before, after = ([_to_slide(card)] if card else [] for card in spec.cards)
    return [*before, *photos, *after]


def _to_slide(card: TitleCard) -> PhotoSpec:
    return PhotoSpec(duration=card.duration, motion=Motion.NONE, narration=card.narration)


def share_time(
    spec: SlideshowSpec, slides: Sequence[PhotoSpec], music: Fraction = Fraction()
) -> list[Fraction]:
    """Return the exact seconds of each slide, before they are rounded to frames.

    A video begins with the transition to it, which belongs to the slide before. Slides that share
    the time of the music keep the proportions that they ask for; videos and slides with narration
    keep their own time.

    Args:
        music: seconds of all music, played once; 0 if there is none.

    Raises:
        InvalidSpecError: if the slides are to share the time of music that is missing or short.
    """
    durations = _list_durations(spec, slides)
    if not spec.fit_to_music:
        return durations
    if not music:
        raise InvalidSpecError(
            "fit_to_music: there is no music: add some, or turn this off.", "fit_to_music"
        )
    shared = [
        seconds for slide, seconds in zip(slides, durations, strict=True) if not _keeps_time(slide)
    ]
    if not shared:
        raise InvalidSpecError(
            "fit_to_music: only photos can last longer or shorter, without narration, and there is "
            "none: turn this off.",
            "fit_to_music",
        )
    scale = _find_scale(spec, slides, music, sum(shared, Fraction()))
    if min(shared) * scale < to_exact(SHORTEST_PHOTO):
        kept = [slide for slide in slides if _keeps_time(slide)]
        raise _explain_short(music, len(shared), kept)
    return _list_durations(spec, slides, scale)


def _find_scale(
    spec: SlideshowSpec, slides: Sequence[PhotoSpec], music: Fraction, shared: Fraction
) -> Fraction:
    """Return the factor of the photos' times with which all slides last as long as the music.

    The photo before a video can become shorter than the transition between them, and then the video
    adds more. So the sum is a line with bends: between two near points, it is straight.
    """
    if not any(map(_keeps_time, slides)):
        return music / shared
    low, high = Fraction(), music / shared
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if sum(_list_durations(spec, slides, middle)) < music:
            low = middle
        else:
            high = middle
    below, above = (sum(_list_durations(spec, slides, scale)) for scale in (low, high))
    return low + (music - below) / (above - below) * (high - low) if above > below else high


def find_overlap(spec: SlideshowSpec, slide: PhotoSpec, following: PhotoSpec) -> Fraction:
    """Return the seconds of the transition between two slides, if the first lasts as long.

    It takes at most half of a video that follows.
    """
    own = spec.for_photo(slide)
    if own.transition is Transition.NONE:
        return Fraction()
    longest = to_exact(own.transition_duration)
    return min(longest, measure_video(following.video) / 2) if following.video else longest


def measure_video(video: VideoPart) -> Fraction:
    """Return the exact seconds that a video plays."""
    return to_exact(video.end) - to_exact(video.start)


def _list_durations(
    spec: SlideshowSpec, slides: Sequence[PhotoSpec], scale: Fraction = Fraction(1)
) -> list[Fraction]:
    """Return the exact seconds of each slide, without the transition to a video.

    Args:
        scale: factor of the seconds that photos ask for.
    """
    durations: list[Fraction] = []
    for number, slide in enumerate(slides):
        seconds = to_exact(spec.duration if slide.duration is None else slide.duration)
        if not _keeps_time(slide):
            seconds *= scale
        if slide.video:
            seconds = measure_video(slide.video)
            if number:
                seconds -= min(find_overlap(spec, slides[number - 1], slide), durations[-1])
        durations.append(seconds)
    return durations


def _keeps_time(slide: PhotoSpec) -> bool:
    """Tell whether a slide lasts as long as what is heard of it."""
    return slide.video is not None or bool(slide.narration)


def _explain_short(music: Fraction, photos: int, kept: Sequence[PhotoSpec]) -> InvalidSpecError:
    videos = sum(slide.video is not None for slide in kept)
    spoken = len(kept) - videos
    others = [f"{videos} video{'s' * (videos > 1)}"] if videos else []
    others += [f"{spoken} with narration"] if spoken else []
    beside = f" beside {' and '.join(others)}" if others else ""
    return InvalidSpecError(
        f"fit_to_music: the music lasts {float(music):.2f} seconds, which is too short for "
        f"{photos} photos of at least {SHORTEST_PHOTO} seconds{beside}: use fewer photos, or more "
        "music.",
        "fit_to_music",
    )


@lru_cache
def to_exact(seconds: float) -> Fraction:
    """Convert seconds to the number that was written: 0.1 is 1/10, not a binary fraction."""
    return Fraction(str(seconds))
