"""The part of a picture that is no black bar, as of an upright film within a wide one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Area(NamedTuple):
    """The edges of a part of a picture, from 0 to 1 of its width and height."""

    left: float
    top: float
    right: float
    bottom: float

    def bound(self, axis: int, picture: int, crop: int) -> tuple[int, int]:
        """Return the lowest and the highest even place at which a crop shows no bar.

        Where the part is smaller than the crop, both are the place that has it in the middle.

        Args:
            axis: 0 across, 1 down.
            picture: the side of the picture along the axis, in pixels.
            crop: that of the crop.
        """
        start, end = self[axis] * picture, self[axis + 2] * picture
        low, high = math.ceil(start / 2) * 2, math.floor((end - crop) / 2) * 2
        if low > high:
            low = high = round((start + end - crop) / 4) * 2
        last = (picture - crop) // 2 * 2
        return min(max(low, 0), last), min(max(high, 0), last)


WHOLE_PICTURE = Area(0, 0, 1, 1)


def find_common(areas: Sequence[Area]) -> Area:
    """Return the area of a scene, of which single pictures can be too dark to show it."""
    return Area(*map(median, zip(*areas, strict=True))) if areas else WHOLE_PICTURE
