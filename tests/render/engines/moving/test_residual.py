"""Residuals through both decoders: what is added to predictions brings them to what is wanted."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from PIL import Image

from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.gop import Gop, MiniGop
from reelqueue.h264.pictures import MotionPicture, Weights
from reelqueue.render.engines.moving.correction import correct
from reelqueue.render.engines.moving.macroblocks import code_slice_data
from reelqueue.render.engines.moving.predictions import Written
from reelqueue.render.engines.moving.transform import find_residual
from reelqueue.render.frames.yuv import Plane, cut_picture, draw_grey, list_planes, to_picture
from reelqueue.specs.slideshow import PhotoSpec
from tests.h264.streams import decode_gops, make_still
from tests.render.engines.moving.test_coder import plan
from tests.render.engines.moving.test_macroblocks import make_pair

SIZES = [(96, 80), (98, 90)]
WEIGHTS = Weights(48, 80)


def list_wanted(name: str, size: tuple[int, int]) -> list[Plane]:
    image = Image.fromarray(getattr(skimage.data, name)()).convert("RGB").resize(size)
    return list_planes(to_picture(image))


def decode_planes(pictures: list[MotionPicture], size: tuple[int, int]) -> list[list[Plane]]:
    """Return Y, U and V of pictures between two stills, and of these."""
    parameter_sets, old = make_still("astronaut", size)
    _, new = make_still("coffee", size)
    decoded = decode_gops(parameter_sets, [Gop(old, 1, [MiniGop(pictures, new)])], size)
    return [[luma, *np.vsplit(chroma, 2)] for luma, chroma in zip(*decoded, strict=True)]


@pytest.mark.render
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("qp", [8, 12, 17, 22, 27, 32, 39, 51])
def test_residual_leads_from_a_prediction_to_a_picture(size: tuple[int, int], qp: int) -> None:
    """And leaves macroblocks alone that have none."""
    parameter_sets, _ = make_still("astronaut", size)
    shape = -(-size[1] // 16), -(-size[0] // 16)
    pairs = [make_pair(seed, shape) for seed in range(6)]
    plain = [MotionPicture(code_slice_data(*pair), WEIGHTS) for pair in pairs]
    before = decode_planes(plain, size)
    random = np.random.default_rng(qp)
    wanted = list_wanted("chelsea", size)
    places = [random.random(shape) < share for share in (0.1, 0.3, 0.5, 0.7, 1, 0)]

    residuals = [
        find_residual(frame, wanted, here, parameter_sets.pps, qp)
        for frame, here in zip(before[1:-1], places, strict=True)
    ]
    pictures = [
        MotionPicture(code_slice_data(*pair, residual), WEIGHTS, qp)
        for pair, residual in zip(pairs, residuals, strict=True)
    ]
    after = decode_planes(pictures, size)

    assert len(after) == len(before) == 8
    step = 0.625 * 2 ** (qp / 6)  # of the quantiser (Qstep)
    for shown, predicted, here in zip(after[1:-1], before[1:-1], places, strict=True):
        for plane, old_plane, right in zip(shown, predicted, wanted, strict=True):
            side = 16 if plane is shown[0] else 8
            inside = np.kron(here, np.ones((side, side))).astype(bool)
            inside = inside[: plane.shape[0], : plane.shape[1]]
            assert np.array_equal(plane[~inside], old_plane[~inside])
            error = np.subtract(plane, right, dtype=int)[inside]
            assert np.square(error).mean() <= 0.7 + step**2 / 3 if inside.any() else True


@pytest.mark.render
def test_noise_is_corrected_more_coarsely_than_a_macroblock_has_bits_for() -> None:
    """A.3.1: a macroblock has 3200 bits at most."""
    size = SIZES[0]
    random = np.random.default_rng(0)
    old, new = (draw_grey(size, 0) for _ in range(2))
    for plane in (*list_planes(old), *list_planes(new)):
        plane[:] = random.choice([16, 235], plane.shape)
    parameter_sets, _ = make_still("astronaut", size)
    places = np.full((5, 6), True)
    l0, l1 = make_pair(0, places.shape)
    finest = find_residual(list_planes(old), list_planes(new), places, parameter_sets.pps, 15)
    written = Written(l0, l1, WEIGHTS, places, lambda region: cut_picture(new, region))

    with pytest.raises(OutOfRangeError):
        code_slice_data(l0, l1, finest)
    timeline = plan([PhotoSpec()], size, quality="high")
    picture, _ = correct(written, old, timeline, parameter_sets.pps)

    assert picture.qp
    assert picture.qp > 15
