"""The sizes and frame rates that videos are made in."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

SHORTEST_SIDE = 64
LONGEST_SIDE = 3840
PREVIEW_SIDE = 480

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
    """Return `(width, height)` of `1920x1080` or a name, odd sides rounded down to even.

    H.264 at 4:2:0 has no odd sizes (ITU-T H.264, 6.2).
    """
    width, height = RESOLUTIONS.get(resolution, resolution).split("x")
    return _round_even(int(width)), _round_even(int(height))


def shrink_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return a size of the same shape whose shorter side has at most so many pixels."""
    shorter = min(size)
    if shorter <= side:
        return size
    width, height = (_round_even(round(length * side / shorter)) for length in size)
    return width, height


def scale_size(size: tuple[int, int], factor: Fraction) -> tuple[int, int]:
    """Return the same shape, larger or smaller, as nearly as even sides allow."""
    width, height = (max(2, 2 * round(side * factor / 2)) for side in size)
    return width, height


def _round_even(side: int) -> int:
    return side - side % 2


def _check_resolution(resolution: str) -> str:
    if not all(SHORTEST_SIDE <= side <= LONGEST_SIDE for side in parse_size(resolution)):
        raise ValueError(f"each side must be {SHORTEST_SIDE} to {LONGEST_SIDE} pixels")
    return resolution


def _check_fps(fps: float) -> float:
    if fps not in FRAME_RATES:
        raise ValueError(f"must be one of {', '.join(f'{rate:g}' for rate in FRAME_RATES)}")
    return fps


Resolution = Annotated[
    str,
    StringConstraints(pattern=rf"^([1-9][0-9]{{1,3}}x[1-9][0-9]{{1,3}}|{'|'.join(RESOLUTIONS)})$"),
    AfterValidator(_check_resolution),
]
Fps = Annotated[float, AfterValidator(_check_fps)]
