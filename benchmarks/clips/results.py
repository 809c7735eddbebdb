"""The results of the benchmarks of clips, and their targets."""

from __future__ import annotations

from pydantic import computed_field

from benchmarks.measurement import Group, Measurement, Target

_MEMORY_MB = 500


class Blur(Group):
    """A wide film in an upright frame, in front of a blurred copy of itself."""

    moviepy: Measurement
    ffmpeg: Measurement
    ours: Measurement

    @property
    def targets(self) -> list[Target]:
        """How our clip compares with others."""
        return [
            _compare("blur", self.ours, self.ffmpeg, 0.95),
            _count_times("blur", self.ours, self.moviepy, 8),
        ]


class Phrases(Group):
    """An upright crop of a wide film, with and without phrases of captions."""

    ffmpeg: Measurement
    plain: Measurement
    ours: Measurement

    @property
    def targets(self) -> list[Target]:
        """How our clip compares with others, and how much its words add."""
        return [
            _compare("crop with phrases", self.ours, self.ffmpeg, 1.1),
            _compare("crop with phrases", self.ours, self.plain, 1.15),
        ]


class Large(Group):
    """Clips of a film of many pixels."""

    blur: Measurement
    crop: Measurement

    @property
    def targets(self) -> list[Target]:
        """How much memory they take."""
        return [
            Target(f"MB of memory, {clip.title}", clip.peak_mb, _MEMORY_MB, False)
            for clip in (self.blur, self.crop)
        ]


class Analysis(Group):
    """The analysis of a film, without its speech."""

    analysis: Measurement

    @property
    def targets(self) -> list[Target]:
        """How fast it is."""
        return [_judge_pace(self.analysis, 8)]


class Cut(Group):
    """A part of a film in its own shape, copied as far as can be, and all encoded."""

    encoded: Measurement
    copied: Measurement

    @property
    def targets(self) -> list[Target]:
        """How much faster copying is."""
        return [_count_times("smart cut", self.copied, self.encoded, 20)]


class Speech(Group):
    """The recognition of speech."""

    recognition: Measurement

    @property
    def targets(self) -> list[Target]:
        """How fast it is."""
        return [_judge_pace(self.recognition, 5)]


class Clips(Group):
    """All that is measured of clips; `speech` is None where its extra is not installed."""

    blur: Blur
    phrases: Phrases
    large: Large
    analysis: Analysis
    cut: Cut
    speech: Speech | None

    @property
    def groups(self) -> list[Group]:
        """The groups that were measured."""
        groups = (self.blur, self.phrases, self.large, self.analysis, self.cut, self.speech)
        return [group for group in groups if group]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def targets(self) -> list[Target]:
        """The targets of all groups, with the measured figures."""
        return [target for group in self.groups for target in group.targets]


def _compare(what: str, ours: Measurement, other: Measurement, most: float) -> Target:
    """Return the target that our time is a part of another's."""
    return Target(
        f"{what}, as a part of the time of {other.title}",
        ours.seconds / other.seconds,
        most,
        False,
        ours.processor_seconds / other.processor_seconds,
    )


def _count_times(what: str, ours: Measurement, other: Measurement, least: float) -> Target:
    """Return the target that we are so many times as fast as another."""
    return Target(
        f"{what}, times as fast as {other.title}",
        other.seconds / ours.seconds,
        least,
        True,
        other.processor_seconds / ours.processor_seconds,
    )


def _judge_pace(measured: Measurement, least: float) -> Target:
    return Target(f"{measured.title}, times as fast as it plays", measured.pace, least, True)
