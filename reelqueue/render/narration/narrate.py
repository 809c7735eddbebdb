"""Speak texts: a child in a sandbox does it, with limits, and gets them in a file.

The child has no network, no secrets and no files but its folder and the voice.
"""

from __future__ import annotations

import logging
import math
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.errors import InvalidSpecError, RenderError, RenderMemoryError, RenderTimeoutError
from reelqueue.media.facts import OnProgress
from reelqueue.planning.captions.words import TimedWord
from reelqueue.planning.narration import LEAD, Spoken
from reelqueue.planning.timeline import Timeline
from reelqueue.processes.children import (
    PIPE,
    Child,
    Limits,
    Sandbox,
    build_python_sandbox,
    pick_environment,
    running_child,
)
from reelqueue.processes.cores import count_cores
from reelqueue.render.audio.narration_sound import HeardNarration
from reelqueue.render.narration.child import Line, Order
from reelqueue.specs.narration import Narrator, Voice
from reelqueue.specs.photo import PhotoSpec

log = logging.getLogger(__name__)

_HOME = Path(__file__).resolve().parents[3]
_LONGEST_SECONDS = 1200.0  # of one text: some characters are read as words
_START_SECONDS = 120  # the time that a child may take, and for each character
_CHARACTER_SECONDS = 0.5
_MEMORY_BYTES = 2 << 30  # of address space, for the libraries and the sound
_MODEL_FACTOR = 8  # of its file
_FILE_BYTES = 256 << 20
_LOG_BYTES = 4096
_CRASHES = (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGFPE)
_TICK_SECONDS = 0.5


@dataclass(frozen=True)
class SpokenFile(Spoken):
    """A text as it is spoken, with its sound, a WAV file."""

    path: Path = Path()


@contextmanager
def narrating(
    texts: Sequence[str],
    voice: Voice,
    narrator: Narrator | None,
    folder: Path,
    on_progress: OnProgress,
) -> Iterator[Mapping[str, SpokenFile]]:
    """Speak texts, and yield each with its speech, whose files are there within the block.

    Args:
        texts: what to speak; none starts no process.
        voice: in which voice.
        narrator: what speaks; needed if there are texts.
        folder: where to work; nothing is left there.
        on_progress: called twice a second with the texts that are done; it can raise to stop the
            work.

    Raises:
        InvalidSpecError: if a text takes too long, or the engine fails at it.
        RenderError: if the speech fails.
    """
    if not texts:
        yield {}
        return
    assert narrator
    on_progress(0, len(texts), "narrating")
    with TemporaryDirectory(dir=folder, prefix="narration-") as name:
        place = Path(name).resolve()
        order = Order(
            texts=tuple(texts),
            voice=voice,
            narrator=narrator,
            threads=count_cores(),
            longest=_LONGEST_SECONDS,
        )
        (place / "order.json").write_text(order.model_dump_json())
        lines = _run_child(place, order, lambda done: on_progress(done, len(texts), "narrating"))
        yield {
            text: SpokenFile(
                line.seconds,
                tuple(TimedWord(*word) for word in line.words),
                place / f"{number}.wav",
            )
            for number, (text, line) in enumerate(zip(texts, lines, strict=True))
        }


def place_narration(
    slides: Sequence[PhotoSpec], timeline: Timeline, spoken: Mapping[str, SpokenFile]
) -> list[HeardNarration]:
    """Return what is spoken in a slideshow, and when.

    Args:
        slides: all that is shown.
        timeline: when it is shown.
        spoken: each text with its speech.
    """
    starts = timeline.photo_starts()
    return [
        HeardNarration(spoken[slide.narration].path, float(first / timeline.frame_rate + LEAD))
        for slide, first in zip(slides, starts, strict=True)
        if slide.narration
    ]


def _run_child(folder: Path, order: Order, report: Callable[[int], None]) -> list[Line]:
    """Run the child to its end, and return what it wrote of each text."""
    timeout = _START_SECONDS + _CHARACTER_SECONDS * sum(map(len, order.texts))
    with (folder / "log").open("w+b") as file:
        with running_child(
            [sys.executable, "-m", "reelqueue.render.narration.child", folder],
            limits=_build_limits(order, timeout),
            cwd=_HOME,
            environment=_build_environment(order),
            sandbox=_build_sandbox(folder, order),
            stdout=PIPE,
            stderr=file,
        ) as child:
            written = b"".join(_follow(child, time.monotonic() + timeout, report))
            code = child.wait()
        if code:
            file.seek(0)
            log_end = file.read()[-_LOG_BYTES:].decode(errors="replace")
            raise _explain_end(code, log_end, _find_failed(order, written))
    lines = [Line.model_validate_json(line) for line in written.splitlines()]
    for line in lines:
        _check_length(line)
    return lines


def _follow(child: Child, deadline: float, report: Callable[[int], None]) -> Iterator[bytes]:
    """Yield what the child writes until it ends."""
    assert child.stdout
    done = 0
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(_TICK_SECONDS):
                data = os.read(child.stdout.fileno(), 1 << 16)
                if not data:
                    return
                done += data.count(b"\n")
                yield data
            report(done)
            if time.monotonic() > deadline:
                raise RenderTimeoutError("The narration took longer to speak than allowed.")


def _find_failed(order: Order, written: bytes) -> str:
    """Return the text that was next; the last one if all were spoken."""
    return order.texts[min(written.count(b"\n"), len(order.texts) - 1)]


def _check_length(line: Line) -> None:
    if line.seconds > _LONGEST_SECONDS - 1:
        raise InvalidSpecError(
            f"narration: a text takes more than {_LONGEST_SECONDS / 60:.0f} minutes to speak: make "
            "it shorter.",
            "narration",
        )


def _build_limits(order: Order, timeout: float) -> Limits:
    model = order.narrator.model.stat().st_size if order.narrator.model else 0
    return Limits(
        memory_bytes=_MEMORY_BYTES + _MODEL_FACTOR * model,
        cpu_seconds=math.ceil(timeout * order.threads),
        file_bytes=_FILE_BYTES,
        open_files=256,
    )


def _build_environment(order: Order) -> dict[str, str]:
    threads = str(order.threads)  # the libraries would count the machine's processors
    own = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
    return pick_environment() | own


def _build_sandbox(folder: Path, order: Order) -> Sandbox:
    base = build_python_sandbox(folder)
    model = order.narrator.model
    files = [model, model.with_name(f"{model.name}.json")] if model else []
    reads = (*base.reads, *files, *(file.resolve() for file in files), Path("/proc/cpuinfo"))
    return Sandbox(reads, base.writes, base.lists)


def _explain_end(code: int, words: str, text: str) -> Exception:
    """Return why the child ended.

    Args:
        code: its exit code.
        words: the end of its log.
        text: what it was about to speak.
    """
    if code == -signal.SIGKILL or "MemoryError" in words or "bad_alloc" in words:
        return RenderMemoryError("The narration ran out of memory: use shorter texts.")
    if code in _CRASHES:
        log.error("the speech engine ended with %d at %r: %s", code, text, words)
        return InvalidSpecError(
            f"narration: the speech engine fails at the text that begins with {text[:40]!r}: write "
            "it in other words.",
            "narration",
        )
    error = RenderError("The narration could not be spoken.")
    error.add_note(f"it ended with {code}:\n{words}")
    return error
