"""What it takes to draw a frame, as measured: the unit of all estimates."""

from __future__ import annotations

from typing import NamedTuple


class DrawingCost(NamedTuple):
    """A drawn frame's nanoseconds a pixel, and its bytes as a part of its photo's."""

    ns: float
    part: float


NO_COST = DrawingCost(0, 0)

CLIP_DETAIL = 0.01  # bytes a pixel of a clip
