"""Which written frames look like the frames that would be drawn."""

from __future__ import annotations

import pytest

from reelqueue.render.engines.moving.likeness import PHOTO, Errors, looks_alike


def to_error(psnr: float) -> float:
    return float(255**2 / 10 ** (psnr / 10))


@pytest.mark.parametrize(
    ("written", "key", "is_alike"),
    [
        ((47.8, 45), (49, 48), True),
        ((47, 45), (49, 48), False),  # would be seen to pulse
        ((50.1, 46.8), (51.7, 48.2), True),  # is better than what is drawn, so not
        ((49.5, 39), (52, 48), False),  # as stars: small, and far too soft
    ],
)
def test_frame_is_near_its_keys_or_good_enough(
    written: tuple[float, float], key: tuple[float, float], is_alike: bool
) -> None:
    """PSNR of the whole frame, and of its worst parts."""
    frame, near = (Errors(*map(to_error, psnr)) for psnr in (written, key))

    assert looks_alike(frame, near, PHOTO) == is_alike
