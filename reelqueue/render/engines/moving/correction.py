"""What keys lack of the frames that are made of them: drawn, and added as a residual.

When the camera moves back, a frame of a transition shows more of a photo than the photo's key. The
decoder repeats the key's border there. Under words that stand still, the photo moves. And an edge
cuts macroblocks. These macroblocks alone are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import groupby

import numpy as np
from av.video.frame import VideoFrame

from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.parameter_sets import PictureParameterSet
from reelqueue.h264.pictures import MotionPicture
from reelqueue.h264.quantisation import MAX_QP
from reelqueue.planning.b_pictures import find_weights
from reelqueue.planning.framing import Size
from reelqueue.planning.timeline import Timeline
from reelqueue.planning.transitions.base import MACROBLOCK
from reelqueue.render.engines.moving.cavlc import Flags
from reelqueue.render.engines.moving.predictions import Written
from reelqueue.render.engines.moving.samples import find_errors
from reelqueue.render.engines.moving.transform import find_residual
from reelqueue.render.frames.ken_burns import Region
from reelqueue.render.frames.yuv import list_planes, paste_picture

_STEP = 3
_COARSER = 2  # than the CRF of drawn frames; at 5, words in fades are 0.97 alike (SSIM)


def correct(
    written: Written,
    keys: tuple[VideoFrame, VideoFrame],
    following: Fraction,
    timeline: Timeline,
    pps: PictureParameterSet,
) -> MotionPicture:
    """Write a frame with a residual for what keys lack.

    What is lacking is copied from whole samples, so we know how a decoder predicts it: the keys are
    as they were drawn, but for what x264 leaves out.

    Args:
        written: a frame with macroblocks that are lacking.
        keys: that behind the frame and that before it, as they are drawn.
        following: how far the frame is on its way to the key behind it.
        timeline: of the video.
        pps: of the picture.

    Raises:
        OutOfRangeError: if there are too many bits, even of the coarsest residual.
    """
    assert written.lacking is not None
    assert written.draw
    wanted = VideoFrame(*timeline.size, "yuv420p")
    for region in list_regions(written.lacking, timeline.size):
        paste_picture(written.draw(region), wanted, region)
    lists, weights = (written.l0, written.l1), written.weights or find_weights(following)
    after, before = map(list_planes, keys)
    errors = find_errors(list_planes(wanted), (after, before), lists, weights, written.lacking)
    finest = min(round(timeline.crfs.drawn) + _COARSER, MAX_QP)
    for qp in range(finest, MAX_QP + 1, _STEP):
        with suppress(OutOfRangeError):  # coarser, then: noise has too many bits
            return written.write(find_residual(errors, written.lacking, pps, qp), qp)
    raise OutOfRangeError("H.264 cannot correct this picture.")


def list_regions(places: Flags, size: Size) -> Iterator[Region]:
    """Yield regions that cover some macroblocks, none of them twice.

    Args:
        places: which macroblocks, `(rows, columns)`.
        size: of the picture, `(width, height)`.
    """
    top = 0
    for row, run in groupby(places.tolist()):
        bottom = top + len(list(run))
        for left, right in _list_runs(row):
            yield (
                MACROBLOCK * left,
                MACROBLOCK * top,
                min(MACROBLOCK * right, size[0]),
                min(MACROBLOCK * bottom, size[1]),
            )
        top = bottom


def _list_runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    """Yield where runs of True begin and end."""
    edges = np.flatnonzero(np.diff([False, *row, False])).tolist()
    yield from zip(edges[::2], edges[1::2], strict=True)
