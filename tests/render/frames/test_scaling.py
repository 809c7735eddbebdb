"""Parts of planes beside those that Pillow scales."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from av.video.reformatter import Interpolation
from PIL import Image

from reelqueue.planning.camera import Box
from reelqueue.render.frames.scaling import add_border, scale_part

SIZE = (640, 360)
PILLOW = {
    Interpolation.BICUBIC: Image.Resampling.BICUBIC,
    Interpolation.BILINEAR: Image.Resampling.BILINEAR,
}


def open_photo(name: str = "astronaut") -> Image.Image:
    """Return a photo that is sharp in each sample."""
    return Image.fromarray(getattr(skimage.data, name)()).convert("L").resize((768, 768))


def make_part(left: float, top: float, step: float) -> Box:
    return left, top, left + SIZE[0] * step, top + SIZE[1] * step


def measure_psnr(shown: np.ndarray, right: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.square(np.subtract(shown, right, dtype=int)).mean()))


@pytest.mark.parametrize("kernel", PILLOW)
@pytest.mark.parametrize(
    "part",
    [
        make_part(0, 0, 1.2),
        make_part(0, 768 - 360 * 1.1732, 1.1732),
        make_part(768 - 640 * 1.137, 0.6, 1.137),
        make_part(31.7, 102.3, 1.0627),
        make_part(71.45, 222.9, 0.9371),
    ],
)
def test_part_is_where_pillow_has_it(part: Box, kernel: Interpolation) -> None:
    photo = open_photo()
    moved = part[0], part[1] + 0.1, part[2], min(part[3] + 0.1, 768)

    scaled = scale_part(add_border(np.asarray(photo)), part, SIZE, kernel)

    assert scaled is not None
    right, wrong = (
        np.asarray(photo.resize(SIZE, PILLOW[kernel], box=box)) for box in (part, moved)
    )
    assert scaled.shape == right.shape
    assert measure_psnr(scaled, right) > measure_psnr(wrong, right) + 3
    for border in np.s_[:2, :], np.s_[-2:, :], np.s_[:, :2], np.s_[:, -2:]:
        assert measure_psnr(scaled[border], right[border]) > 36


def test_what_no_lengths_fit_is_left_to_pillow() -> None:
    """Without scaling, samples are where they were, and never between."""
    plane = np.asarray(open_photo())

    assert scale_part(add_border(plane), make_part(31.4, 55, 1), SIZE) is None
    whole = scale_part(add_border(plane), make_part(31, 55, 1), SIZE)

    assert whole is not None
    assert np.array_equal(whole, plane[55 : 55 + SIZE[1], 31 : 31 + SIZE[0]])


def test_narrow_strip_is_left_to_pillow() -> None:
    plane = add_border(np.asarray(open_photo()))

    assert scale_part(plane, (1.3, 7, 731.1, 25.2), (640, 16)) is None


def test_what_reaches_far_beyond_the_plane_is_left_to_pillow() -> None:
    plane = add_border(np.asarray(open_photo().resize((4096, 4096))))

    assert scale_part(plane, make_part(500, 500, 3.5), SIZE) is not None
    assert scale_part(plane, make_part(4096 - 640 * 3.5, 500, 3.5), SIZE) is None
