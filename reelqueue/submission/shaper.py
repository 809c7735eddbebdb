"""Ask a child process whether Pillow can shape text: this process does not load Pillow."""

from __future__ import annotations

import json
import sys
from functools import cache

from reelqueue.config import ROOT
from reelqueue.processes.children import run_child

_SECONDS = 60


@cache
def ask_for_shaper() -> bool:
    """Tell whether Pillow can shape text (libraqm); the answer is kept until this process ends."""
    command = [sys.executable, "-m", "reelqueue.render.shaper"]
    _, out, _ = run_child(command, timeout=_SECONDS, cwd=ROOT)
    return bool(json.loads(out))
