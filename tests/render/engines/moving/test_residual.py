"""Residuals through both decoders: what is added to predictions brings them to what is wanted."""

from __future__ import annotations

from fractions import Fraction

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
from reelqueue.render.engines.moving.samples import find_errors
from reelqueue.render.engines.moving.transform import find_residual
from reelqueue.render.frames.yuv import Plane, cut_picture, draw_grey, list_planes, to_picture
from reelqueue.specs.photo import PhotoSpec
from tests.h264.streams import decode_gops, make_still
from tests.render.engines.moving.test_coder import plan
from tests.render.engines.moving.test_macroblocks import Lists, make_pair

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


def use_one_or_both(lists: Lists, uses_both: bool) -> Lists:
    """Return the motion of macroblocks that are predicted from one list each, or all from both."""
    l0, l1 = lists
    is_used = l0.is_used | uses_both
    return l0._replace(is_used=is_used), l1._replace(is_used=~is_used | uses_both)


@pytest.mark.render
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("qp", [8, 12, 17, 22, 27, 32, 39, 51])
def test_residual_leads_from_a_prediction_to_a_picture(size: tuple[int, int], qp: int) -> None:
    """And leaves macroblocks alone that have none."""
    parameter_sets, _ = make_still("astronaut", size)
    shape = -(-size[1] // 16), -(-size[0] // 16)
    pairs = [use_one_or_both(make_pair(seed, shape), seed % 2 > 0) for seed in range(6)]
    weights = [WEIGHTS if seed % 2 else None for seed in range(6)]  # of both
    plain = [
        MotionPicture(code_slice_data(*pair), each)
        for pair, each in zip(pairs, weights, strict=True)
    ]
    before = decode_planes(plain, size)
    random = np.random.default_rng(qp)
    wanted = list_wanted("chelsea", size)
    places = [random.random(shape) < share for share in (0.1, 0.3, 0.5, 0.7, 1, 0)]

    keys = before[-1], before[0]
    residuals = [
        find_residual(find_errors(wanted, keys, pair, WEIGHTS, here), here, parameter_sets.pps, qp)
        for pair, here in zip(pairs, places, strict=True)
    ]
    pictures = [
        MotionPicture(code_slice_data(*pair, residual), each, qp)
        for pair, residual, each in zip(pairs, residuals, weights, strict=True)
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
    keys = list_planes(old), list_planes(old)
    errors = find_errors(list_planes(new), keys, (l0, l1), WEIGHTS, places)
    finest = find_residual(errors, places, parameter_sets.pps, 15)
    written = Written(l0, l1, WEIGHTS, places, lambda region: cut_picture(new, region))

    with pytest.raises(OutOfRangeError):
        code_slice_data(l0, l1, finest)
    timeline = plan([PhotoSpec()], size, quality="high")
    picture = correct(written, (old, old), Fraction(1, 2), timeline, parameter_sets.pps)

    assert picture.qp
    assert picture.qp > 15
