"""Mux encoded streams into an MP4 file without encoding them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from heapq import merge
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from reelqueue.errors import RenderError
from reelqueue.planning.soundtrack import RATE

FAST_START = {"movflags": "+faststart"}
"""Puts the moov box before the media data, so that players can start before they have all of it."""

EXACT = {
    "fflags": "+bitexact",  # does not name the muxer and the encoder in the file
    "movie_timescale": str(RATE),  # of edit lists, which by milliseconds would cut samples off
}


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


def mux_pieces(pieces: Sequence[Path], fps: Fraction, audio: Path | None, output: Path) -> None:
    """Write an MP4 with the video streams of several files, one after the other, and with sound.

    Args:
        pieces: files whose pictures were encoded alike, each from a keyframe on.
        fps: frames a second of all of them.
        audio: the file with the sound, which begins with the first picture; None if there is none.
        output: the file to write.

    Raises:
        RenderError: if the pieces were not encoded alike.
    """
    options = FAST_START | EXACT
    with ExitStack() as stack:
        first = stack.enter_context(open_trusted(pieces[0]))
        result = stack.enter_context(av.open(str(output), "w", format="mp4", options=options))
        video = result.add_stream_from_template(first.streams[0])
        sources = [_demux_pieces(pieces, first.streams[0], video, 1 / fps)]
        if audio:
            sound = stack.enter_context(open_trusted(audio))
            stream = result.add_stream_from_template(sound.streams[0])
            sources.append(_demux_packets(sound, stream))
        for packet in merge(*sources, key=_to_decode_seconds):
            result.mux(packet)


def open_trusted(path: Path) -> InputContainer:
    """Open an MP4 that this program wrote; files of users must not be opened like this."""
    return av.open(str(path), format="mp4", options={"protocol_whitelist": "file"})


def _demux_packets(source: InputContainer, stream: Stream) -> Iterator[Packet[Stream]]:
    """Yield the packets of a source, assigned to a stream of the output."""
    for packet in source.demux(source.streams[0]):
        if packet.dts is not None:
            packet.stream = stream
            yield packet


def _demux_pieces(
    pieces: Sequence[Path], template: Stream, stream: Stream, tick: Fraction
) -> Iterator[Packet[Stream]]:
    """Yield the packets of all pieces; their times count from the start of the first."""
    frames = 0
    for piece in pieces:
        with open_trusted(piece) as source:
            if source.streams[0].codec_context.extradata != template.codec_context.extradata:
                raise RenderError("The parts of the clip were not encoded alike.")
            count, decoded = 0, 0
            for packet in source.demux(source.streams[0]):
                if packet.pts is None or packet.dts is None:
                    continue  # the last one, which is empty
                scale = (packet.time_base or 1) / tick
                decoded = decoded if count else round(packet.dts * scale)
                packet.pts = frames + round(packet.pts * scale)
                packet.dts = frames + decoded + count
                packet.time_base, packet.duration, packet.stream = tick, 1, stream
                count += 1
                yield packet
        frames += count


def _to_decode_seconds(packet: Packet[Stream]) -> float:
    return float((packet.dts or 0) * (packet.time_base or 1))
