"""Kills what is left of a site when it is closed, and when the chaos tests end without that.

A process of its own waits for the end of a pipe, which the kernel closes whatever kills the tests.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "REELQUEUE_CHAOS"
"""The environment variable that marks every process of a site."""
_PAUSE_SECONDS = 0.1


class Reaper:
    """A process that kills all those of a site as soon as this one has ended."""

    def __init__(self, mark: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos.reaper", mark],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl+C is not meant for it
        )

    def close(self) -> None:
        """Kill all processes of the site."""
        self._process.communicate()


def list_marked(mark: str) -> list[psutil.Process]:
    """Return all living processes of a site, including orphans."""
    return [
        process
        for process in psutil.process_iter(["environ"])
        if (process.info["environ"] or {}).get(MARK) == mark and is_alive(process)
    ]


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def main(mark: str) -> None:
    """Wait for the end of the pipe, then kill the processes of a site until none is left."""
    sys.stdin.read()
    while marked := list_marked(mark):
        for process in marked:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        time.sleep(_PAUSE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1])
