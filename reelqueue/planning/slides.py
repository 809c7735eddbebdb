"""What a slideshow shows one after the other, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.limits import SHORTEST_PHOTO
from reelqueue.specs.slideshow import Motion, PhotoSpec, SlideshowSpec


def add_cards(spec: SlideshowSpec, photos: Sequence[PhotoSpec]) -> list[PhotoSpec]:
    """Return the slides: the photos between the title cards, or none if there are no photos."""
    if not photos:
        return []
    before, after = (
        [PhotoSpec(duration=card.duration, motion=Motion.NONE)] if card else []
        for card in spec.cards
    )
    return [*before, *photos, *after]


def share_time(
    spec: SlideshowSpec, slides: Sequence[PhotoSpec], music: Fraction = Fraction()
) -> list[Fraction]:
    """Return the exact seconds of each slide, before they are rounded to frames.

    Slides that share the time of the music keep the proportions that they ask for.

    Args:
        music: seconds of all music, played once; 0 if there is none.

    Raises:
        InvalidSpecError: if the slides are to share the time of music that is missing or short.
    """
    durations = [
        to_exact(spec.duration if slide.duration is None else slide.duration) for slide in slides
    ]
    if not spec.fit_to_music:
        return durations
    if not music:
        raise InvalidSpecError(
            "fit_to_music: there is no music: add some, or turn this off.", "fit_to_music"
        )
    scale = music / sum(durations)
    if min(durations) * scale < to_exact(SHORTEST_PHOTO):
        raise InvalidSpecError(
            f"fit_to_music: the music lasts {float(music):.2f} seconds, which is too short for "
            f"{len(slides)} photos of at least {SHORTEST_PHOTO} seconds: use fewer photos, or more "
            "music.",
            "fit_to_music",
        )
    return [seconds * scale for seconds in durations]


@lru_cache
def to_exact(seconds: float) -> Fraction:
    """Convert seconds to the number that was written: 0.1 is 1/10, not a binary fraction."""
    return Fraction(str(seconds))
