"""A file and an address that no decoder may open: whether one did is seen afterwards."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4


class Canary(NamedTuple):
    """The address, the path of the file, the text in it, and who listens, unless another does."""

    url: str
    path: Path
    text: str
    listener: socket.socket | None = None

    def find_touches(self, outputs: Sequence[bytes] = ()) -> list[str]:
        """Return a line if the address was called, and one for each output with the file's text."""
        touches = [f"output shows {self.path}" for data in outputs if self.text.encode() in data]
        with suppress(BlockingIOError):
            if self.listener:
                self.listener.accept()[0].close()
                touches.append(f"{self.url} was called")
        return touches


@contextmanager
def open_canary(folder: Path) -> Iterator[Canary]:
    """Listen on a free port of this machine, and write a file into a folder."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        canary = Canary(url, folder / "canary.txt", str(uuid4()), listener)
        canary.path.write_text(canary.text)
        yield canary


def trace_command(log: Path) -> list[str]:
    """Return the start of a command that logs what it and its children open, if strace is there."""
    if shutil.which("strace") is None:
        return []
    return ["strace", "-f", "-qq", "-e", "trace=open,openat,connect", "-o", str(log)]


def find_traced(log: Path, canary: Canary) -> list[str]:
    """Return the lines of such a log in which a canary was opened or an address was called."""
    if not log.exists():
        return []
    lines = log.read_text(errors="replace").splitlines()
    opened = [line for line in lines if str(canary.path) in line and " = -1 " not in line]
    return opened + [line for line in lines if "connect(" in line and "AF_INET" in line]
