"""How a video is encoded, as a dry run tells it."""

from __future__ import annotations

from dataclasses import dataclass

from reelqueue.planning.delivery.budget import choose_sound_bit_rate
from reelqueue.planning.delivery.targets import find_rules
from reelqueue.specs.delivery import Delivery
from reelqueue.specs.slideshow import Engine, SlideshowSpec


@dataclass(frozen=True)
class Encoding:
    """How a video is encoded.

    Attributes:
        engine: what encodes the pictures.
        quality: of the pictures.
        target: the place that the video is for; None for none.
        profile: of H.264.
        b_pictures: whether pictures may be predicted from later ones.
        edit_lists: whether the tracks may have edit lists.
        sound_bit_rate: bits a second; None without sound.
        max_bytes: that the file may have; None for any number.
    """

    engine: str
    quality: str
    target: str | None
    profile: str
    b_pictures: bool
    edit_lists: bool
    sound_bit_rate: int | None
    max_bytes: int | None


def choose_engine(engine: Engine, spec: SlideshowSpec) -> Engine:
    """Return what makes the pictures of a slideshow: `engine`, if it can make them as ordered."""
    if engine is Engine.STILL:
        return engine if find_rules(spec).takes_stills else Engine.X264
    return engine if spec.is_plain else Engine.X264


def describe_encoding(order: Delivery, engine: Engine, seconds: float, sound: float) -> Encoding:
    """Return how a video of so many seconds, and so many seconds of sound, is encoded."""
    rules = find_rules(order)
    return Encoding(
        engine=engine.value,
        quality=order.quality.value,
        target=order.target.value if order.target else None,
        profile=rules.profile.value,
        b_pictures=rules.has_b_pictures,
        edit_lists=rules.has_edit_lists,
        sound_bit_rate=choose_sound_bit_rate(rules, seconds) if sound else None,
        max_bytes=rules.max_bytes,
    )
