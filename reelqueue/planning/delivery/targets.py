"""What the places take that videos are made for, from what they documented in November 2026."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from reelqueue.specs.delivery import Delivery, Target

SOUND_BIT_RATE = 192_000  # bits a second
_MB = 1_000_000
_MINUTE = 60.0


class Profile(StrEnum):
    """A profile of H.264, by the name that x264 has for it."""

    BASELINE = "baseline"
    MAIN = "main"
    HIGH = "high"


@dataclass(frozen=True)
class Rules:
    """What a place takes.

    Attributes:
        place: its name in sentences.
        size: `(width, height)` of a slideshow that names none.
        shorter_side: the most pixels that the shorter side of a clip has that names no size.
        smallest: the fewest pixels of the shorter and of the longer side.
        widest: the most pixels of the width.
        fps: the least and the most frames a second.
        seconds: the shortest and the longest video.
        profile: of H.264.
        has_b_pictures: whether pictures may be predicted from later ones.
        has_edit_lists: whether tracks may have edit lists (ISO/IEC 14496-12, 8.6.6).
        sound_bit_rate: bits a second of the sound.
        max_bytes: of the file; None for any.
    """

    place: str = ""
    size: tuple[int, int] = (1920, 1080)
    shorter_side: int = 3840
    smallest: tuple[int, int] = (0, 0)
    widest: int = 3840
    fps: tuple[int, int] = (0, 60)
    seconds: tuple[float, float] = (0.0, float("inf"))
    profile: Profile = Profile.HIGH
    has_b_pictures: bool = True
    has_edit_lists: bool = True
    sound_bit_rate: int = SOUND_BIT_RATE
    max_bytes: int | None = None

    @property
    def takes_stills(self) -> bool:
        """Whether the place takes what the still engine writes."""
        return self.profile is Profile.HIGH and self.has_b_pictures

    def takes_size(self, size: tuple[int, int]) -> bool:
        """Tell whether the place takes pictures of a `(width, height)`."""
        shorter, longer = self.smallest
        return size[0] <= self.widest and min(size) >= shorter and max(size) >= longer

    def takes_rate(self, fps: Fraction) -> bool:
        """Tell whether the place takes so many frames a second."""
        return self.fps[0] <= fps <= self.fps[1]


ANY = Rules()
_UPRIGHT = (1080, 1920)
_HD = (1280, 720)

RULES = {
    # Its clients on Android play no High profile with B pictures.
    Target.WHATSAPP: Rules(
        "WhatsApp",
        size=_HD,
        shorter_side=720,
        profile=Profile.MAIN,
        has_b_pictures=False,
        has_edit_lists=False,
        sound_bit_rate=128_000,
        max_bytes=16 * _MB,
    ),
    Target.INSTAGRAM: Rules(
        "Instagram",
        size=_UPRIGHT,
        widest=1920,
        fps=(23, 60),
        seconds=(3.0, 15 * _MINUTE),
        has_edit_lists=False,
        sound_bit_rate=128_000,
        max_bytes=300 * _MB,
    ),
    Target.TIKTOK: Rules(
        "TikTok",
        size=_UPRIGHT,
        smallest=(540, 960),
        fps=(23, 60),
        seconds=(0.0, 10 * _MINUTE),
        max_bytes=500 * _MB,
    ),
    Target.YOUTUBE: Rules("YouTube", has_edit_lists=False),
    Target.DISCORD: Rules("Discord", sound_bit_rate=128_000, max_bytes=10 * _MB),
    # 25 MB, of which a quarter is for coding bytes as text.
    Target.EMAIL: Rules("an e-mail", sound_bit_rate=128_000, max_bytes=18 * _MB),
    Target.WIDEST: Rules(
        "old players",
        size=_HD,
        shorter_side=720,
        widest=1920,
        fps=(0, 30),
        profile=Profile.BASELINE,
        has_b_pictures=False,
        has_edit_lists=False,
        sound_bit_rate=128_000,
    ),
}


def find_rules(order: Delivery) -> Rules:
    """Return what an order's target takes; of two limits of bytes, the lower one counts."""
    rules = RULES[order.target] if order.target else ANY
    limits = [limit for limit in (order.max_bytes, rules.max_bytes) if limit is not None]
    return replace(rules, max_bytes=min(limits, default=None))
