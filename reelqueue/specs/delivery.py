"""What a finished video must be: how good, how large, and for which place."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from reelqueue.specs.base import Model
from reelqueue.specs.limits import LARGEST_FILE, SMALLEST_FILE


class Quality(StrEnum):
    """How close a video is to its photos or its source, at the price of bytes."""

    SMALL = "small"
    STANDARD = "standard"
    HIGH = "high"


class Target(StrEnum):
    """The place that a video is for; `widest` is any player, old and small ones included."""

    WHATSAPP = "whatsapp"
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    YOUTUBE = "youtube"
    DISCORD = "discord"
    EMAIL = "email"
    WIDEST = "widest"


class Delivery(Model):
    """What a finished video must be."""

    quality: Quality = Field(
        Quality.STANDARD,
        description="How close the video is to its photos or its source: `small` takes a quarter "
        "to a half of the bytes of `standard`, `high` about half as many again.",
    )
    target: Target | None = Field(
        None,
        description="The place that the video is for. It sets what the place takes: size and "
        "frame rate unless you choose them, profile, sound, edit lists and the largest file. "
        "`widest` plays nearly everywhere.",
    )
    max_bytes: int | None = Field(
        None,
        ge=SMALLEST_FILE,
        le=LARGEST_FILE,
        strict=True,
        description="Largest size of the file, in bytes, which is never exceeded. The quality is "
        "lowered as far as that needs, and then the size of the pictures unless you chose it.",
    )

    @property
    def is_plain(self) -> bool:
        """Whether nothing of this is chosen."""
        return self.target is None and self.max_bytes is None and self.quality is Quality.STANDARD
