"""Measure what tells a screen from a film: paper of one colour, and that it stands still."""

from __future__ import annotations

import numpy as np

from reelqueue.render.focus.bars import leave_bars
from reelqueue.render.focus.motion import Blocks, Plane

_FLAT = 1.0  # of 255: within a block of paper, where a sensor has noise and walls have shades
_PAPERS = 3  # colours, such as those of a page, its margin and its title
_STILL = 0.25  # of 255: so little changes what is drawn once, and not seen by a camera each time
_DARK = 8  # of 255, at most, of what a camera sees as black: no paper, unless edges are sharp
_EDGE, _SHARP_EDGE = 4, 60  # of 255: least differences within a block
_SHARP_PART = 0.3  # of all edges, as of letters on black; measured nights have 0.01


def measure_paper(blocks: Blocks, plane: Plane) -> float:
    """Return how much of a picture has one of its commonest colours, and nothing else.

    Args:
        blocks: of the picture.
        plane: their means.
    """
    inner = leave_bars(plane)
    rows = blocks.max(axis=1), blocks.min(axis=1)  # both axes at once take thrice as long
    spans = (rows[0].max(axis=2) - rows[1].min(axis=2))[inner]
    if not spans.size:
        return 0.0
    levels = np.rint(plane[inner][spans <= _FLAT]).astype(np.intp)
    counts = np.bincount(levels, minlength=_DARK + _PAPERS)
    if np.count_nonzero(spans > _SHARP_EDGE) < _SHARP_PART * np.count_nonzero(spans > _EDGE):
        counts[: _DARK + 1] = 0
    counts = np.sort(counts)
    return float(counts[-_PAPERS:].sum() / spans.size)


def measure_stillness(before: Plane, after: Plane) -> float:
    """Return how much of a picture is exactly as it was."""
    inner = leave_bars(after)
    change = np.abs(after[inner] - before[inner])
    return float(np.mean(change < _STILL)) if change.size else 1.0
