from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reelqueue.render.frames.overlays import blend_overlay, to_yuv_overlay
from reelqueue.render.frames.yuv import list_planes, to_picture
from reelqueue.render.images.captions import draw_caption, paste_overlay
from reelqueue.render.images.photos import load_photo
from reelqueue.specs.photo import Fit, PhotoLook
from reelqueue.specs.text import Backing, CaptionStyle

SIZE = (640, 362)


@pytest.mark.parametrize("backing", Backing)
def test_layer_makes_the_picture_that_its_overlay_makes(
    photo_paths: list[Path], backing: Backing
) -> None:
    words = draw_caption("The first day of summer", CaptionStyle(backing=backing), SIZE)
    photo = load_photo(photo_paths[0], SIZE, PhotoLook(fit=Fit.COVER))
    plain, drawn = to_picture(photo), to_picture(photo)
    blend_overlay(drawn, to_yuv_overlay(words))
    paste_overlay(photo, words)

    planes = zip(*map(list_planes, (plain, drawn, to_picture(photo))), strict=True)
    for luma_or_chroma, (before, shown, wanted) in enumerate(planes):
        off = np.abs(shown.astype(int) - wanted)
        assert off.mean() < 0.1
        assert (off > 2).mean() < 0.01  # chroma along the edges of letters
        assert luma_or_chroma or np.abs(before.astype(int) - shown).max() > 50
