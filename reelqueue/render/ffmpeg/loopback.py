"""Loopbacks: filters that make all of a stream alike before a graph counts its frames or samples.

Within a file, the size of pictures and the channels of sound can change. ffmpeg then starts their
graph again, and filters that count frames or samples would start at 0. So the filters here have an
output of their own, which is not written, and ffmpeg's loopback decoders (ffmpeg, option `-dec`)
pass it on to the graph that counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_OPTIONS = {
    "v": ("-c:v", "wrapped_avframe", "-fps_mode:v", "passthrough", "-enc_time_base:v", "demux"),
    "a": ("-c:a", "pcm_f32le"),
}


@dataclass(frozen=True)
class Loopback:
    """A stream that is decoded, filtered and passed on.

    Attributes:
        kind: "v" for pictures, "a" for sound.
        stream: ffmpeg's name of it, such as `0:1`.
        filters: they must not count; `trim` may end the stream.
    """

    kind: Literal["v", "a"]
    stream: str
    filters: str


def build_loopbacks(*loopbacks: Loopback) -> list[str]:
    """Return arguments that follow the only other output; a graph has them as `[dec:0]` and on."""
    arguments: list[str] = []
    for number, loopback in enumerate(loopbacks, 1):
        arguments += ["-map", loopback.stream, f"-filter:{loopback.kind}", loopback.filters]
        # An output of its own: it would wait until all of its streams have begun.
        arguments += [*_OPTIONS[loopback.kind], "-f", "null", "-", "-dec", f"{number}:0"]
    return arguments
