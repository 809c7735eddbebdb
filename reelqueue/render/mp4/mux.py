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

from reelqueue.planning.soundtrack import RATE
from reelqueue.render.mp4.configuration import Configuration, join_configurations

FAST_START = {"movflags": "+faststart"}
"""Puts the moov box before the media data, so that players can start before they have all of it."""

EXACT = {
    "fflags": "+bitexact",  # does not name the muxer and the encoder in the file
    "movie_timescale": str(RATE),  # of edit lists, which by milliseconds would cut samples off
}

_TRUSTED = {"protocol_whitelist": "file"}


class _Head(NamedTuple):
    """What a piece begins with; `delay` is how many frames it is decoded before it is shown."""

    configuration: Configuration
    delay: int


def mux_streams(video: Path, audio: Path, output: Path) -> None:
    """Write an MP4 with the video stream of one file and the audio stream of another."""
    options = FAST_START | EXACT
    with ExitStack() as stack:
        sources = [stack.enter_context(open_trusted(path)) for path in (video, audio)]
        result = stack.enter_context(av.open(str(output), "w", format="mp4", options=options))
        streams = [result.add_stream_from_template(source.streams[0]) for source in sources]
        packets = (_demux_packets(*pair) for pair in zip(sources, streams, strict=True))
        for packet in merge(*packets, key=_to_decode_seconds):
            result.mux(packet)


def mux_pieces(pieces: Sequence[Path], fps: Fraction, others: Sequence[Path], output: Path) -> None:
    """Write an MP4 with the video streams of several files, one after the other, and others beside.

    Args:
        pieces: files whose pictures have one size and one rate, each from a keyframe on. Those that
            were encoded differently have different ids of parameter sets.
        fps: frames a second of all of them.
        others: files whose streams begin with the first picture: sound, and captions as text.
        output: the file to write.

    Raises:
        RenderError: if the pieces cannot be joined.
    """
    options = FAST_START | EXACT
    with ExitStack() as stack:
        first = stack.enter_context(open_trusted(pieces[0]))
        heads = [_read_head(piece, 1 / fps) for piece in pieces]
        result = stack.enter_context(av.open(str(output), "w", format="mp4", options=options))
        video = result.add_stream_from_template(first.streams[0])
        joined = join_configurations([head.configuration for head in heads])
        video.codec_context.extradata = joined.to_bytes()
        sources = [_demux_pieces(pieces, video, 1 / fps, max(head.delay for head in heads))]
        for other in others:
            source = stack.enter_context(open_trusted(other))
            sources.append(_demux_packets(source, _add_stream(result, source.streams[0])))
        for packet in merge(*sources, key=_to_decode_seconds):
            result.mux(packet)


def open_trusted(path: Path) -> InputContainer:
    """Open an MP4 that this program wrote; files of users must not be opened like this."""
    return av.open(str(path), format="mp4", options=_TRUSTED)


def open_coded(path: Path) -> InputContainer:
    """Open an MP4 that this program wrote as `open_trusted`, but do not look into its pictures.

    Their shape and colours may be unknown then. This takes a fortieth of the time.
    """
    return av.open(str(path), format="mp4", options=_TRUSTED | {"codec_whitelist": "none"})


def _add_stream(result: OutputContainer, source: Stream) -> Stream:
    """Add a stream like another one; a text is shown unless viewers switch it off."""
    stream = result.add_stream_from_template(source)
    if source.type == "subtitle":
        stream.metadata["language"] = source.metadata["language"]
        stream.disposition = Disposition.default
    return stream


def _demux_packets(source: InputContainer, stream: Stream) -> Iterator[Packet[Stream]]:
    """Yield the packets of a source, assigned to a stream of the output."""
    for packet in source.demux(source.streams[0]):
        if packet.dts is not None:
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
    return round((time or 0) * (packet.time_base or 1) / tick)


def _to_decode_seconds(packet: Packet[Stream]) -> float:
    return float((packet.dts or 0) * (packet.time_base or 1))
