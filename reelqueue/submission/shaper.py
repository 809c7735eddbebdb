"""Ask a child process whether Pillow can shape text: this process does not load Pillow."""

from __future__ import annotations

import json
import logging
import sys
from functools import cache

from reelqueue.config import ROOT
from reelqueue.errors import UnavailableError
from reelqueue.processes.children import ChildTimeoutError, run_child

log = logging.getLogger(__name__)

_SECONDS = 60
_NO_ANSWER = "The service could not check whether it can draw text: try again in a moment."


@cache
def ask_for_shaper() -> bool:
    """Tell whether Pillow can shape text (libraqm); the answer is kept until this process ends.

    Raises:
        UnavailableError: if the child gives no answer; the next call asks again.
    """
    command = [sys.executable, "-m", "reelqueue.render.shaper"]
    try:
        code, out, err = run_child(command, timeout=_SECONDS, cwd=ROOT)
    except ChildTimeoutError as expired:
        raise UnavailableError(_NO_ANSWER) from expired
    if code:
        log.error("the check for a text shaper failed: %s", err[-2000:].decode(errors="replace"))
        raise UnavailableError(_NO_ANSWER)
    return bool(json.loads(out))
