"""Loopbacks: filters that make all of a stream alike before a graph counts its frames or samples.

Within a file, the size of pictures and the channels of sound can change. ffmpeg then starts their
graph again, and filters that count frames or samples would start at 0. So the filters here have an
output of their own, which is not written, and ffmpeg's loopback decoders (ffmpeg, option `-dec`)
pass it on to the graph that counts.

Some eighteen pictures wait on that way, however, and hardly any file changes. So its filters are
first tried within the graph that counts: `join_loopbacks`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

_OPTIONS = {
    "v": ("-c:v", "wrapped_avframe", "-fps_mode:v", "passthrough", "-enc_time_base:v", "demux"),
    "a": ("-c:a", "pcm_f32le"),
}
# What ffmpeg says of a graph that it starts again, and of a picture that had been queued for one.
_CHANGES = (b"Reconfiguring filter graph", b"Changing video frame properties on the fly")
_LONGEST_CHANGE = max(map(len, _CHANGES))


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


class _ChangedError(Exception):
    """Raised within a run of ffmpeg to stop it."""


def stays_alike(run: Callable[..., object]) -> bool:
    """Call a function that runs ffmpeg; tell whether it started no graph again.

    As soon as it does, it is stopped.

    Args:
        run: takes what `run_ffmpeg` needs to tell that in its log, and raises as that does.
    """
    end = b""

    def look(data: bytes) -> None:
        nonlocal end
        said = end + data
        if any(change in said for change in _CHANGES):
            raise _ChangedError
        end = said[-_LONGEST_CHANGE:]

    try:
        run(verbosity="info", on_log=look)
    except _ChangedError:
        return False
    return True


def join_loopbacks(graph: str, loopbacks: Sequence[Loopback]) -> str:
    """Return a graph with the filters of its loopbacks in it, for a stream that stays alike."""
    for number, loopback in enumerate(loopbacks):
        graph = graph.replace(f"[dec:{number}]", f"[{loopback.stream}]{loopback.filters},", 1)
    return graph


def build_loopbacks(*loopbacks: Loopback) -> list[str]:
    """Return arguments that follow the only other output; a graph has them as `[dec:0]` and on."""
    arguments: list[str] = []
    for number, loopback in enumerate(loopbacks, 1):
        arguments += ["-map", loopback.stream, f"-filter:{loopback.kind}", loopback.filters]
        # An output of its own: it would wait until all of its streams have begun.
        arguments += [*_OPTIONS[loopback.kind], "-f", "null", "-", "-dec", f"{number}:0"]
    return arguments
