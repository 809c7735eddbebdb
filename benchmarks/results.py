"""The results of the benchmarks, as stored in results.json, and their targets."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel, computed_field


class Quality(BaseModel):
    """How close a video is to the exact frames."""

    vmaf: float
    psnr_y: float


class Measurement(BaseModel):
    """The cost of a way: wall clock seconds (the median of `runs`) and processor seconds."""

    title: str
    photos: int
    seconds: float
    runs: list[float]
    processor_seconds: float
    peak_mb: float
    size_mb: float
    frames: int
    quality: Quality | None = None


class Target(NamedTuple):
    """A figure with a lower or an upper limit."""

    what: str
    figure: float
    limit: float
    is_least: bool

    @property
    def reached(self) -> bool:
        """Whether the figure is on the right side of the limit."""
        return self.figure >= self.limit if self.is_least else self.figure <= self.limit


class Ways(BaseModel):
    """The same slideshow, made in all ways."""

    moviepy: Measurement
    xfade: Measurement
    libx264: Measurement
    concat: Measurement
    x264: Measurement
    still: Measurement


class Lengths(BaseModel):
    """The still engine with many photos, and a preview of some."""

    preview: Measurement
    fewer: Measurement
    more: Measurement


class Music(BaseModel):
    """The still engine with a song, the two halves of that work, and photos fitted to the song."""

    pictures: Measurement
    sound: Measurement
    both: Measurement
    fitted: Measurement


class Words(BaseModel):
    """The still engine without words, and with a caption on every photo."""

    plain: Measurement
    captioned: Measurement


class Moves(BaseModel):
    """Photos that move, made in the ways that can."""

    moviepy: Measurement
    reference: Measurement
    libx264: Measurement
    still: Measurement


class Changes(BaseModel):
    """A slideshow of photos that move, and again with another photo in it."""

    first: Measurement
    again: Measurement


class Results(BaseModel):
    """Everything that one run of the benchmarks found."""

    machine: dict[str, str]
    slideshow: str
    ways: Ways
    lengths: Lengths
    music: Music
    words: Words
    moves: Moves
    changes: Changes
    parts: dict[str, float]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def targets(self) -> list[Target]:
        """The targets, with the measured figures."""
        return [
            *self._judge_speed(),
            *self._judge_output(),
            *self._judge_scale(),
            *self._judge_moves(),
        ]

    def _judge_speed(self) -> list[Target]:
        ways = self.ways
        rivals = ((ways.moviepy, 70), (ways.xfade, 35), (ways.libx264, 10), (ways.concat, 5))
        return [
            Target(f"times as fast as {way.title}", way.seconds / ways.still.seconds, limit, True)
            for way, limit in rivals
        ]

    def _judge_output(self) -> list[Target]:
        still, moviepy = self.ways.still, self.ways.moviepy
        assert still.quality
        assert moviepy.quality
        return [
            Target("VMAF, not below MoviePy's", still.quality.vmaf, moviepy.quality.vmaf, True),
            Target(
                "PSNR-Y, not below MoviePy's", still.quality.psnr_y, moviepy.quality.psnr_y, True
            ),
            Target("size, as a part of MoviePy's", still.size_mb / moviepy.size_mb, 0.5, False),
        ]

    def _judge_scale(self) -> list[Target]:
        fewer, more = self.lengths.fewer, self.lengths.more
        growth = (more.seconds / more.photos) / (fewer.seconds / fewer.photos)
        longer = max(self.music.pictures.seconds, self.music.sound.seconds)
        return [
            Target(f"time a photo, {more.photos} against {fewer.photos}", growth, 1.15, False),
            Target(
                "for a preview, as a part of the time",
                self.lengths.preview.seconds / fewer.seconds,
                0.25,
                False,
            ),
            Target(f"MB of memory with {fewer.photos} photos", fewer.peak_mb, 400, False),
            Target(f"MB of memory with {more.photos} photos", more.peak_mb, 400, False),
            Target(
                "with a song, as a part of the longer of pictures and sound alone",
                self.music.both.seconds / longer,
                1.5,
                False,
            ),
            Target(
                "with a caption on every photo, as a part of the time without",
                self.words.captioned.seconds / self.words.plain.seconds,
                1.25,
                False,
            ),
        ]

    def _judge_moves(self) -> list[Target]:
        moves, changes = self.moves, self.changes
        return [
            Target(
                f"with Ken Burns, times as fast as {moves.moviepy.title}",
                moves.moviepy.seconds / moves.still.seconds,
                5,
                True,
            ),
            Target(
                f"with Ken Burns, as a part of the time of {moves.libx264.title}",
                moves.still.seconds / moves.libx264.seconds,
                1.3,
                False,
            ),
            Target(
                f"times as fast again, with another photo among {changes.first.photos}",
                changes.first.seconds / changes.again.seconds,
                10,
                True,
            ),
        ]
