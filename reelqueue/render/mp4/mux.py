"""Mux encoded streams into an MP4 file without encoding them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import NamedTuple

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from reelqueue.planning.soundtrack import RATE
from reelqueue.render.mp4.configuration import Configuration, join_configurations

FAST_START = {"movflags": "+faststart"}
"""Puts the moov box before the media data, so that players can start before they have all of it."""

_UNEDITED = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0"}
"""Says when pictures are shown without an edit list (ISO/IEC 14496-12, 8.6.1.3, version 1)."""

EXACT = {
    "fflags": "+bitexact",  # does not name the muxer and the encoder in the file
    "movie_timescale": str(RATE),  # of edit lists, which by milliseconds would cut samples off
}

_TRUSTED = {"protocol_whitelist": "file"}

# FFmpeg's parser takes each I picture of a stream with one reference picture for a keyframe
# (libavcodec/h264_parser.c), but its decoder only those that begin a sequence.
_UNSEEN = {"codec_whitelist": "none", "fflags": "+noparse+nofillin"}


class _Head(NamedTuple):
    """What a piece begins with; `delay` is how many frames it is decoded before it is shown."""

    configuration: Configuration
    delay: int


def mux_streams(
    video: Path, audio: Path | None, output: Path, *, has_edit_lists: bool = True
) -> None:
    """Write an MP4 with the video stream of one file and the audio stream of another, if any.

    Without edit lists, AAC begins with its second packet: the first one comes before the sound, and
    only an edit list could say so. The first 21 ms then fade in.
    """
    options = (FAST_START if has_edit_lists else _UNEDITED) | EXACT
    with ExitStack() as stack:
        sources = [stack.enter_context(open_coded(video))]
        if audio:
            sources.append(stack.enter_context(open_trusted(audio)))
        result = stack.enter_context(av.open(str(output), "w", format="mp4", options=options))
        streams = [
            _add_pictures(result, sources[0].streams.video[0]),
            *(result.add_stream_from_template(source.streams[0]) for source in sources[1:]),
        ]
        packets = (
            _demux_packets(*pair, has_edit_lists=has_edit_lists)
            for pair in zip(sources, streams, strict=True)
        )
        for packet in merge(*packets, key=_to_decode_seconds):
            result.mux(packet)


def mux_pieces(
    pieces: Sequence[Path],
    fps: Fraction,
    others: Sequence[Path],
    output: Path,
    *,
    has_edit_lists: bool = True,
) -> None:
    """Write an MP4 with the video streams of several files, one after the other, and others beside.

    Args:
        pieces: files whose pictures have one size and one rate, each from a keyframe on. Parameter
            sets of one id are the same in all of them, but for their level: the highest is written.
        fps: frames a second of all of them.
        others: files whose streams begin with the first picture: sound, and captions as text.
        output: the file to write.
        has_edit_lists: see `mux_streams`.

    Raises:
        RenderError: if the pieces cannot be joined, as where sets of one id differ in more.
    """
    options = (FAST_START if has_edit_lists else _UNEDITED) | EXACT
    with ExitStack() as stack:
        first = stack.enter_context(open_coded(pieces[0]))
        heads = [_read_head(piece, 1 / fps) for piece in pieces]
        result = stack.enter_context(av.open(str(output), "w", format="mp4", options=options))
        video = _add_pictures(result, first.streams.video[0])
        joined = join_configurations([head.configuration for head in heads])
        video.codec_context.extradata = joined.to_bytes()
        sources = [_demux_pieces(pieces, video, 1 / fps, max(head.delay for head in heads))]
        for other in others:
            source = stack.enter_context(open_trusted(other))
            stream = _add_stream(result, source.streams[0])
            sources.append(_demux_packets(source, stream, has_edit_lists=has_edit_lists))
        for packet in merge(*sources, key=_to_decode_seconds):
            result.mux(packet)


def open_trusted(path: Path) -> InputContainer:
    """Open an MP4 that this program wrote; files of users must not be opened like this."""
    return av.open(str(path), format="mp4", options=_TRUSTED)


def open_coded(path: Path) -> InputContainer:
    """Open an MP4 that this program wrote as `open_trusted`, but do not look into its pictures.

    Their shape and colours may be unknown then, and only pictures that the file lists as keyframes
    are keyframes. This takes a fortieth of the time.
    """
    return av.open(str(path), format="mp4", options=_TRUSTED | _UNSEEN)


def _add_pictures(result: OutputContainer, source: VideoStream) -> VideoStream:
    """Add a stream like one that was not looked into: only its file has the shape of pixels."""
    stream = result.add_stream_from_template(source)
    if source.sample_aspect_ratio:
        stream.codec_context.sample_aspect_ratio = source.sample_aspect_ratio
    return stream


def _add_stream(result: OutputContainer, source: Stream) -> Stream:
    """Add a stream like another one; a text is shown unless viewers switch it off."""
    stream = result.add_stream_from_template(source)
    if source.type == "subtitle":
        stream.metadata["language"] = source.metadata["language"]
        stream.disposition = Disposition.default
    return stream


def _demux_packets(
    source: InputContainer, stream: Stream, *, has_edit_lists: bool
) -> Iterator[Packet[Stream]]:
    """Yield the packets of a source, assigned to a stream of the output."""
    for packet in source.demux(source.streams[0]):
        is_before = packet.pts is not None and packet.pts < 0 and not has_edit_lists
        if packet.dts is not None and not is_before:
            packet.stream = stream
            yield packet


def _read_head(piece: Path, tick: Fraction) -> _Head:
    with open_coded(piece) as source:
        stream = source.streams[0]
        configuration = Configuration.from_bytes(stream.codec_context.extradata or b"")
        first = next(source.demux(stream))
        return _Head(
            configuration,
            _count_ticks(first.pts, first, tick) - _count_ticks(first.dts, first, tick),
        )


def _demux_pieces(
    pieces: Sequence[Path], stream: Stream, tick: Fraction, delay: int
) -> Iterator[Packet[Stream]]:
    """Yield the packets of all pieces; their times count from the start of the first."""
    frames = 0
    for piece in pieces:
        with open_coded(piece) as source:
            count, start = 0, None
            for packet in source.demux(source.streams[0]):
                if packet.pts is None:
                    continue  # the last one, which is empty
                start = packet.pts if start is None else start
                packet.pts = frames + _count_ticks(packet.pts - start, packet, tick)
                packet.dts = frames + count - delay
                packet.time_base, packet.duration, packet.stream = tick, 1, stream
                count += 1
                yield packet
        frames += count


def _count_ticks(time: int | None, packet: Packet[Stream], tick: Fraction) -> int:
    # Divided once, as fractions of each packet's would take longer than writing it.
    base = packet.time_base or Fraction(1)
    part, whole = base.numerator * tick.denominator, base.denominator * tick.numerator
    return round((time or 0) * part / whole)


def _to_decode_seconds(packet: Packet[Stream]) -> float:
    base = packet.time_base or Fraction(1)
    return (packet.dts or 0) * base.numerator / base.denominator
