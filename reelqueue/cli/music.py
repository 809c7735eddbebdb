"""Music on the command line: the parts of songs, as options have them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reelqueue.cli.options import TIME_FORMS, parse_time
from reelqueue.errors import InvalidSpecError
from reelqueue.planning.soundtrack import Track
from reelqueue.specs.music import TrackRange
from reelqueue.specs.parsing import parse_values


def read_tracks(songs: Sequence[Path], parts: Sequence[str], option: str) -> list[Track]:
    """Return a track for each song, in order, with the part of it to play.

    Args:
        songs: the files.
        parts: the parts, such as `12.5-70`; songs without one are played whole.
        option: the name of the option for parts, for errors.

    Raises:
        InvalidSpecError: if there are more parts than songs, or one is malformed or too long.
        InputError: if a song cannot be read.
    """
    from reelqueue.render.ffmpeg.probe import probe_audio

    tracks = []
    ranges = _read_ranges(parts, len(songs), option)
    for number, (song, part) in enumerate(zip(songs, ranges, strict=True)):
        duration = probe_audio(song).duration
        start, end = part.resolve_range(duration, f"{option} {number + 1}")
        tracks.append(Track(song, duration, start, end))
    return tracks


def check_count(option: str, given: Sequence[str], limit: int, what: str) -> None:
    """Check that an option was not given too often.

    Raises:
        InvalidSpecError: if it was.
    """
    if len(given) > limit:
        raise InvalidSpecError(
            f"{option}: given {len(given)} times for {limit} {what}; leave some out."
        )


def _read_ranges(parts: Sequence[str], songs: int, option: str) -> list[TrackRange]:
    check_count(option, parts, songs, "songs")
    return [_read_range(part, option) for part in parts] + [TrackRange()] * (songs - len(parts))


def _read_range(part: str, option: str) -> TrackRange:
    try:
        start, end = (part or "-").split("-")
        times = {name: parse_time(text) for name, text in (("start", start), ("end", end)) if text}
    except ValueError:
        raise InvalidSpecError(
            f"{option}: {part} is not a part, such as 12.5-70, 0:12- or -1:10: {TIME_FORMS}."
        ) from None
    try:
        return parse_values(TrackRange, {**times})
    except InvalidSpecError as error:
        raise InvalidSpecError(f"{option}: {str(error).removeprefix('The request: ')}") from None
