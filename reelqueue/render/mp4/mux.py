"""Mux encoded streams into an MP4 file without encoding them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from heapq import merge
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

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


def open_trusted(path: Path) -> InputContainer:
    """Open an MP4 that this program wrote; files of users must not be opened like this."""
    return av.open(str(path), format="mp4", options={"protocol_whitelist": "file"})


def _demux_packets(source: InputContainer, stream: Stream) -> Iterator[Packet[Stream]]:
    """Yield the packets of a source, assigned to a stream of the output."""
    for packet in source.demux(source.streams[0]):
        if packet.dts is not None:
            packet.stream = stream
            yield packet


def _to_decode_seconds(packet: Packet[Stream]) -> float:
    return float((packet.dts or 0) * (packet.time_base or 1))
