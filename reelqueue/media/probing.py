"""Probe uploaded files in a child process with limits: this process decodes nothing."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reelqueue.config import ROOT
from reelqueue.errors import InputError, UnreadableMediaError, UnsupportedMediaError
from reelqueue.media.facts import (
    DERIVED_FILES,
    AudioFacts,
    CaptionsFacts,
    MediaFacts,
    MediaKind,
    PhotoFacts,
    VideoFacts,
)
from reelqueue.processes.children import NICENESS, ChildTimeoutError, Limits, run_child

log = logging.getLogger(__name__)

_PROBE_SECONDS = 60
_PROBE_LIMITS = Limits(
    memory_bytes=3 << 30, cpu_seconds=_PROBE_SECONDS, file_bytes=64 << 20, niceness=NICENESS
)
_FILES_PER_PROBE = 16

_FACTS: dict[MediaKind, type[MediaFacts]] = {
    "photo": PhotoFacts,
    "audio": AudioFacts,
    "video": VideoFacts,
    "captions": CaptionsFacts,
}
_PROBE_ERRORS: dict[str, type[InputError]] = {
    error.__name__: error for error in (UnsupportedMediaError, UnreadableMediaError)
}


@dataclass(frozen=True)
class Staged:
    """A received file on the local disk, not checked yet, and the name that its owner gave it."""

    path: Path
    name: str


def find_derived_path(kind: MediaKind, file: Staged) -> Path:
    """Return where the probe of a file writes what it makes of it."""
    return file.path.with_name(f"{file.path.name}.{DERIVED_FILES[kind]}")


def probe_files(
    kind: MediaKind, files: Sequence[Staged]
) -> Iterator[tuple[Staged, MediaFacts | InputError]]:
    """Yield each file with its facts, or with the error that refuses it.

    A child probes a few files, because its limits count for all of them together. If a file crashes
    the child, that file is refused and a new child continues with the next one.
    """
    todo = list(files)
    while todo:
        batch = todo[:_FILES_PER_PROBE]
        lines = _run_probe(kind, batch)
        for file, line in zip(batch, lines, strict=False):
            yield file, _read_answer(kind, line)
        todo = todo[len(lines) :]
        if len(lines) < len(batch):
            log.warning("a probe process crashed on an uploaded %s", kind)
            yield todo.pop(0), UnreadableMediaError(f"This {kind} cannot be read: it is damaged.")


def _run_probe(kind: MediaKind, files: Sequence[Staged]) -> list[bytes]:
    """Return the lines of a probe process, one for each file until it crashed."""
    command: list[str | Path] = [sys.executable, "-m", "reelqueue.render.probe_child", kind]
    for file in files:
        command += [file.path]
        command += [find_derived_path(kind, file)] if kind in DERIVED_FILES else []
    try:
        _, out, err = run_child(
            command, timeout=_PROBE_SECONDS + len(files), limits=_PROBE_LIMITS, cwd=ROOT
        )
    except ChildTimeoutError as expired:
        out, err = expired.stdout or b"", expired.stderr or b""
    if err:
        log.warning("probe: %s", err[-2000:].decode(errors="replace"))
    return [line for line in out.splitlines(keepends=True) if line.endswith(b"\n")]


def _read_answer(kind: MediaKind, line: bytes) -> MediaFacts | InputError:
    answer = json.loads(line)
    if "error" in answer:
        return _PROBE_ERRORS[answer["error"]](answer["message"])
    return _FACTS[kind].model_validate(answer)
