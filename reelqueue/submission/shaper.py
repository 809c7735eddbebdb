"""Whether words can be drawn here, as told by a child: this process does not load Pillow."""

from __future__ import annotations

import json
import sys
from functools import cache

from reelqueue.config import ROOT
from reelqueue.processes.children import run_child

_SECONDS = 60


@cache
def has_shaper() -> bool:
    """Tell whether Pillow can shape letters; the answer holds as long as this process lives."""
    command = [sys.executable, "-m", "reelqueue.render.shaper"]
    _, out, _ = run_child(command, timeout=_SECONDS, cwd=ROOT)
    return bool(json.loads(out))
