"""Pure arithmetic of a picture in a frame: sizes are `(width, height)` in pixels.

Those of videos are all even.
"""

from __future__ import annotations

from fractions import Fraction

from reelqueue.specs.formats import scale_size

Size = tuple[int, int]

LEAST_SHOWN = Fraction(3, 10)  # an upright phone's photo may fill a wide frame, a narrower one not


def contain(source: Size, frame: Size) -> Size:
    """Return the largest size of the source's shape that fits into the frame."""
    width, height = scale_size(source, min(_ratios(source, frame)))
    return min(width, frame[0]), min(height, frame[1])


def cover(source: Size, frame: Size) -> Size:
    """Return the smallest size of the source's shape that leaves nothing of the frame open."""
    width, height = scale_size(source, max(_ratios(source, frame)))
    return max(width, frame[0]), max(height, frame[1])


def fills_well(source: Size, frame: Size) -> bool:
    """Tell whether enough of a picture is seen where it covers the frame."""
    ratios = _ratios(source, frame)
    return min(ratios) / max(ratios) >= LEAST_SHOWN


def enlarge(size: Size, factor: float) -> Size:
    """Return the same shape, larger."""
    return scale_size(size, Fraction(factor))


def center(inner: Size, outer: Size) -> tuple[int, int]:
    """Return where the inner rectangle's upper left corner lies in the outer one.

    Even, because a chroma sample covers two by two pixels.
    """
    return (outer[0] - inner[0]) // 4 * 2, (outer[1] - inner[1]) // 4 * 2


def crop(
    source: Size, frame: Size, focus: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Return the largest box of the frame's shape in the source, as near to the focus as it can be.

    Args:
        focus: the point (x, y) that is to be in the middle, from 0 to 1.
    """
    scale = max(frame[0] / source[0], frame[1] / source[1])
    width, height = min(frame[0] / scale, source[0]), min(frame[1] / scale, source[1])
    left = min(max(focus[0] * source[0] - width / 2, 0), source[0] - width)
    top = min(max(focus[1] * source[1] - height / 2, 0), source[1] - height)
    return left, top, min(left + width, source[0]), min(top + height, source[1])


def _ratios(source: Size, frame: Size) -> tuple[Fraction, Fraction]:
    return Fraction(frame[0], source[0]), Fraction(frame[1], source[1])
