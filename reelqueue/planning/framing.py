"""How a picture fits into a frame of another shape: sizes are `(width, height)` in pixels.

The sides of videos are even. A photo inside a frame may have odd ones.
"""

from __future__ import annotations

from fractions import Fraction

from reelqueue.specs.formats import scale_size
from reelqueue.specs.picture import Point

Size = tuple[int, int]

LEAST_SHOWN = Fraction(3, 10)  # enough for an upright phone's photo to fill a wide frame


def contain(source: Size, frame: Size) -> Size:
    """Return the largest even size with the source's aspect ratio that fits into the frame."""
    width, height = scale_size(source, min(_ratios(source, frame)))
    return min(width, frame[0]), min(height, frame[1])


def contain_photo(photo: Size, frame: Size) -> Size:
    """Return the largest size with the photo's aspect ratio that fits into the frame."""
    scale = min(frame[0] / photo[0], frame[1] / photo[1])
    return max(round(photo[0] * scale), 1), max(round(photo[1] * scale), 1)


def cover(source: Size, frame: Size) -> Size:
    """Return the smallest size with the source's aspect ratio that covers the frame."""
    width, height = scale_size(source, max(_ratios(source, frame)))
    return max(width, frame[0]), max(height, frame[1])


def fills_well(source: Size, frame: Size) -> bool:
    """Tell whether enough of a picture is seen when it covers the frame."""
    ratios = _ratios(source, frame)
    return min(ratios) / max(ratios) >= LEAST_SHOWN


def enlarge(size: Size, factor: float) -> Size:
    """Return a size `factor` times as large, with even sides."""
    return scale_size(size, Fraction(factor))


def center(inner: Size, outer: Size) -> tuple[int, int]:
    """Return the left and top of a rectangle in the middle of another one, in pixels.

    Both are even, because a chroma sample covers two by two pixels.
    """
    return (outer[0] - inner[0]) // 4 * 2, (outer[1] - inner[1]) // 4 * 2


def crop(
    source: Size, frame: Size, focus: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Return the largest box in the source with the frame's aspect ratio.

    Args:
        focus: the point `(x, y)`, from 0 to 1, that the box is centred on as nearly as possible.

    Returns:
        Left, top, right and bottom edge in pixels.
    """
    scale = max(frame[0] / source[0], frame[1] / source[1])
    width, height = min(frame[0] / scale, source[0]), min(frame[1] / scale, source[1])
    left = min(max(focus[0] * source[0] - width / 2, 0), source[0] - width)
    top = min(max(focus[1] * source[1] - height / 2, 0), source[1] - height)
    return left, top, min(left + width, source[0]), min(top + height, source[1])


def place_crop(frame: Size, picture: Size, focus: Point) -> tuple[int, int]:
    """Return the left and top of a crop that is centred on the focus as nearly as possible.

    Args:
        frame: the crop; it covers no more than the picture.
        picture: what is cropped.
        focus: a point of the picture.

    Returns:
        Even numbers of pixels, because a chroma sample covers two by two of them.
    """
    left, top = (
        min(max(at * whole - part / 2, 0), whole - part)
        for at, whole, part in zip((focus.x, focus.y), picture, frame, strict=True)
    )
    return int(left) // 2 * 2, int(top) // 2 * 2


def turn(size: Size, rotate: int) -> Size:
    """Return the size of a picture after it is turned by `rotate` degrees, a multiple of 90."""
    width, height = size
    return (height, width) if rotate % 180 else size


def _ratios(source: Size, frame: Size) -> tuple[Fraction, Fraction]:
    return Fraction(frame[0], source[0]), Fraction(frame[1], source[1])
