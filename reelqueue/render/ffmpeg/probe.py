"""Probe sound and video: decode the first frame and count the packets.

The bundled ffmpeg has no ffprobe, and the header of a file can be wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from reelqueue.errors import (
    InputError,
    RenderTimeoutError,
    UnreadableMediaError,
    UnsupportedMediaError,
)
from reelqueue.media.facts import AudioFacts, VideoFacts
from reelqueue.media.sniff import MediaFormat, sniff_audio, sniff_video
from reelqueue.render.ffmpeg.color import Color
from reelqueue.render.ffmpeg.run import FfmpegError, build_input_arguments, run_ffmpeg
from reelqueue.specs.limits import LONGEST_MEDIA

SHORTEST_SIDE = 16
LONGEST_SIDE = 4096
SHORTEST_SECONDS = 0.1
HIGHEST_FPS = 240
TIMEOUT_SECONDS = 50.0

_UNREADABLE = "This file cannot be read: it is damaged or incomplete. Export it again."
_WRONG_CODEC = (
    "This file uses a codec that is not supported: send H.264, HEVC, VP8, VP9, AV1 or MPEG-4 "
    "video, and AAC, MP3, Opus, Vorbis, FLAC or PCM sound."
)
_TOO_LARGE = f"The picture of this video is too large: send at most {LONGEST_SIDE} x 2160 pixels."
_FIRST_FRAME = "sidedata=mode=delete,trim=end_frame=1,showinfo=checksum=0"
_FIRST_SAMPLE = "atrim=end_sample=1,ashowinfo"
_DECODED = re.compile(r"\] n: *0 pts:")
_RATE = re.compile(r"config in time_base: \S+ frame_rate: (\d+)/(\d+)")
_SHAPE = re.compile(r" sar:(\d+)/(\d+) s:(\d+)x(\d+) ")
_COLOR = re.compile(r"color_range:(\S+) color_space:(\S+) color_primaries:(\S+) color_trc:(\S+)")


@dataclass(frozen=True)
class VideoSource:
    """A video as a render needs it: `size=(width, height)` as shown, exact `fps`, seconds."""

    media_format: MediaFormat
    size: tuple[int, int]
    fps: Fraction
    color: Color
    duration: float
    has_audio: bool


def probe_audio(path: Path) -> AudioFacts:
    """Return the facts of a file's first audio stream.

    Raises:
        UnsupportedMediaError: if format or codec are not supported, or there is no sound.
        UnreadableMediaError: if the file is damaged or beyond the limits.
    """
    media_format = sniff_audio(path)
    if _decode_start(path, media_format, "0:a:0", "-af", _FIRST_SAMPLE) is None:
        raise UnsupportedMediaError("This file has no sound: send one with sound.")
    duration = _measure_stream(path, media_format, "0:a:0")[1]
    _check_duration(duration)
    return AudioFacts(duration=round(duration, 6), format=media_format.name)


def probe_video(path: Path) -> VideoFacts:
    """Return the facts of a file's first video stream, ignoring cover pictures.

    Raises:
        UnsupportedMediaError: if format or codec are not supported, or there is no video.
        UnreadableMediaError: if the file is damaged or beyond the limits.
    """
    video = probe_source(path)
    return VideoFacts(
        duration=round(video.duration, 6),
        width=video.size[0],
        height=video.size[1],
        fps=float(video.fps),
        has_audio=video.has_audio,
        format=video.media_format.name,
    )


def probe_source(path: Path) -> VideoSource:
    """Return the details of a video that a render needs. Raises what `probe_video` raises."""
    media_format = sniff_video(path)
    log = _decode_start(path, media_format, "0:V:0", "-vf", _FIRST_FRAME)
    if log is None:
        raise UnsupportedMediaError("This file has no video: send one with video.")
    frames, duration = _measure_stream(path, media_format, "0:V:0")
    _check_duration(duration)
    return VideoSource(
        media_format=media_format,
        size=_read_size(log),
        fps=_read_rate(log, frames, duration),
        color=_read_color(log),
        duration=duration,
        has_audio=_has_audio(path, media_format),
    )


def count_frames(path: Path) -> int:
    """Return the number of video frames in a file that this program wrote."""
    return _measure_stream(path, sniff_video(path), "0:V:0")[0]


def _decode_start(path: Path, media_format: MediaFormat, stream: str, *filters: str) -> str | None:
    """Decode the first frame of a stream; return ffmpeg's log, or None without such a stream."""
    arguments = [
        *build_input_arguments(path, media_format.demuxer),
        *("-map", stream, "-map_metadata", "-1", "-map_chapters", "-1"),
        *(*filters, "-f", "null", "-"),
    ]
    try:
        log = run_ffmpeg(arguments, timeout=TIMEOUT_SECONDS, verbosity="info")
    except FfmpegError as error:
        if "matches no streams" in error.log:
            return None
        raise _explain_failure(error.log) from error
    except RenderTimeoutError as error:
        raise UnreadableMediaError(_UNREADABLE) from error
    if not _DECODED.search(log):
        raise UnreadableMediaError(_UNREADABLE)
    return log


def _explain_failure(log: str) -> InputError:
    if "not on whitelist" in log:
        return UnsupportedMediaError(_WRONG_CODEC)
    if "exceeds specified max pixel count" in log:
        return UnreadableMediaError(_TOO_LARGE)
    return UnreadableMediaError(_UNREADABLE)


def _has_audio(path: Path, media_format: MediaFormat) -> bool:
    """Return whether a video has sound that can be decoded; without, it is taken as silent."""
    try:
        return _decode_start(path, media_format, "0:a:0", "-af", _FIRST_SAMPLE) is not None
    except InputError:
        return False


def _measure_stream(path: Path, media_format: MediaFormat, stream: str) -> tuple[int, float]:
    """Read a stream to its end without decoding it, and return `(packets, seconds)`.

    The seconds count from the start of the file, which is the start of its earliest stream.
    """
    arguments = [
        *(*build_input_arguments(path, media_format.demuxer), "-map", stream, "-c", "copy"),
        *("-f", "framecrc", "pipe:1"),
    ]
    packets = _PacketSum()
    try:
        # Nothing is written to the disk, because this process can be killed at any time.
        run_ffmpeg(arguments, timeout=TIMEOUT_SECONDS, on_line=packets.add)
    except (FfmpegError, RenderTimeoutError) as error:
        raise UnreadableMediaError(_UNREADABLE) from error
    return packets.count, float(packets.end * packets.time_base)


class _PacketSum:
    """Counts the packets in ffmpeg's framecrc output and finds the end of the last one.

    Its lines are `#tb 0: 1/25`, then `stream, dts, pts, duration, size, crc` for each packet.
    """

    def __init__(self) -> None:
        self.time_base = Fraction(0)
        self.count = 0
        self.end = 0

    def add(self, line: bytes) -> None:
        """Read the next line of the output."""
        if line.startswith(b"#tb 0: "):
            self.time_base = Fraction(line.removeprefix(b"#tb 0: ").decode("ascii"))
        elif not line.startswith(b"#"):
            pts, duration = (int(number) for number in line.split(b",")[2:4])
            self.end = max(self.end, pts + duration)
            self.count += 1


def _read_size(log: str) -> tuple[int, int]:
    """Return `(width, height)` as shown: rotated, which ffmpeg does, and with square pixels."""
    shape = _find_last(_SHAPE, log)
    if not shape:
        raise UnreadableMediaError(_UNREADABLE)
    sar_width, sar_height, width, height = (int(number) for number in shape)
    if sar_width and sar_height:
        width = round(width * sar_width / sar_height)
    if not all(SHORTEST_SIDE <= side <= LONGEST_SIDE for side in (width, height)):
        raise UnreadableMediaError(
            f"The picture of this video is {width} x {height} pixels: each side must be "
            f"{SHORTEST_SIDE} to {LONGEST_SIDE}."
        )
    return width, height


def _read_rate(log: str, frames: int, duration: float) -> Fraction:
    """Return the frames per second that ffmpeg finds, or the average if those are implausible."""
    average = Fraction(frames / duration).limit_denominator(1001)
    rate = _find_last(_RATE, log)
    fps = Fraction(int(rate[0]), int(rate[1])) if rate and int(rate[1]) else average
    if not 0 < fps <= HIGHEST_FPS:
        fps = average
    if not 0 < fps <= HIGHEST_FPS:
        raise UnreadableMediaError(
            f"This video has more than {HIGHEST_FPS} frames per second: export it with fewer."
        )
    return fps


def _read_color(log: str) -> Color:
    return Color(*(_find_last(_COLOR, log) or ["unknown"] * 4))


def _find_last(pattern: re.Pattern[str], log: str) -> tuple[str, ...]:
    """Return the groups of the last match; tags of the file, which can imitate it, come before."""
    return next(reversed(pattern.findall(log)), ())


def _check_duration(duration: float) -> None:
    if not SHORTEST_SECONDS <= duration <= LONGEST_MEDIA:
        raise UnreadableMediaError(
            f"This file lasts {duration:.2f} seconds: send one that lasts between "
            f"{SHORTEST_SECONDS:g} seconds and {LONGEST_MEDIA / 3600:g} hours."
        )
