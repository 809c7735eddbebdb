"""What ffmpeg tells of its progress (ffmpeg, option `-progress`)."""

from __future__ import annotations

import time
from collections.abc import Callable


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
