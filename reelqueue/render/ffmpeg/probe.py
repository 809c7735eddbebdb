"""What is known of a file after decoding a little of it: run by the web process in a child.

`python -m reelqueue.render.ffmpeg.probe photo PATH THUMBNAIL [PATH THUMBNAIL ...]`, or
`audio PATH ...`, or `video PATH ...`, writes one line of JSON for each file, in order and as soon
as it is known, so that a missing line tells which file brought this process down. The bundled
ffmpeg comes without ffprobe. What a container says of itself is not believed: the first frame is
decoded and all packets are counted.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from pydantic import BaseModel

from reelqueue.errors import (
    InputError,
    RenderTimeoutError,
    UnreadableMediaError,
    UnsupportedMediaError,
)
from reelqueue.media.facts import AudioFacts, VideoFacts
from reelqueue.media.sniff import MediaFormat, sniff_audio, sniff_video
from reelqueue.render.ffmpeg.run import FfmpegError, input_arguments, run_ffmpeg
from reelqueue.specs.ranges import LONGEST_MEDIA

SHORTEST_SIDE = 16
LONGEST_SIDE = 4096
SHORTEST_SECONDS = 0.1
HIGHEST_FPS = 240
TIMEOUT_SECONDS = 50.0

_UNREADABLE = "This file cannot be read: it is damaged or not complete. Export it again."
_WRONG_CODEC = (
    "This file uses a codec that is not taken: send H.264, HEVC, VP8, VP9, AV1 or MPEG-4 video, "
    "and AAC, MP3, Opus, Vorbis, FLAC or PCM sound."
)
_TOO_LARGE = f"This video's picture is too large: at most {LONGEST_SIDE} x 2160 pixels are taken."
_FIRST_PICTURE = "sidedata=mode=delete,trim=end_frame=1,showinfo=checksum=0"
_FIRST_SOUND = "atrim=end_sample=1,ashowinfo"
_DECODED = re.compile(r"\] n: *0 pts:")
_RATE = re.compile(r"config in time_base: \S+ frame_rate: (\d+)/(\d+)")
_SHAPE = re.compile(r" sar:(\d+)/(\d+) s:(\d+)x(\d+) ")
_COLOR = re.compile(r"color_range:(\S+) color_space:(\S+) color_primaries:(\S+) color_trc:(\S+)")


@dataclass(frozen=True)
class Color:
    """How a frame's numbers mean colours, in ffmpeg's words; `unknown` where it is not said."""

    range: str
    space: str
    primaries: str
    transfer: str


@dataclass(frozen=True)
class Video:
    """All that a render needs to know of a video; `size` is as shown, `fps` exact."""

    kind: MediaFormat
    size: tuple[int, int]
    fps: Fraction
    color: Color
    duration: float
    has_audio: bool


def probe_audio(path: Path) -> AudioFacts:
    """Return the facts of a file's sound.

    Raises:
        UnsupportedMediaError: for a kind or codec that is not taken, or a file without sound.
        UnreadableMediaError: if it is damaged, or beyond the limits.
    """
    kind = sniff_audio(path)
    if _decode_start(path, kind, "0:a:0", "-af", _FIRST_SOUND) is None:
        raise UnsupportedMediaError("This file has no sound: send one that has.")
    duration = _measure(path, kind, "0:a:0")[1]
    _check_duration(duration)
    return AudioFacts(duration=round(duration, 6), format=kind.name)


def probe_video(path: Path) -> VideoFacts:
    """Return the facts of a video, as it is shown.

    Raises:
        UnsupportedMediaError: for a kind or codec that is not taken, or a file without picture.
        UnreadableMediaError: if it is damaged, or beyond the limits.
    """
    video = inspect_video(path)
    return VideoFacts(
        duration=round(video.duration, 6),
        width=video.size[0],
        height=video.size[1],
        fps=float(video.fps),
        has_audio=video.has_audio,
        format=video.kind.name,
    )


def inspect_video(path: Path) -> Video:
    """Return all that is known of a video. Raises what `probe_video` raises."""
    kind = sniff_video(path)
    log = _decode_start(path, kind, "0:V:0", "-vf", _FIRST_PICTURE)
    if log is None:
        raise UnsupportedMediaError("This file has no video in it: send one that has.")
    frames, duration = _measure(path, kind, "0:V:0")
    _check_duration(duration)
    return Video(
        kind=kind,
        size=_read_size(log),
        fps=_read_rate(log, frames, duration),
        color=_read_color(log),
        duration=duration,
        has_audio=_has_audio(path, kind),
    )


def count_frames(path: Path) -> int:
    """Return how many video frames a finished file of ours holds."""
    return _measure(path, sniff_video(path), "0:V:0")[0]


def _decode_start(path: Path, kind: MediaFormat, stream: str, *filters: str) -> str | None:
    """Decode the first of a stream and return ffmpeg's log, or None if there is no such stream."""
    arguments = [
        *input_arguments(path, kind.demuxer),
        *("-map", stream, "-map_metadata", "-1", "-map_chapters", "-1"),
        *(*filters, "-f", "null", "-"),
    ]
    try:
        log = run_ffmpeg(arguments, timeout=TIMEOUT_SECONDS, verbosity="info")
    except FfmpegError as error:
        if "matches no streams" in error.log:
            return None
        raise _explain(error.log) from error
    except RenderTimeoutError as error:
        raise UnreadableMediaError(_UNREADABLE) from error
    if not _DECODED.search(log):
        raise UnreadableMediaError(_UNREADABLE)
    return log


def _explain(log: str) -> InputError:
    if "not on whitelist" in log:
        return UnsupportedMediaError(_WRONG_CODEC)
    if "exceeds specified max pixel count" in log:
        return UnreadableMediaError(_TOO_LARGE)
    return UnreadableMediaError(_UNREADABLE)


def _has_audio(path: Path, kind: MediaFormat) -> bool:
    """Tell whether there is sound that we can decode; a video is taken without it."""
    try:
        return _decode_start(path, kind, "0:a:0", "-af", _FIRST_SOUND) is not None
    except InputError:
        return False


def _measure(path: Path, kind: MediaFormat, stream: str) -> tuple[int, float]:
    """Return `(packets, seconds)` of a stream by reading it to its end, without decoding.

    The seconds count from the file's start, which is that of its earliest stream.
    """
    arguments = [
        *(*input_arguments(path, kind.demuxer), "-map", stream, "-c", "copy"),
        *("-f", "framecrc", "pipe:1"),
    ]
    packets = _Packets()
    try:
        # Nothing is written to the disk: this process may be killed at any time.
        run_ffmpeg(arguments, timeout=TIMEOUT_SECONDS, on_line=packets.add)
    except (FfmpegError, RenderTimeoutError) as error:
        raise UnreadableMediaError(_UNREADABLE) from error
    return packets.count, float(packets.end * packets.tick)


class _Packets:
    """Sums up ffmpeg's framecrc: `#tb 0: 1/25`, then `stream, dts, pts, duration, size, crc`."""

    def __init__(self) -> None:
        self.tick = Fraction(0)
        self.count = 0
        self.end = 0

    def add(self, line: bytes) -> None:
        """Take the next line."""
        if line.startswith(b"#tb 0: "):
            self.tick = Fraction(line.removeprefix(b"#tb 0: ").decode("ascii"))
        elif not line.startswith(b"#"):
            pts, length = (int(field) for field in line.split(b",")[2:4])
            self.end = max(self.end, pts + length)
            self.count += 1


def _read_size(log: str) -> tuple[int, int]:
    """Return the size as shown: after its turn, which ffmpeg has done, with square pixels."""
    shape = _find_last(_SHAPE, log)
    if not shape:
        raise UnreadableMediaError(_UNREADABLE)
    across, down, width, height = (int(number) for number in shape)
    if across and down:
        width = round(width * across / down)
    if not all(SHORTEST_SIDE <= side <= LONGEST_SIDE for side in (width, height)):
        raise UnreadableMediaError(
            f"This video's picture is {width} x {height} pixels: each side must be "
            f"{SHORTEST_SIDE} to {LONGEST_SIDE}."
        )
    return width, height


def _read_rate(log: str, frames: int, duration: float) -> Fraction:
    """Return the frames a second: the rate that ffmpeg finds, or the average if that is absurd."""
    average = Fraction(frames / duration).limit_denominator(1001)
    rate = _find_last(_RATE, log)
    fps = Fraction(int(rate[0]), int(rate[1])) if rate and int(rate[1]) else average
    if not 0 < fps <= HIGHEST_FPS:
        fps = average
    if not 0 < fps <= HIGHEST_FPS:
        raise UnreadableMediaError(f"This video has more than {HIGHEST_FPS} frames a second.")
    return fps


def _read_color(log: str) -> Color:
    return Color(*(_find_last(_COLOR, log) or ["unknown"] * 4))


def _find_last(pattern: re.Pattern[str], log: str) -> tuple[str, ...]:
    """Return the groups of the last match: the file's own tags, which may lie, stand before it."""
    return next(reversed(pattern.findall(log)), ())


def _check_duration(duration: float) -> None:
    if not SHORTEST_SECONDS <= duration <= LONGEST_MEDIA:
        raise UnreadableMediaError(
            f"This file lasts {duration:.2f} seconds: between {SHORTEST_SECONDS:g} seconds and "
            f"{LONGEST_MEDIA / 3600:g} hours are taken."
        )


def main(arguments: list[str]) -> None:
    """Write a line of JSON for each file: its facts, or `{"error": ..., "message": ...}`."""
    kind, *paths = arguments
    for line in _answer_all(kind, [Path(path) for path in paths]):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _answer_all(kind: str, paths: list[Path]) -> Iterator[str]:
    if kind == "photo":
        for path, thumbnail in zip(paths[::2], paths[1::2], strict=True):
            yield _answer(kind, path, thumbnail)
    else:
        for path in paths:
            yield _answer(kind, path)


def _answer(kind: str, path: Path, thumbnail: Path | None = None) -> str:
    try:
        return _probe(kind, path, thumbnail).model_dump_json()
    except InputError as error:
        return json.dumps({"error": type(error).__name__, "message": str(error)})


def _probe(kind: str, path: Path, thumbnail: Path | None) -> BaseModel:
    if kind == "audio":
        return probe_audio(path)
    if kind == "video":
        return probe_video(path)
    from reelqueue.render.images.photos import probe_photo, write_thumbnail  # Pillow: photos only

    facts = probe_photo(path)
    if thumbnail:
        write_thumbnail(path, thumbnail)
    return facts


if __name__ == "__main__":
    main(sys.argv[1:])
