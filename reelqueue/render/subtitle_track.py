"""The subtitles that a video has as a track of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reelqueue.errors import InputError, RenderError, UnreadableMediaError, UnsupportedMediaError
from reelqueue.media.facts import SubtitleFacts
from reelqueue.media.sniff import MediaFormat
from reelqueue.media.subtitles import LARGEST_FILE, Subtitles, dump_cues, read_subtitles
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource, probe_source
from reelqueue.render.ffmpeg.streams import TIMEOUT_SECONDS, Stream

_MUXERS = {"subrip": "srt", "webvtt": "webvtt", "ass": "ass", "ssa": "ass"}  # as they are
_DECODER = "mov_text"  # of what is written as SubRip
_PICTURES = ("hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub")
_SEND_TEXT = "send captions as an SRT, WebVTT or ASS file"
_NO_TRACK = f"This video has no subtitle track: {_SEND_TEXT}."
_UNREADABLE = f"The subtitles of this video cannot be read: {_SEND_TEXT}."
_UNKNOWN_LANGUAGE = "und"


def read_track(path: Path) -> Subtitles:
    """Return the first subtitles of a video that are text, those marked as default before others.

    Raises:
        UnsupportedMediaError: if it has none.
        UnreadableMediaError: if video or subtitles are damaged or beyond the limits.
    """
    video = probe_source(path)
    return _read_first(path, video.media_format, video.subtitles)


def probe_subtitles(path: Path, video: VideoSource, cues: Path | None) -> SubtitleFacts | None:
    """Return the facts about a video's subtitles, and write them to `cues` as JSON.

    They are None for a video without subtitles; one with unusable subtitles is no error.
    """
    if not video.subtitles:
        return None
    try:
        subtitles = _read_first(path, video.media_format, video.subtitles)
    except InputError as error:
        return SubtitleFacts(problem=str(error))
    if cues:
        cues.write_bytes(dump_cues(subtitles.cues))
    return SubtitleFacts(
        count=len(subtitles.cues), language=subtitles.language, warnings=subtitles.warnings
    )


def _read_first(path: Path, media_format: MediaFormat, streams: Sequence[Stream]) -> Subtitles:
    texts = [stream for stream in streams if stream.codec in (*_MUXERS, _DECODER)]
    if not texts:
        raise UnsupportedMediaError(_explain(streams))
    errors = []
    for stream in texts:
        try:
            return _read_stream(path, media_format, stream, len(texts))
        except InputError as error:
            errors.append(error)
    raise errors[0]


def _explain(streams: Sequence[Stream]) -> str:
    """Return why none of the streams can be used."""
    if not streams:
        return _NO_TRACK
    name = streams[0].codec_name
    if streams[0].codec in _PICTURES:
        return f"The subtitles of this video are pictures ({name}), not text: {_SEND_TEXT}."
    return f"The subtitles of this video ({name}) are not supported: {_SEND_TEXT}."


def _read_stream(path: Path, media_format: MediaFormat, stream: Stream, tracks: int) -> Subtitles:
    """Read one of several tracks of text."""
    subtitles = read_subtitles(_extract(path, media_format, stream))
    warnings = subtitles.warnings
    language = stream.language if stream.language != _UNKNOWN_LANGUAGE else None
    if tracks > 1:
        of = f" ({language})" if language else ""
        warnings = (f"Of {tracks} subtitle tracks, the first one{of} is used.", *warnings)
    return subtitles._replace(warnings=warnings, language=language)


def _extract(path: Path, media_format: MediaFormat, stream: Stream) -> bytes:
    """Return a track as the text of a file of subtitles."""
    lines: list[bytes] = []
    left = LARGEST_FILE

    def add_line(line: bytes) -> None:
        nonlocal left
        left -= len(line) + 1
        if left < 0:
            raise UnreadableMediaError(
                f"The subtitles of this video have more than {LARGEST_FILE // 1_000_000} MB: "
                f"{_SEND_TEXT}."
            )
        lines.append(line)

    is_kept = stream.codec in _MUXERS
    arguments = [
        *build_input_arguments(path, media_format.demuxer, subtitles=not is_kept),
        *("-map", f"0:{stream.index}", "-c:s", "copy" if is_kept else "subrip"),
        *("-f", _MUXERS.get(stream.codec, "srt"), "pipe:1"),
    ]
    try:
        run_ffmpeg(arguments, timeout=TIMEOUT_SECONDS, on_line=add_line)
    except RenderError as error:
        raise UnreadableMediaError(_UNREADABLE) from error
    return b"\n".join(lines)
