"""Run ffmpeg with limits on what it opens, what it uses and how long it runs.

No other module starts it.
"""

from __future__ import annotations

import math
import os
import re
import selectors
import signal
import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg

from reelqueue.errors import RenderError, RenderMemoryError, RenderTimeoutError
from reelqueue.processes.children import (
    DEVNULL,
    PIPE,
    Child,
    ChildTimeoutError,
    Limits,
    Sandbox,
    run_child,
    running_child,
)
from reelqueue.processes.cores import count_cores
from reelqueue.processes.usage import measure_children_cpu_seconds, measure_cpu_left
from reelqueue.render.ffmpeg.feed import Feed, feeding
from reelqueue.render.ffmpeg.progress import Progress, Watchdog

PROTOCOLS = "file,pipe"
DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,wav,ogg,flac,aac"
# Names of decoders, not of codecs: libdav1d decodes AV1; libvpx also the alpha of VP8 and VP9. What
# is here is common in files of cameras, phones, players and recorders, and kept up by ffmpeg.
DECODERS = (
    "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,libdav1d,mpeg4,"
    "aac,mp3float,mp3,mp2float,mp2,opus,vorbis,flac,alac,ac3,eac3,dca,truehd,mlp,amrnb,amrwb,"
    "wmav1,wmav2,wmapro,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,"
    "pcm_alaw,pcm_mulaw,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,"
    "pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be"
)
SUBTITLE_DECODERS = "mov_text"  # other subtitles are copied
LONGEST_SIDE = 4096  # of pictures, in pixels
MAX_PIXELS = LONGEST_SIDE * 2160
MAX_STREAMS = 300  # each font and each language of the subtitles is one
LOG_BYTES = 4096  # kept of the end of the log

_MEMORY_BYTES = 3 << 30
_FILE_BYTES = 16 << 30
_ALLOCATION_BYTES = 512 << 20
_OPEN_FILES = 64
# Of strerror(3), for ENOMEM, and of x264.
_OUT_OF_MEMORY = re.compile(r"Cannot allocate memory|malloc of size \d+ failed")
_THREADS_PER_CORE = 4  # at most: to decode, filter and encode
# glibc keeps freed pictures for later ones of another size, unless each has a mapping of its own.
_ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": str(256 << 10)}
_TICK_SECONDS = 0.5
_VERSION_SECONDS = 10.0
_ACCOUNTING_SECONDS = 0.1  # by which two counts of processor time may differ


class FfmpegError(RenderError):
    """Raised when ffmpeg ends with an error.

    Attributes:
        exit_code: negative if a signal ended it.
        log: the end of ffmpeg's log. It contains paths, so users must not see it.
    """

    def __init__(self, exit_code: int, log: str) -> None:
        super().__init__("ffmpeg stopped with an error.")
        self.exit_code = exit_code
        self.log = log
        self.add_note(f"ffmpeg {_describe_exit(exit_code)}:\n{log[-LOG_BYTES:]}")


@cache
def find_ffmpeg() -> str:
    """Return the path of the bundled ffmpeg, whose version the pinned wheel decides.

    Raises:
        RenderError: if there is none.
    """
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise RenderError("There is no ffmpeg: install imageio-ffmpeg for this machine.") from error


def read_version() -> str:
    """Return the version of that ffmpeg; an empty text if there is none, or it does not run."""
    try:
        _, out, _ = run_child([find_ffmpeg(), "-version"], timeout=_VERSION_SECONDS)
    except (OSError, RenderError, ChildTimeoutError):
        return ""
    found = re.match(rb"ffmpeg version (\S+)", out)
    return found[1].decode(errors="replace") if found else ""


def build_input_arguments(
    path: Path,
    demuxer: str,
    decoder: str | None = None,
    *,
    threads: int = 2,
    subtitles: bool = False,
) -> list[str]:
    """Return the arguments that open one untrusted file, but no file that it refers to.

    Args:
        path: the file.
        demuxer: ffmpeg's name of the only demuxer to use, so that a playlist or script with the
            name of a video is not followed.
        decoder: the decoder of its pictures; None for ffmpeg's choice.
        threads: how many decode; each keeps pictures in memory.
        subtitles: whether subtitles are decoded.
    """
    decoders = f"{DECODERS},{SUBTITLE_DECODERS}" if subtitles else DECODERS
    return [
        *("-protocol_whitelist", PROTOCOLS),
        *("-format_whitelist", DEMUXERS),
        *("-codec_whitelist", decoders),
        *("-f", demuxer),
        *(("-c:v", decoder) if decoder else ()),
        *("-max_streams", str(MAX_STREAMS)),
        *("-max_pixels", str(MAX_PIXELS)),
        *("-probesize", "5M", "-analyzeduration", "5M"),
        *("-threads", str(threads)),
        *("-i", f"file:{path.resolve()}"),
    ]


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    timeout: float,
    cwd: Path | None = None,
    verbosity: str = "error",
    on_progress: Callable[[int], None] | None = None,
    on_line: Callable[[bytes], None] | None = None,
    on_data: Callable[[bytes], None] | None = None,
    on_log: Callable[[bytes], None] | None = None,
    feed: Feed | None = None,
    log_bytes: int = LOG_BYTES,
) -> str:
    """Run ffmpeg to its end and return the end of its log.

    ffmpeg has no network. It can read its inputs, and write into its working directory or else into
    the folder of its output, as far as the kernel enforces that.

    ffmpeg stays in the process group of this process, which RQ ends when it stops a job. It is
    killed if an exception is raised, also by a callback. Its environment has nothing of ours.

    Args:
        arguments: everything after the global options.
        timeout: seconds after which ffmpeg is killed.
        cwd: working directory of ffmpeg.
        verbosity: log level of ffmpeg, `error` or `info`.
        on_progress: called twice a second with the number of video frames written so far.
        on_line: called with each line that ffmpeg writes to `pipe:1`; excludes `on_progress`.
        on_data: called with all that ffmpeg writes to `pipe:1`, piece by piece, instead of these.
            ffmpeg waits meanwhile.
        on_log: called with all that ffmpeg writes to its log, piece by piece.
        feed: writes to `pipe:0` in a thread of its own; what it raises is raised here, except
            BrokenPipeError: ffmpeg need not read all of it.
        log_bytes: how many bytes of the log are kept, in the returned value and in an error.

    Raises:
        FfmpegError: if ffmpeg ends with an error.
        RenderMemoryError: if ffmpeg runs out of memory.
        RenderTimeoutError: if ffmpeg runs longer than `timeout`.
        RenderError: if ffmpeg writes nothing and uses no CPU time for a minute.
    """
    command = [*_build_global_arguments(verbosity, reports=not (on_line or on_data)), *arguments]
    used = measure_children_cpu_seconds()
    limits = _build_limits(timeout)
    with (
        running_child(
            command,
            limits=limits,
            cwd=cwd,
            environment=_ENVIRONMENT,
            sandbox=_build_sandbox(arguments, cwd),
            stdin=PIPE if feed else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
        ) as process,
        feeding(process, feed),
    ):
        progress, log = Progress(on_progress, on_line, on_data), _Log(log_bytes, on_log)
        _follow(process, timeout, progress, log)
        exit_code = process.wait()
    if exit_code:
        raise _explain_exit(exit_code, log.text, is_spent=_is_spent(limits, used))
    return log.text


class _Log:
    """The end of ffmpeg's log, of at most so many bytes."""

    def __init__(self, most: int, on_log: Callable[[bytes], None] | None) -> None:
        self._most, self._on_log, self._end = most, on_log, bytearray()

    def feed(self, data: bytes) -> None:
        self._end += data
        del self._end[: -self._most]
        if self._on_log:
            self._on_log(data)

    @property
    def text(self) -> str:
        return self._end.decode(errors="replace")


def _follow(process: Child, timeout: float, progress: Progress, log: _Log) -> None:
    """Read what ffmpeg writes until it ends."""
    try:
        watchdog = Watchdog(process.pid, time.monotonic() + timeout)
        _read_pipes(process, watchdog, progress, log)
    except BaseException:
        process.kill()  # after SIGTERM ffmpeg would first finish its file
        raise


def _build_global_arguments(verbosity: str, *, reports: bool) -> list[str]:
    cores = count_cores()
    return [
        *(find_ffmpeg(), "-nostdin", "-hide_banner", "-nostats", "-y", "-v", verbosity),
        *("-max_alloc", str(_ALLOCATION_BYTES)),
        *("-filter_threads", str(cores), "-filter_complex_threads", str(cores)),
        *(("-progress", "pipe:1", "-stats_period", str(_TICK_SECONDS)) if reports else ()),
    ]


def _build_limits(timeout: float) -> Limits:
    cpu_seconds = min(timeout * count_cores() * _THREADS_PER_CORE, measure_cpu_left())
    return Limits(
        memory_bytes=_MEMORY_BYTES,
        cpu_seconds=max(1, math.ceil(cpu_seconds)),
        file_bytes=_FILE_BYTES,
        open_files=_OPEN_FILES,
    )


def _build_sandbox(arguments: Sequence[str], cwd: Path | None) -> Sandbox:
    inputs = [name for option, name in pairwise(arguments) if option == "-i"]
    opened = tuple(Path(name.removeprefix("file:")) for name in inputs)
    *_, option, output = arguments
    writes_file = option != "-i" and output != "-" and not output.startswith("pipe:")
    folder = cwd or (Path(output).parent if writes_file else None)
    # Resolved here, because ffmpeg can run in another folder than this process.
    return Sandbox(opened, (folder.resolve(),) if folder else ())


def _is_spent(limits: Limits, used_before: float) -> bool:
    """Tell whether a child has used all of its processor time.

    Args:
        limits: those of the child.
        used_before: what all children had used before it, in seconds.
    """
    used = measure_children_cpu_seconds() - used_before
    return used > limits.cpu_seconds - _ACCOUNTING_SECONDS


def _explain_exit(exit_code: int, log: str, *, is_spent: bool) -> RenderError:
    """Return the error that an exit code means.

    Nothing but the kernel ends ffmpeg by SIGKILL and lets us live: because ffmpeg has used all of
    its processor time, or because memory ran out. At first ffmpeg would exit as after SIGTERM.

    Args:
        exit_code: negative if a signal ended ffmpeg.
        log: the end of ffmpeg's log.
        is_spent: whether all of the processor time is used.
    """
    if is_spent:
        spent = RenderTimeoutError()
        spent.add_note("ffmpeg used more processor time than allowed.")
        return spent
    if exit_code != -signal.SIGKILL and not _OUT_OF_MEMORY.search(log):
        return FfmpegError(exit_code, log)
    error = RenderMemoryError("The render ran out of memory: use a smaller size, or smaller files.")
    error.add_note(f"ffmpeg {_describe_exit(exit_code)}:\n{log[-LOG_BYTES:]}")
    return error


def _read_pipes(process: Child, watchdog: Watchdog, progress: Progress, log: _Log) -> None:
    """Read both pipes of ffmpeg until they are closed."""
    assert process.stdout is not None
    assert process.stderr is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(_TICK_SECONDS):
                data = os.read(key.fd, 1 << 16)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stdout:
                    progress.feed(data)
                else:
                    log.feed(data)
            watchdog.check(progress.changed_at)


def _describe_exit(exit_code: int) -> str:
    if exit_code >= 0:
        return f"exited with {exit_code}"
    return f"was ended by {signal.Signals(-exit_code).name}"
