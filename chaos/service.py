"""A program that is restarted whenever it ends, as a platform would do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import RLock

import psutil

from chaos.reaper import is_alive
from reelqueue.config import ROOT


class Service:
    """Redis, the web service or a worker; its output goes to its own log file."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self._command, self._environment, self._log = command, environment, log
        self._lock = RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = False

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The current process, or the last one."""
        assert self._process
        return self._process

    def start(self) -> None:
        """Start it, and restart it from now on."""
        with self._lock, self._log.open("ab") as log:
            self._wanted = True
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def stop(self, grace: float = 0) -> None:
        """Send SIGTERM, kill it after `grace` seconds if it still runs, and do not restart it."""
        with self._lock:
            self._wanted = False
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(grace)
        self.kill()

    def kill(self) -> None:
        """Kill its main process, and wait until it has ended."""
        self.process.kill()
        self.process.wait()

    def leave(self) -> None:
        """Kill it, and do not restart it."""
        with self._lock:
            self._wanted = False
        self.kill()

    def revive(self) -> None:
        """Restart it if it has ended."""
        with self._lock:
            if self._wanted and self.process.poll() is not None:
                self.start()

    def list_processes(self) -> list[psutil.Process]:
        """Return its main process and all descendants that are alive."""
        try:
            first = psutil.Process(self.process.pid)
            return [each for each in (first, *first.children(recursive=True)) if is_alive(each)]
        except psutil.NoSuchProcess:
            return []

    def find_render(self) -> psutil.Process | None:
        """Return the render process of a worker: the child that leads a process group."""
        for child in self.list_processes()[1:]:
            with suppress(ProcessLookupError):
                if os.getpgid(child.pid) == child.pid:
                    return child
        return None
