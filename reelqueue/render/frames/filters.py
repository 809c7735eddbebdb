"""Planes enlarged or blurred, as a lens shows things that are near or out of focus."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from PIL import Image, ImageFilter

from reelqueue.render.frames.yuv import Plane

_LEAST_SIGMA = 2  # samples, in the smaller picture that is blurred in place of a large one


def enlarge(plane: Plane, scale: Fraction) -> Plane:
    """Return the middle of a plane, `scale` times as large, in the plane's own shape.

    Its samples are interpolated, so a zoom moves by less than a sample a frame.
    """
    height, width = plane.shape
    left, top = (float(side * (1 - 1 / scale) / 2) for side in (width, height))
    box = (left, top, width - left, height - top)
    return np.asarray(
        Image.fromarray(plane).resize((width, height), Image.Resampling.BILINEAR, box=box)
    )


def blur(plane: Plane, sigma: float) -> Plane:
    """Return a plane blurred by a Gaussian whose standard deviation is `sigma` samples.

    A blurred plane has no fine detail, so a smaller one is blurred and then enlarged.
    """
    image = Image.fromarray(plane)
    factor = 2 ** max(math.floor(math.log2(max(sigma, 1) / _LEAST_SIGMA)), 0)
    small = image.reduce(factor).filter(ImageFilter.GaussianBlur(sigma / factor))
    box = (0, 0, image.width / factor, image.height / factor)
    return np.asarray(small.resize(image.size, Image.Resampling.BILINEAR, box=box))
