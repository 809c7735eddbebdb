"""The child process in which the web probes files that users send.

`python -m reelqueue.render.probe_child photo PATH THUMBNAIL [PATH THUMBNAIL ...]`, `captions PATH
CUES ...`, `audio PATH ...` or `video PATH ...`. It writes a line of JSON for each file as soon as
it is probed, so that a missing line shows which file crashed it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from reelqueue.errors import InputError
from reelqueue.media.facts import DERIVED_FILES
from reelqueue.media.subtitles import read_captions
from reelqueue.render.ffmpeg.probe import probe_audio, probe_video


def main(arguments: list[str]) -> None:
    """Write a line of JSON for each file: its facts, or `{"error": CLASS, "message": SENTENCE}`."""
    kind, *paths = arguments
    for line in _answer_files(kind, [Path(path) for path in paths]):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _answer_files(kind: str, paths: list[Path]) -> Iterator[str]:
    if kind in DERIVED_FILES:
        for path, derived in zip(paths[::2], paths[1::2], strict=True):
            yield _answer_file(kind, path, derived)
    else:
        for path in paths:
            yield _answer_file(kind, path)


def _answer_file(kind: str, path: Path, derived: Path | None = None) -> str:
    try:
        return _probe_file(kind, path, derived).model_dump_json()
    except InputError as error:
        return json.dumps({"error": type(error).__name__, "message": str(error)})


def _probe_file(kind: str, path: Path, derived: Path | None) -> BaseModel:
    if kind == "audio":
        return probe_audio(path)
    if kind == "video":
        return probe_video(path)
    if kind == "captions":
        return read_captions(path, derived)
    # Loads Pillow, for photos only.
    from reelqueue.render.images.photos import probe_photo, write_thumbnail

    facts = probe_photo(path)
    if derived:
        write_thumbnail(path, derived)
    return facts


if __name__ == "__main__":
    main(sys.argv[1:])
