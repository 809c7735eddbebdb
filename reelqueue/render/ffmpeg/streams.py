"""The streams of a file, as ffmpeg lists them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reelqueue.errors import (
    InputError,
    RenderTimeoutError,
    UnreadableMediaError,
    UnsupportedMediaError,
)
from reelqueue.media.sniff import MediaFormat
from reelqueue.render.ffmpeg.run import (
    LONGEST_SIDE,
    MAX_STREAMS,
    FfmpegError,
    build_input_arguments,
    run_ffmpeg,
)

TIMEOUT_SECONDS = 50.0
UNREADABLE = "This file cannot be read: it is damaged or incomplete. Export it again."
TOO_SLOW = "This file takes too long to read: try again, or export it again."

_WRONG_CODEC = (
    "This file uses a codec that is not supported: send H.264, HEVC, VP8, VP9, AV1 or MPEG-4 "
    "video, and AAC, MP3, Opus, Vorbis, FLAC, ALAC, AC-3, E-AC-3, DTS, AMR, WMA or PCM sound."
)
_NO_STEREO = "The channels of this sound cannot be mixed to stereo: export it with stereo sound."
_TOO_LARGE = f"The picture of this video is too large: send at most {LONGEST_SIDE} x 2160 pixels."
_LOG_BYTES = 2 << 20  # hundreds of streams, with their tags
_STREAM = re.compile(  # further in where it belongs to a group, as with the timecode of a camera
    r"^ {2,4}Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\(([^\n]*?)\))?: (\w+): (\w+)([^\n]*)$",
    re.MULTILINE,
)
StreamKind = Literal["video", "audio", "subtitle"]
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_TO_KIND: dict[str, StreamKind] = {"Video": "video", "Audio": "audio", "Subtitle": "subtitle"}
_PICTURES = ("(attached pic)", "(timed thumbnails)", "(still image)")
_FIRST_FIELD = re.compile(r"[(, ](top|bottom) (?:coded )?first[ ),]")
_ALPHA = re.compile(r"^ +alpha_mode +: 1$", re.MULTILINE)
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
_DOLBY_VISION = re.compile(
    r"^ +DOVI configuration record: .*? profile: (\d+),.*? bl flag: (\d), compatibility id: (\d+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class DolbyVision:
    """A Dolby Vision configuration: its profile, and whether other decoders can show it."""

    profile: int
    has_usable_base: bool


@dataclass(frozen=True)
class Stream:
    """A stream of pictures, sound or subtitles.

    `codec` is ffmpeg's name of its codec. `decoder` is the only one that decodes all of it, such as
    its alpha channel; None where ffmpeg's own choice does. `first_field` is "tff" or "bff" where
    the container says that pictures are interlaced. `language` is the tag that the container has.
    """

    index: int
    kind: StreamKind
    codec: str
    is_default: bool
    decoder: str | None = None
    dolby_vision: DolbyVision | None = None
    first_field: Literal["tff", "bff"] | None = None
    language: str | None = None

    @property
    def codec_name(self) -> str:
        """The name of the codec in sentences for users."""
        return "unknown codec" if self.codec == "none" else self.codec.upper()


def list_streams(path: Path, media_format: MediaFormat) -> list[Stream]:
    """Return all streams but cover pictures, first those that are marked as default.

    Raises:
        UnreadableMediaError: if the file is damaged, has too many streams or takes too long.
    """
    try:
        run_ffmpeg(
            build_input_arguments(path, media_format.demuxer),
            timeout=TIMEOUT_SECONDS,
            verbosity="info",
            log_bytes=_LOG_BYTES,
        )
    except FfmpegError as error:
        if "At least one output file must be specified" not in error.log:
            raise explain_failure(error.log) from error
        streams = _read_streams(error.log)
    except RenderTimeoutError as error:
        raise UnreadableMediaError(TOO_SLOW) from error
    # Groups are listed first, and a stream can be in several.
    by_index = {stream.index: stream for stream in streams}
    return sorted(by_index.values(), key=lambda stream: (not stream.is_default, stream.index))


def check_dolby_vision(stream: Stream) -> None:
    """Check that pictures can be shown without what only Dolby Vision decoders know.

    Raises:
        UnsupportedMediaError: if they cannot; shown as they are, they are green and purple.
    """
    vision = stream.dolby_vision
    if vision and not vision.has_usable_base:
        raise UnsupportedMediaError(
            f"This video is Dolby Vision of profile {vision.profile}, which has no pictures for "
            "other decoders: export it as HDR10, HLG or SDR."
        )


def explain_failure(log: str) -> InputError:
    """Return the error for a file that ffmpeg cannot open or decode, by the end of its log."""
    if "not on whitelist" in log:
        return UnsupportedMediaError(_WRONG_CODEC)
    if "Input channel layout" in log:
        return UnsupportedMediaError(_NO_STEREO)
    if "exceeds specified max pixel count" in log:
        return UnreadableMediaError(_TOO_LARGE)
    return UnreadableMediaError(UNREADABLE)


def _read_streams(log: str) -> list[Stream]:
    if "exceeds max_streams" in log:
        raise UnreadableMediaError(
            f"This file has more than {MAX_STREAMS} tracks: export it with fewer."
        )
    starts = list(_STREAM.finditer(log))
    ends = [*(match.start() for match in starts), len(log)][1:]  # a file can have no stream
    found = []
    for match, end in zip(starts, ends, strict=True):
        index, language, kind, codec, rest = match.groups()
        if kind in _TO_KIND and not any(picture in rest for picture in _PICTURES):
            tags = log[match.end() : end]
            decoder = _ALPHA_DECODERS.get(codec) if _ALPHA.search(tags) else None
            stream = Stream(
                index=int(index),
                kind=_TO_KIND[kind],
                codec=codec,
                is_default="(default)" in rest,
                decoder=decoder,
                dolby_vision=_read_dolby_vision(tags),
                first_field=_read_first_field(rest),
                language=language if _LANGUAGE.fullmatch(language or "") else None,
            )
            found.append(stream)
    return found


def _read_first_field(line: str) -> Literal["tff", "bff"] | None:
    """Read `top first` or `top coded first (swapped)`, which stand at the end of the format."""
    match = _FIRST_FIELD.search(line)
    if match is None:
        return None
    return "tff" if match[1] == "top" else "bff"


def _read_dolby_vision(tags: str) -> DolbyVision | None:
    """Read a configuration; without a compatibility id, others cannot show the base layer."""
    match = _DOLBY_VISION.search(tags)
    if match is None:
        return None
    profile, base, compatibility = (int(number) for number in match.groups())
    return DolbyVision(profile, bool(base and compatibility))
