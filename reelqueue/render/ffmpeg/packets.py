"""The packets of a file's streams, counted and timed without being decoded."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

from reelqueue.errors import RenderTimeoutError, UnreadableMediaError
from reelqueue.media.sniff import MediaFormat
from reelqueue.render.ffmpeg.run import FfmpegError, build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.streams import TIMEOUT_SECONDS, TOO_SLOW, UNREADABLE
from reelqueue.render.threads import OnTick

_DISCARDED = re.compile(rb", F=0x[0-9a-f]*[4-7c-f]\b")  # AV_PKT_FLAG_DISCARD
MOST_REORDERED = 16
"""More is possible in no stream of H.264 (ITU-T H.264, A.3.1)."""

_EARLIEST = -(1 << 62)  # below it is no time: ffmpeg's AV_NOPTS_VALUE is the least integer


class Packets:
    """The packets of one stream.

    Attributes:
        times: when each begins, in ticks, in the order of the file.
        keys: when the packets begin that decoding can start with, in ticks.
        order: as `times`, but with the packets that are not shown.
        end: when the last one ends, in ticks.
        tick: seconds.
    """

    def __init__(self) -> None:
        self.times = array("q")
        self.keys = array("q")
        self.order = array("q")
        self.end = 0
        self.tick = Fraction(1)

    @property
    def seconds(self) -> float:
        """When the last packet ends; the start of the file's earliest stream is 0."""
        return float(self.end * self.tick)

    def measure_reorder(self) -> int:
        """Return how many packets precede another one in the file but begin later, at most."""
        most, later = 0, list[int]()
        for time in self.times:
            later = [other for other in later if other > time][-MOST_REORDERED:]
            most = max(most, len(later))
            later.append(time)
        return most

    def find_stops(self) -> array[int]:
        """Return when those packets begin, in ticks, with which a copy of packets can end.

        None before one of them in the file begins later, and none after it begins earlier.
        """
        stops, latest = array("q"), _EARLIEST
        following = array("q", accumulate(reversed(self.order), min, initial=-_EARLIEST))
        for time, next_time in zip(self.order, reversed(following[:-1]), strict=True):
            latest = max(latest, time)
            if latest < next_time:
                stops.append(latest)
        return stops

    def add(self, time: int, duration: int, *, is_shown: bool) -> None:
        """Add the next packet."""
        if time <= _EARLIEST:
            return
        self.order.append(time)
        if is_shown:
            self.times.append(time)
            self.end = max(self.end, time + duration)


def read_packets(
    path: Path,
    media_format: MediaFormat,
    streams: Sequence[int],
    on_packet: OnTick = lambda _: None,
) -> list[Packets]:
    """Read streams to their end without decoding them.

    What an edit list leaves out (ISO 14496-12, 8.6.6) is not shown, and so left out here.

    Args:
        path: the file.
        media_format: its format.
        streams: the numbers of the streams.
        on_packet: called with each packet; it can raise to stop the work.

    Raises:
        UnreadableMediaError: if the file is damaged, or reading it takes too long.
    """
    maps = [argument for stream in streams for argument in ("-map", f"0:{stream}")]
    arguments = [
        *(*build_input_arguments(path, media_format.demuxer), *maps, "-c", "copy"),
        *("-f", "framecrc", "pipe:1"),
    ]
    found = [Packets() for _ in streams]

    def read_line(line: bytes) -> None:
        read_packet(line, found)
        on_packet(0)

    try:
        # Nothing is written to the disk, because this process can be killed at any time.
        run_ffmpeg(arguments, timeout=TIMEOUT_SECONDS, on_line=read_line)
    except FfmpegError as error:
        raise UnreadableMediaError(UNREADABLE) from error
    except RenderTimeoutError as error:
        raise UnreadableMediaError(TOO_SLOW) from error
    return found


def read_packet(line: bytes, found: Sequence[Packets]) -> None:
    """Read a line of ffmpeg's muxer framecrc, and add its packet to those of its stream.

    It is `#tb 0: 1/25`, or `stream, dts, pts, duration, size, checksum[, F=flags]`.
    """
    if line.startswith(b"#tb "):
        stream, _, tick = line.removeprefix(b"#tb ").partition(b": ")
        found[int(stream)].tick = Fraction(tick.decode("ascii"))
    elif not line.startswith(b"#"):
        stream, _, time, duration, _, _, *flags = line.split(b",")
        packets = found[int(stream)]
        packets.add(int(time), int(duration), is_shown=not _DISCARDED.search(line))
        if not flags:  # ffmpeg names them unless they are those of a key
            packets.keys.append(int(time))
