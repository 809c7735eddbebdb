"""Measure what tells a screen from a film: paper of one colour, and that it stands still."""

from __future__ import annotations

import numpy as np

from reelqueue.render.focus.motion import Blocks, Plane

_FLAT = 1.0  # of 255: within a block of paper, where a sensor has noise and walls have shades
_PAPERS = 3  # colours, such as those of a page, its margin and its title
_STILL = 0.25  # of 255: so little changes what is drawn once, and not seen by a camera each time
_BLACK = 24  # of 255, at most, in the bars beside an upright film
_BAR = 0.98  # of a row or a column


def measure_paper(blocks: Blocks, plane: Plane) -> float:
    """Return how much of a picture has one of its commonest colours, and nothing else.

    Args:
        blocks: of the picture.
        plane: their means.
    """
    inner = _leave_bars(plane)
    spans = (blocks.max(axis=(1, 3)) - blocks.min(axis=(1, 3)))[inner]
    if not spans.size:
        return 0.0
    levels = np.rint(plane[inner][spans <= _FLAT]).astype(np.intp)
    counts = np.sort(np.bincount(levels, minlength=_PAPERS))
    return float(counts[-_PAPERS:].sum() / spans.size)


def measure_stillness(before: Plane, after: Plane) -> float:
    """Return how much of a picture is exactly as it was."""
    inner = _leave_bars(after)
    change = np.abs(after[inner] - before[inner])
    return float(np.mean(change < _STILL)) if change.size else 1.0


def _leave_bars(plane: Plane) -> tuple[slice, slice]:
    """Return the part of a picture within the black bars around it."""
    is_black = plane <= _BLACK
    seen = (np.flatnonzero(is_black.mean(axis=axis) <= _BAR) for axis in (1, 0))
    rows, columns = (slice(at[0], at[-1] + 1) if at.size else slice(0) for at in seen)
    return rows, columns
