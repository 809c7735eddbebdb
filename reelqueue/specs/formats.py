"""The sizes, frame rates and colours that a spec can name."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from reelqueue.specs.limits import LONGEST_SIDE, SHORTEST_SIDE

PREVIEW_SIDE = 360

# Frames per second by the number that a user sends.
FRAME_RATES: dict[float, Fraction] = {
    15: Fraction(15),
    20: Fraction(20),
    23.976: Fraction(24000, 1001),
    24: Fraction(24),
    25: Fraction(25),
    29.97: Fraction(30000, 1001),
    30: Fraction(30),
    48: Fraction(48),
    50: Fraction(50),
    59.94: Fraction(60000, 1001),
    60: Fraction(60),
}

RESOLUTIONS = {
    "1080p": "1920x1080",
    "720p": "1280x720",
    "4k": "3840x2160",
    "reel": "1080x1920",
    "story": "1080x1920",
    "square": "1080x1080",
}


def parse_size(resolution: str) -> tuple[int, int]:
    """Return `(width, height)` in pixels from `1920x1080` or a name such as `reel`.

    Odd sides are rounded down to even ones: 4:2:0 video has one chroma sample for two by two pixels
    (ITU-T H.264, 6.2).
    """
    width, height = RESOLUTIONS.get(resolution, resolution).split("x")
    return _round_even(int(width)), _round_even(int(height))


def shrink_size(size: tuple[int, int], shorter_side: int) -> tuple[int, int]:
    """Return `(width, height)` of the same shape whose shorter side is at most `shorter_side`."""
    shorter = min(size)
    if shorter <= shorter_side:
        return size
    width, height = (_round_even(round(side * shorter_side / shorter)) for side in size)
    return width, height


def enlarge_size(size: tuple[int, int], smallest: tuple[int, int]) -> tuple[int, int]:
    """Return `(width, height)` of the same shape with at least a `(shorter, longer)` side."""
    scale = max(Fraction(smallest[0], min(size)), Fraction(smallest[1], max(size)), Fraction(1))
    if scale == 1:
        return size
    width, height = (2 * math.ceil(side * scale / 2) for side in size)
    return width, height


def scale_size(size: tuple[int, int], factor: Fraction) -> tuple[int, int]:
    """Return `(width, height)` times `factor`, each side rounded to an even number of pixels."""
    width, height = (max(2, 2 * round(side * factor / 2)) for side in size)
    return width, height


def _round_even(side: int) -> int:
    return side - side % 2


def _spell_resolution(resolution: str) -> str:
    """Return a resolution as `1920x1080`: a size has one spelling, so that its orders are equal."""
    size = parse_size(resolution)
    if not all(SHORTEST_SIDE <= side <= LONGEST_SIDE for side in size):
        raise ValueError(f"each side must be {SHORTEST_SIDE} to {LONGEST_SIDE} pixels")
    return "x".join(map(str, size))


def _check_fps(fps: float) -> float:
    if fps not in FRAME_RATES:
        raise ValueError(f"must be one of {', '.join(f'{rate:g}' for rate in FRAME_RATES)}")
    return fps


Resolution = Annotated[
    str,
    StringConstraints(pattern=rf"^([1-9][0-9]{{1,3}}x[1-9][0-9]{{1,3}}|{'|'.join(RESOLUTIONS)})$"),
    AfterValidator(_spell_resolution),
]
Fps = Annotated[float, AfterValidator(_check_fps)]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$", to_lower=True)]
