"""What one way costs, and the figures that are to be reached, as stored in results.json."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel


class Quality(BaseModel):
    """How close a video is to the exact frames."""

    vmaf: float
    psnr_y: float


class Measurement(BaseModel):
    """The cost of a way: wall clock seconds (the median of `runs`) and processor seconds.

    It is that of a slideshow of so many photos, or of work on so many seconds of a film.
    """

    title: str
    photos: int = 0
    film_seconds: float = 0.0
    seconds: float
    runs: list[float]
    processor_seconds: float
    peak_mb: float
    size_mb: float
    frames: int
    quality: Quality | None = None

    @property
    def pace(self) -> float:
        """How many times as fast as the film plays."""
        return self.film_seconds / self.seconds


class Target(NamedTuple):
    """A figure with a lower or an upper limit; `processor` is the same in processor seconds."""

    what: str
    figure: float
    limit: float
    is_least: bool
    processor: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the figure is on the right side of the limit."""
        return self.figure >= self.limit if self.is_least else self.figure <= self.limit


class Group(BaseModel):
    """Ways that are measured in turns and compared."""

    @property
    def targets(self) -> list[Target]:
        """The targets, with the measured figures."""
        return []
