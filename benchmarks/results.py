"""The results of the benchmarks, as stored in results.json, and their targets."""

from __future__ import annotations

from pydantic import BaseModel, computed_field

from benchmarks.clips.results import Clips
from benchmarks.measurement import Group, Measurement, Target


class Ways(Group):
    """The same slideshow, made in all ways."""

    moviepy: Measurement
    xfade: Measurement
    libx264: Measurement
    concat: Measurement
    x264: Measurement
    still: Measurement

    @property
    def targets(self) -> list[Target]:
        """How the still engine compares in speed, quality and size."""
        return [*self._judge_speed(), *self._judge_output()]

    def _judge_speed(self) -> list[Target]:
        rivals = ((self.moviepy, 70), (self.xfade, 35), (self.libx264, 10), (self.concat, 5))
        return [
            Target(f"times as fast as {way.title}", way.seconds / self.still.seconds, limit, True)
            for way, limit in rivals
        ]

    def _judge_output(self) -> list[Target]:
        still, moviepy = self.still, self.moviepy
        assert still.quality
        assert moviepy.quality
        return [
            Target("VMAF, not below MoviePy's", still.quality.vmaf, moviepy.quality.vmaf, True),
            Target(
                "PSNR-Y, not below MoviePy's", still.quality.psnr_y, moviepy.quality.psnr_y, True
            ),
            Target("size, as a part of MoviePy's", still.size_mb / moviepy.size_mb, 0.5, False),
        ]


class Lengths(Group):
    """The still engine with many photos, and a preview of some."""

    preview: Measurement
    fewer: Measurement
    more: Measurement

    @property
    def targets(self) -> list[Target]:
        """How time and memory grow with the number of photos."""
        fewer, more = self.fewer, self.more
        growth = (more.seconds / more.photos) / (fewer.seconds / fewer.photos)
        preview = self.preview.seconds / fewer.seconds
        return [
            Target(f"time a photo, {more.photos} against {fewer.photos}", growth, 1.15, False),
            Target("for a preview, as a part of the time", preview, 0.15, False),
            Target(f"MB of memory with {fewer.photos} photos", fewer.peak_mb, 400, False),
            Target(f"MB of memory with {more.photos} photos", more.peak_mb, 400, False),
        ]


class Music(Group):
    """The still engine with a song, the two halves of that work, and photos fitted to the song."""

    pictures: Measurement
    sound: Measurement
    both: Measurement
    fitted: Measurement

    @property
    def targets(self) -> list[Target]:
        """How much a song adds."""
        longer = max(self.pictures.seconds, self.sound.seconds)
        return [
            Target(
                "with a song, as a part of the longer of pictures and sound alone",
                self.both.seconds / longer,
                1.5,
                False,
            )
        ]


class Words(Group):
    """The still engine without words, and with a caption on every photo."""

    plain: Measurement
    captioned: Measurement

    @property
    def targets(self) -> list[Target]:
        """How much captions add."""
        return [
            Target(
                "with a caption on every photo, as a part of the time without",
                self.captioned.seconds / self.plain.seconds,
                1.25,
                False,
            )
        ]


class Moves(Group):
    """Photos that move, made in the ways that can."""

    moviepy: Measurement
    reference: Measurement
    libx264: Measurement
    still: Measurement

    @property
    def targets(self) -> list[Target]:
        """How the still engine compares with photos that move."""
        return [
            Target(
                f"with Ken Burns, times as fast as {self.moviepy.title}",
                self.moviepy.seconds / self.still.seconds,
                40,
                True,
            ),
            Target(
                f"with Ken Burns, as a part of the time of {self.libx264.title}",
                self.still.seconds / self.libx264.seconds,
                0.25,
                False,
            ),
            *self._judge_output(),
        ]

    def _judge_output(self) -> list[Target]:
        still, libx264 = self.still, self.libx264
        if not (still.quality and libx264.quality):
            return []  # results of before it was measured
        name = f"{libx264.title}'s"
        return [
            Target(f"size, as a part of {name}", still.size_mb / libx264.size_mb, 1.5, False),
            Target(f"VMAF, not below {name}", still.quality.vmaf, libx264.quality.vmaf, True),
            Target(f"PSNR-Y, not below {name}", still.quality.psnr_y, libx264.quality.psnr_y, True),
        ]


class Changes(Group):
    """A slideshow of photos that move, and again with another photo in it."""

    first: Measurement
    again: Measurement

    @property
    def targets(self) -> list[Target]:
        """How much faster the second render is."""
        return [
            Target(
                f"times as fast again, with another photo among {self.first.photos}",
                self.first.seconds / self.again.seconds,
                10,
                True,
            )
        ]


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
    clips: Clips

    @property
    def groups(self) -> list[Group]:
        """The groups of the still engine."""
        return [self.ways, self.lengths, self.music, self.words, self.moves, self.changes]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def targets(self) -> list[Target]:
        """The targets of the still engine, with the measured figures."""
        return [target for group in self.groups for target in group.targets]
