"""How ffmpeg gets on: what it tells (ffmpeg, option `-progress`), and whether it hangs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from reelqueue.errors import RenderError, RenderTimeoutError

STALL_SECONDS = 60.0  # without output or work, after which ffmpeg counts as hung
_BUSY_SHARE = 0.01  # of one CPU; writing progress lines alone takes far less


class Progress:
    """Reads the lines of ffmpeg's `-progress` and remembers when one of them last changed."""

    def __init__(
        self,
        on_progress: Callable[[int], None] | None,
        on_line: Callable[[bytes], None] | None,
        on_data: Callable[[bytes], None] | None = None,
    ) -> None:
        self.changed_at = time.monotonic()
        self._on_progress = on_progress
        self._on_line = on_line
        self._on_data = on_data
        self._last: dict[bytes, bytes] = {}
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Read the next bytes of the pipe, which can end in the middle of a line."""
        if self._on_data:
            self.changed_at = time.monotonic()
            self._on_data(data)
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self._on_line:
                self.changed_at = time.monotonic()
                self._on_line(line)
            else:
                self._read(line)

    def _read(self, line: bytes) -> None:
        key, _, value = line.partition(b"=")
        if key in (b"frame", b"out_time_us", b"total_size") and self._last.get(key) != value:
            self._last[key] = value
            self.changed_at = time.monotonic()
        if key == b"progress" and self._on_progress:
            self._on_progress(int(self._last.get(b"frame", b"0")))


class Watchdog:
    """Ends the wait for ffmpeg at its deadline, or when it makes no progress and uses no CPU."""

    def __init__(self, pid: int, deadline: float) -> None:
        self._pid = pid
        self._deadline = deadline
        self._alive_at = time.monotonic()
        self._used = 0.0

    def check(self, changed_at: float) -> None:
        """Raise if time is up or ffmpeg hangs; decoding up to the start of a clip is no hang.

        Args:
            changed_at: when the progress last changed, in seconds of the monotonic clock.
        """
        now = time.monotonic()
        if now > self._deadline:
            raise RenderTimeoutError
        if changed_at > self._alive_at:
            self._alive_at, self._used = changed_at, _read_cpu_seconds(self._pid)
        elif now - self._alive_at > STALL_SECONDS:
            used = _read_cpu_seconds(self._pid)
            if used - self._used < _BUSY_SHARE * (now - self._alive_at):
                raise RenderError(f"The render made no progress for {STALL_SECONDS:g} seconds.")
            self._alive_at, self._used = now, used


def _read_cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used, in seconds; 0 without /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    fields = stat.rpartition(")")[2].split()  # after the name, which can contain anything
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # proc(5): utime, stime
