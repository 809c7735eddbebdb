"""A program that is started again whenever it ends, as a platform does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import RLock

import psutil

from reelqueue.config import ROOT


class Service:
    """Redis, the web or a worker; what it prints goes to a log of its own."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self._command, self._environment, self._log = command, environment, log
        self._lock = RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = False

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """What runs now, or ran last."""
        assert self._process
        return self._process

    def start(self) -> None:
        """Start it, and see to it that it stays."""
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
        """Have it end within `grace` seconds after SIGTERM, then kill it; it stays away."""
        with self._lock:
            self._wanted = False
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(grace)
        self.kill()

    def kill(self) -> None:
        """Kill its first process and wait for its end."""
        self.process.kill()
        self.process.wait()

    def leave(self) -> None:
        """Kill it for good."""
        with self._lock:
            self._wanted = False
        self.kill()

    def revive(self) -> None:
        """Start it if it ended by itself or was killed."""
        with self._lock:
            if self._wanted and self.process.poll() is not None:
                self.start()

    def list_processes(self) -> list[psutil.Process]:
        """Return its first process and all below it, as far as they live."""
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


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
