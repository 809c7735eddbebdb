"""Recognise the speech of a video: ffmpeg decodes it, and a child in a sandbox writes it down.

The child gets our samples, not the file. It has no network, no secrets and no files but the model
and its folder.
"""

from __future__ import annotations

import logging
import math
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.errors import InvalidSpecError, RenderError, RenderMemoryError, RenderTimeoutError
from reelqueue.media.facts import OnProgress
from reelqueue.media.transcripts import Segment, Transcript
from reelqueue.planning.soundtrack import RATE as SOUND_RATE
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
from reelqueue.render.ffmpeg.loopback import Loopback, build_loopbacks
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.sound import build_sound_filters, build_stereo_filter
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.speech.child import Line, Order
from reelqueue.render.speech.model import HOME, find_folder
from reelqueue.render.speech.timing import RATE
from reelqueue.specs.clips.speech import Speech

log = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 600  # and `_TIMEOUT_PACE` for each second of sound
_TIMEOUT_PACE = 20
_BASE_BYTES = 2 << 30  # of address space, for the libraries and a window of sound
_MODEL_FACTOR = 4  # of its file, which is converted as it is loaded
_FILE_BYTES = 16 << 20  # of the log
_LINE_BYTES = 4 << 20
_LOG_BYTES = 4096
_TICK_SECONDS = 0.5
_SURPLUS_SECONDS = 0.1

Span = tuple[float, float]


def transcribe(
    source: Path,
    video: VideoSource,
    speech: Speech,
    model: str,
    folder: Path,
    *,
    spans: Sequence[Span] | None = None,
    on_progress: OnProgress,
) -> Transcript:
    """Return what is said in a video; the times are those of the video.

    Args:
        source: the file.
        video: what `probe_source` says of it.
        speech: its language, if that is known, and names to listen for.
        model: the name of a model, or its folder.
        folder: where to work; nothing is left there.
        spans: ranges in seconds, in their order; None for all of it.
        on_progress: called twice a second with the hundredths of a second that are done; it can
            raise to stop the work.

    Raises:
        InvalidSpecError: if the video has no sound, or the model does not have the language.
        UnavailableError: if the model has to be fetched first, and cannot be.
        RenderError: if the recognition fails.
    """
    if video.sound is None:
        raise InvalidSpecError(NO_SOUND, "captions")
    ranges = list(spans) if spans else [(0.0, video.duration)]
    start, end = ranges[0][0], ranges[-1][1]
    total = max(1, round(100 * sum(last - first for first, last in ranges)))

    def report(heard: float) -> None:
        on_progress(min(round(100 * heard), total), total, "transcribing")

    report(0)
    files = find_folder(model, lambda: report(0))
    with TemporaryDirectory(dir=folder, prefix="speech-") as name:
        place = Path(name)
        _decode_speech(source, video, (start, end), place, lambda: report(0))
        order = Order(
            language=speech.language,
            vocabulary=speech.vocabulary,
            offset=start,
            spans=tuple(ranges),
            threads=count_cores(),
        )
        (place / "order.json").write_text(order.model_dump_json())
        return _run_child(place.resolve(), files, total / 100, report)


NO_SOUND = "captions: this video has no sound that can be recognised: send captions instead."


def _decode_speech(
    source: Path, video: VideoSource, span: Span, folder: Path, on_tick: Callable[[], None]
) -> None:
    """Write the sound of a range of a video to `speech.pcm`."""
    start, end = span
    seek = video.find_seek(start)
    samples = round((end - start) * SOUND_RATE)
    times = f"asetpts=PTS+round({seek:.6f}/TB),atrim=end={end + _SURPLUS_SECONDS:.6f}"
    stereo = f"{build_stereo_filter()},{times},apad=pad_len=1"  # a loopback must not be empty
    mono = f"aformat=sample_rates={RATE}:channel_layouts=mono:sample_fmts=s16"
    run_ffmpeg(
        [
            *(("-noaccurate_seek", "-ss", f"{seek:.6f}") if seek else ()),
            *build_input_arguments(source, video.media_format.demuxer),
            *(
                "-filter_complex",
                f"[dec:0]{build_sound_filters(start, samples)},{mono}[speech]",
            ),
            *("-map", "[speech]", "-f", "s16le", "speech.pcm"),
            *build_loopbacks(Loopback("a", f"0:{video.sound}", stereo)),
        ],
        timeout=60 + end - start,
        cwd=folder,
        on_progress=lambda _: on_tick(),
    )


def _run_child(
    folder: Path, model: Path, seconds: float, report: Callable[[float], None]
) -> Transcript:
    """Run the child to its end, and return what it recognised."""
    timeout = _TIMEOUT_SECONDS + _TIMEOUT_PACE * seconds
    answer = _Answer(report)
    with (folder / "log").open("w+b") as file:
        with running_child(
            [sys.executable, "-m", "reelqueue.render.speech.child", folder, model],
            limits=_build_limits(model, timeout),
            cwd=HOME,
            environment=_build_environment(),
            sandbox=_build_sandbox(folder, model),
            stdout=PIPE,
            stderr=file,
        ) as child:
            _follow(child, time.monotonic() + timeout, answer)
            code = child.wait()
        if code:
            file.seek(0)
            raise _explain_end(code, file.read()[-_LOG_BYTES:])
    return Transcript(language=answer.language, segments=tuple(answer.segments))


class _Answer:
    """Collects what the child recognises, and reports how far it is."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self.language: str | None = None
        self.segments: list[Segment] = []
        self._report = report
        self._heard = 0.0
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes, which can end in the middle of a line; none only reports."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LINE_BYTES:
            raise RenderError("The recognition of speech wrote a line without an end.")
        for line in lines:
            self._take(Line.model_validate_json(line))
        self._report(self._heard)

    def _take(self, line: Line) -> None:
        if line.is_foreign:
            raise InvalidSpecError(
                "captions.speech.language: the model does not have it: leave it out, or use "
                "another.",
                "captions.speech.language",
            )
        self.language = line.language or self.language
        self._heard = max(self._heard, line.heard)
        if line.segment:
            self.segments.append(line.segment)


def _follow(child: Child, deadline: float, answer: _Answer) -> None:
    """Read what the child writes until it ends."""
    assert child.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            data = b""
            if selector.select(_TICK_SECONDS):
                data = os.read(child.stdout.fileno(), 1 << 16)
                if not data:
                    return
            answer.feed(data)
            if time.monotonic() > deadline:
                raise RenderTimeoutError("The recognition of speech took longer than allowed.")


def _build_limits(model: Path, timeout: float) -> Limits:
    return Limits(
        memory_bytes=_BASE_BYTES + _MODEL_FACTOR * (model / "model.bin").stat().st_size,
        cpu_seconds=math.ceil(timeout * count_cores()),
        file_bytes=_FILE_BYTES,
        open_files=256,
    )


def _build_environment() -> dict[str, str]:
    threads = str(count_cores())  # the libraries would count the machine's processors
    own = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
    return pick_environment() | own


def _build_sandbox(folder: Path, model: Path) -> Sandbox:
    base = build_python_sandbox(folder)
    # A model in the cache of Hugging Face has links to files beside it.
    files = {file.resolve() for file in model.iterdir()}
    reads = (*base.reads, model, *sorted(files), Path("/proc/cpuinfo"))
    return Sandbox(reads, base.writes, base.lists)


def _explain_end(code: int, text: bytes) -> RenderError:
    words = text.decode(errors="replace")
    if code == -signal.SIGKILL or "MemoryError" in words or "bad_alloc" in words:
        return RenderMemoryError(
            "The recognition of speech ran out of memory: use a smaller model."
        )
    error = RenderError("The recognition of speech stopped with an error.")
    error.add_note(f"it ended with {code}:\n{words}")
    return error
