"""Planes as a lens shows them: nearer, or out of focus."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from PIL import Image, ImageFilter

from reelqueue.render.frames.yuv import Plane

_LEAST_DEVIATION = 2  # samples, in the smaller picture that is blurred in place of a large one


def enlarge(plane: Plane, scale: Fraction) -> Plane:
    """Return the middle of a plane, so many times as large, sampled between its samples."""
    height, width = plane.shape
    left, top = (float(side * (1 - 1 / scale) / 2) for side in (width, height))
    box = (left, top, width - left, height - top)
    return np.asarray(
        Image.fromarray(plane).resize((width, height), Image.Resampling.BILINEAR, box=box)
    )


def soften(plane: Plane, deviation: float) -> Plane:
    """Return a plane blurred by a normal distribution of so many samples.

    It has no fine detail then, so a smaller one is blurred and enlarged.
    """
    image = Image.fromarray(plane)
    factor = 2 ** max(math.floor(math.log2(max(deviation, 1) / _LEAST_DEVIATION)), 0)
    small = image.reduce(factor).filter(ImageFilter.GaussianBlur(deviation / factor))
    box = (0, 0, image.width / factor, image.height / factor)
    return np.asarray(small.resize(image.size, Image.Resampling.BILINEAR, box=box))
