"""The first frames of a stream, decoded: what they are, whatever the header of the file says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from reelqueue.errors import (
    RenderTimeoutError,
    UnreadableMediaError,
    UnsupportedMediaError,
)
from reelqueue.media.sniff import MediaFormat
from reelqueue.render.ffmpeg.color import Color
from reelqueue.render.ffmpeg.run import (
    LONGEST_SIDE,
    FfmpegError,
    build_input_arguments,
    run_ffmpeg,
)
from reelqueue.render.ffmpeg.sound import build_stereo_filter
from reelqueue.render.ffmpeg.streams import (
    TIMEOUT_SECONDS,
    TOO_SLOW,
    UNREADABLE,
    Stream,
    explain_failure,
)

SHORTEST_SIDE = 16

_PICTURES = ("-vf", "sidedata=mode=delete,trim=end_frame=2,showinfo=checksum=0")
_SOUND = ("-af", f"{build_stereo_filter()},atrim=end_sample=1,ashowinfo")
_ALPHA_FORMATS = ("yuva", "gbrap", "ya")
_DECODED = re.compile(r"\] n: *0 pts:")
_FIELD = re.compile(r" s:\d+x\d+ i:([PTB]) ")
_RATE = re.compile(r"config in time_base: \S+ frame_rate: (\d+)/(\d+)")
_SHAPE = re.compile(r" fmt:(\w+) .*?sar:(\d+)/(\d+) s:(\d+)x(\d+) ")
_COLOR = re.compile(r"color_range:(\S+) color_space:(\S+) color_primaries:(\S+) color_trc:(\S+)")


@dataclass(frozen=True)
class Picture:
    """A picture of a stream.

    Attributes:
        coded_size: `(width, height)` after rotation, which ffmpeg does.
        size: the same with square pixels, as shown.
        color: what it says of its colours.
        has_alpha: whether it has an alpha channel.
        fps: frames a second, as ffmpeg finds them; 0 if it does not.
    """

    coded_size: tuple[int, int]
    size: tuple[int, int]
    color: Color
    has_alpha: bool
    fps: Fraction


def decode_picture(path: Path, media_format: MediaFormat, stream: Stream) -> Picture:
    """Return the first picture of a stream.

    Raises:
        UnsupportedMediaError: if its codec is not supported, or each picture is one field.
        UnreadableMediaError: if the file is damaged or beyond the limits.
    """
    log = _decode_start(path, media_format, stream, _PICTURES)
    shape, rate = _find_last(_SHAPE, log), _find_last(_RATE, log)
    if not shape:
        raise UnreadableMediaError(UNREADABLE)
    _check_fields(_FIELD.findall(log))
    pixel_format, *numbers = shape
    sar_width, sar_height, width, height = (int(number) for number in numbers)
    return Picture(
        coded_size=(width, height),
        size=_find_size(sar_width, sar_height, width, height),
        color=_read_color(log, pixel_format),
        has_alpha=pixel_format.startswith(_ALPHA_FORMATS),
        fps=Fraction(int(rate[0]), int(rate[1])) if rate and int(rate[1]) else Fraction(0),
    )


def decode_sound(path: Path, media_format: MediaFormat, stream: Stream) -> None:
    """Check that sound can be decoded to stereo. Raises what `decode_picture` raises."""
    _decode_start(path, media_format, stream, _SOUND)


def _decode_start(
    path: Path, media_format: MediaFormat, stream: Stream, filters: tuple[str, str]
) -> str:
    """Decode the start of a stream; return ffmpeg's log."""
    arguments = [
        *build_input_arguments(path, media_format.demuxer, stream.decoder),
        *("-map", f"0:{stream.index}", "-map_metadata", "-1", "-map_chapters", "-1"),
        *(*filters, "-f", "null", "-"),
    ]
    try:
        log = run_ffmpeg(arguments, timeout=TIMEOUT_SECONDS, verbosity="info")
    except FfmpegError as error:
        raise explain_failure(error.log) from error
    except RenderTimeoutError as error:
        raise UnreadableMediaError(TOO_SLOW) from error
    if not _DECODED.search(log):
        raise UnreadableMediaError(UNREADABLE)
    return log


def _find_size(sar_width: int, sar_height: int, width: int, height: int) -> tuple[int, int]:
    if sar_width and sar_height:
        width = round(width * sar_width / sar_height)
    if not all(SHORTEST_SIDE <= side <= LONGEST_SIDE for side in (width, height)):
        raise UnreadableMediaError(
            f"The picture of this video is {width} x {height} pixels: each side must be "
            f"{SHORTEST_SIDE} to {LONGEST_SIDE}."
        )
    return width, height


def _check_fields(fields: list[str]) -> None:
    """Refuse pictures that are one field each, as HEVC can have them: ffmpeg does not join them."""
    if set(fields) == {"T", "B"}:
        raise UnsupportedMediaError(
            "This video is interlaced, with each field as a picture of its own: export it as "
            "progressive video."
        )


def _read_color(log: str, pixel_format: str) -> Color:
    color = Color(*(_find_last(_COLOR, log) or ["unknown"] * 4))
    is_rgb = pixel_format.startswith("gbr")
    # Some recorders say RGB of what they have converted; players ignore that, too.
    return color if is_rgb or color.space != "gbr" else replace(color, space="unknown")


def _find_last(pattern: re.Pattern[str], log: str) -> tuple[str, ...]:
    """Return the groups of the last match; tags of the file, which can imitate it, come before."""
    return next(reversed(pattern.findall(log)), ())
