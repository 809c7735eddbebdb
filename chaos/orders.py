"""The orders: small slideshows with a known number of frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import skimage.data

from reelqueue.planning.timeline import build_timeline
from reelqueue.specs.photo import PhotoSpec
from reelqueue.specs.slideshow import SlideshowSpec

PHOTOS = [
    Path(skimage.data.__file__).parent / name
    for name in ("coffee.png", "rocket.jpg", "chelsea.png", "astronaut.png")
]
ID_LENGTH = len(str(UUID(int=0)))


@dataclass(frozen=True)
class Order:
    """A slideshow of all PHOTOS."""

    spec: dict[str, Any]

    @property
    def frames(self) -> int:
        """The number of frames that the video must have."""
        return build_timeline(
            SlideshowSpec.model_validate(self.spec), [PhotoSpec()] * len(PHOTOS)
        ).frames


SMALL = Order({"resolution": "854x480", "fps": 30, "duration": 2.0, "transition_duration": 2.0})
"""Takes x264 about two seconds."""
LONG = Order({"resolution": "854x480", "fps": 30, "duration": 6.0, "transition_duration": 5.0})
"""Takes x264 some ten seconds or more."""
TINY = Order({"resolution": "160x90", "fps": 15, "duration": 0.2, "transition_duration": 0.2})
"""Its render takes less time than the rest of the job."""


def draw_id(random: Random) -> str:
    """Return an id for a new job; the same seed gives the same ids."""
    return str(UUID(int=random.getrandbits(128), version=4))
