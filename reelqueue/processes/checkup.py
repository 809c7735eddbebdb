"""Look whether this machine's kernel can keep a child in its sandbox."""

from __future__ import annotations

import json
import sys
from tempfile import NamedTemporaryFile

from reelqueue.errors import UnavailableError
from reelqueue.processes.children import build_python_sandbox, pick_environment, run_child

_SECONDS = 60
_TRY = """
import json, socket, sys
def fails(call):
    try:
        call().close()
    except OSError:
        return True
    return False
json.dump([fails(lambda: open(sys.argv[1])), fails(socket.socket)], sys.stdout)
"""


def find_gaps() -> list[str]:
    """Return a sentence for each thing that a sandboxed child can reach all the same.

    Raises:
        UnavailableError: if no child runs in a sandbox.
    """
    with NamedTemporaryFile() as file:
        command = [sys.executable, "-c", _TRY, file.name]
        code, out, err = run_child(
            command,
            timeout=_SECONDS,
            environment=pick_environment(),
            sandbox=build_python_sandbox(),
        )
    if code:
        reason = err.decode(errors="replace").strip().rpartition("\n")[2]
        raise UnavailableError(f"No program runs in a sandbox on this machine: {reason}.")
    keeps_files, has_no_network = json.loads(out)
    gaps = []
    if not keeps_files:
        gaps.append(
            "This kernel has no Landlock (Linux 5.13), or the container forbids it: a decoder with "
            "a fault can read what this service can read."
        )
    if not has_no_network:
        gaps.append(
            "This kernel or this container has no seccomp filters: a decoder with a fault can "
            "reach the network."
        )
    return gaps
