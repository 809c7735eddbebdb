"""The child processes in which the web probes files that users send, and their server.

The arguments of a child are `photo CPU_SECONDS PATH THUMBNAIL [PATH THUMBNAIL ...]`,
`captions CPU_SECONDS PATH CUES ...`, `video CPU_SECONDS PATH CUES ...` or
`audio CPU_SECONDS PATH ...`.
It writes a line of JSON for each file as soon as it is probed, so that a missing line shows which
file ended it. A file that takes more processor time does so.
"""

from __future__ import annotations

import json
import math
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from reelqueue.errors import InputError, RenderMemoryError, UnreadableMediaError
from reelqueue.media.facts import DERIVED_FILES, NAMES, find_large_path
from reelqueue.processes.fork_server import serve
from reelqueue.processes.usage import measure_cpu_seconds, set_soft_limit

_BASE_BYTES = 768 << 20  # for this program and its libraries: they take 150 MB, or a little more
_FFMPEG_BYTES = 1536 << 20
_SPARE = 1.3  # for what a photo may take, over what photos of its format and size took


def load(arguments: list[str]) -> None:
    """Load what probes files of a kind: that takes longer than a small file does."""
    kind = arguments[0]
    if kind == "photo":
        import reelqueue.render.images.thumbnails
    elif kind == "captions":
        import reelqueue.media.subtitles
    else:
        import reelqueue.render.ffmpeg.probe  # noqa: F401
        from reelqueue.render.ffmpeg.run import find_ffmpeg

        find_ffmpeg()  # starts it once


def main(arguments: list[str]) -> None:
    """Write a line of JSON for each file: its facts, or `{"error": CLASS, "message": SENTENCE}`."""
    kind, cpu_seconds, *paths = arguments
    for line in _answer_files(kind, int(cpu_seconds), [Path(path) for path in paths]):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _answer_files(kind: str, cpu_seconds: int, paths: list[Path]) -> Iterator[str]:
    step = 2 if kind in DERIVED_FILES else 1
    for path, *derived in zip(*(paths[start::step] for start in range(step)), strict=True):
        used = math.ceil(measure_cpu_seconds())
        set_soft_limit(resource.RLIMIT_CPU, used + cpu_seconds)
        try:
            yield _probe_file(kind, path, *derived).model_dump_json()
        except InputError as error:
            yield json.dumps({"error": type(error).__name__, "message": str(error)})


def _probe_file(kind: str, path: Path, *derived: Path) -> BaseModel:
    try:
        if kind == "photo":
            return _probe_photo(path, *derived)
        if kind == "captions":
            return _probe_captions(path, *derived)
        return _probe_film(kind, path, *derived)
    except (MemoryError, RenderMemoryError) as error:
        raise UnreadableMediaError(
            f"This {NAMES[kind]} takes too much memory to check: export it again, or send a "
            "smaller one."
        ) from error


def _probe_photo(path: Path, thumbnail: Path) -> BaseModel:
    """Return the facts of a photo, and write its thumbnails, in memory bounded by its header."""
    from reelqueue.render.images.photos import measure_need, probe_photo
    from reelqueue.render.images.thumbnails import write_thumbnails

    base = _BASE_BYTES + 2 * path.stat().st_size  # some decoders read the whole file first
    set_soft_limit(resource.RLIMIT_AS, base)
    set_soft_limit(resource.RLIMIT_AS, base + math.ceil(_SPARE * measure_need(path)))
    facts = probe_photo(path)
    size = facts.width, facts.height
    details = write_thumbnails(path, size, thumbnail, find_large_path(thumbnail))
    found = {"detail": details.upright, "turned_details": details.turned}
    return facts.model_copy(update=found)


def _probe_captions(path: Path, cues: Path) -> BaseModel:
    from reelqueue.media.subtitles import read_captions

    set_soft_limit(resource.RLIMIT_AS, _BASE_BYTES)
    return read_captions(path, cues)


def _probe_film(kind: str, path: Path, *derived: Path) -> BaseModel:
    from reelqueue.render.ffmpeg.probe import probe_audio, probe_video

    set_soft_limit(resource.RLIMIT_AS, _FFMPEG_BYTES)  # which ffmpeg inherits
    return probe_audio(path) if kind == "audio" else probe_video(path, *derived)


if __name__ == "__main__":
    serve(load, main)
