"""Probe uploaded files in child processes with limits: this process decodes nothing.

All web processes of this machine together run as many such children as there are cores.
"""

from __future__ import annotations

import json
import logging
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reelqueue.config import ROOT
from reelqueue.errors import (
    BusyError,
    InputError,
    MalformedRequestError,
    UnreadableMediaError,
    UnsupportedMediaError,
)
from reelqueue.media.facts import (
    DERIVED_FILES,
    NAMES,
    AudioFacts,
    CaptionsFacts,
    MediaFacts,
    MediaKind,
    PhotoFacts,
    VideoFacts,
)
from reelqueue.processes.children import (
    ChildTimeoutError,
    Limits,
    build_python_sandbox,
)
from reelqueue.processes.cores import count_cores
from reelqueue.processes.forks import Forks
from reelqueue.processes.slots import Slots

log = logging.getLogger(__name__)

FILE_CPU_SECONDS = 10
"""Processor time that one file may take; photos of a phone take less than one second."""

_FILES_PER_CHILD = 16
_CHILD_SECONDS = 60  # and one more for each file
_REQUEST_SECONDS = 60  # and one more for each file
_PATIENCE_SECONDS = 15.0  # until the first child of a request starts
_RETRY_AFTER_SECONDS = 15
_LIMITS = Limits(
    memory_bytes=3 << 30,
    cpu_seconds=(_FILES_PER_CHILD + 1) * FILE_CPU_SECONDS,
    file_bytes=64 << 20,
)
# One thread is enough for what is calculated here, and each takes memory.
_children = Forks("reelqueue.render.probe_child", ROOT, {"OPENBLAS_NUM_THREADS": "1"})

_FACTS: dict[MediaKind, type[MediaFacts]] = {
    "photo": PhotoFacts,
    "audio": AudioFacts,
    "video": VideoFacts,
    "captions": CaptionsFacts,
}
_ERRORS: dict[str, type[InputError]] = {
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
    kind: MediaKind, files: Sequence[Staged], has_left: Callable[[], bool]
) -> Iterator[tuple[Staged, MediaFacts | InputError]]:
    """Yield each file with its facts, or with the error that refuses it.

    A child probes a few files. If a file ends its child, that file is refused and a new child
    continues with the next one.

    Args:
        kind: of all the files.
        files: one or more.
        has_left: tells after each child whether the client has left; then the rest is not probed.

    Raises:
        BusyError: if too many other files are being probed, or these take too long.
        UnavailableError: if no process can be started that probes them.
        MalformedRequestError: if the client has left.
    """
    deadline = time.monotonic() + _REQUEST_SECONDS + len(files)
    patience = _PATIENCE_SECONDS
    todo = list(files)
    while todo:
        batch = todo[:_FILES_PER_CHILD]
        with Slots("probes", count_cores()).reserve(patience, _make_busy_error()):
            lines, code = _run_probe(kind, batch, deadline - time.monotonic())
        for file, line in zip(batch, lines, strict=False):
            yield file, _read_answer(kind, line)
        todo = todo[len(lines) :]
        patience = deadline - time.monotonic()
        if patience <= 0 and todo:
            raise _make_busy_error()
        if todo and has_left():
            raise MalformedRequestError("The client left before its files were checked.")
        if len(lines) < len(batch):
            log.warning("a probe process ended on an uploaded %s: %s", kind, code)
            yield todo.pop(0), _explain_end(kind, code)


def _make_busy_error() -> BusyError:
    return BusyError(
        "Checking these files takes too long right now: send fewer at once, or try again later.",
        _RETRY_AFTER_SECONDS,
    )


def _run_probe(
    kind: MediaKind, files: Sequence[Staged], seconds: float
) -> tuple[list[bytes], int | None]:
    """Return the lines of a child, one for each file until it ended, and its exit code.

    The code is None if the child took longer than allowed.

    Args:
        kind: of the files.
        files: at most `_FILES_PER_CHILD`.
        seconds: left for the request.
    """
    order: list[str | Path] = [kind, str(FILE_CPU_SECONDS)]
    for file in files:
        order += [file.path]
        order += [find_derived_path(kind, file)] if kind in DERIVED_FILES else []
    code: int | None = None
    try:
        code, out, err = _children.run(
            order,
            timeout=max(0.0, min(_CHILD_SECONDS + len(files), seconds)),
            limits=_LIMITS,
            sandbox=build_python_sandbox(*{file.path.parent for file in files}),
        )
    except ChildTimeoutError as expired:
        out, err = expired.stdout or b"", expired.stderr or b""
    if err:
        log.warning("probe: %s", err[-2000:].decode(errors="replace"))
    return [line for line in out.splitlines(keepends=True) if line.endswith(b"\n")], code


def _explain_end(kind: MediaKind, code: int | None) -> UnreadableMediaError:
    """Return the error for a file whose child gave no answer."""
    name = NAMES[kind]
    if code in (None, -signal.SIGXCPU):
        return UnreadableMediaError(
            f"This {name} takes too long to check: export it again, or send a smaller one."
        )
    if code == -signal.SIGKILL:
        return UnreadableMediaError(
            f"This {name} takes too much memory to check: export it again, or send a smaller one."
        )
    return UnreadableMediaError(f"This {name} cannot be read: it is damaged.")


def _read_answer(kind: MediaKind, line: bytes) -> MediaFacts | InputError:
    answer = json.loads(line)
    if "error" in answer:
        return _ERRORS[answer["error"]](answer["message"])
    return _FACTS[kind].model_validate(answer)
