"""How a picture fits into a frame of another shape: sizes are `(width, height)` in pixels.

What is in a frame has even sides, as the frame has. A photo in no frame may have odd ones.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from reelqueue.specs.formats import scale_size
from reelqueue.specs.picture import Point

Size = tuple[int, int]
Rows = tuple[int, int]
"""The first row of pixels, and the one after the last."""

_REACH = 4  # pixels around one of which a scaler makes it; more if it makes a picture smaller

LEAST_SHOWN = Fraction(3, 10)  # enough for an upright phone's photo to fill a wide frame


def contain(source: Size, frame: Size) -> Size:
    """Return the largest even size with the source's aspect ratio that fits into the frame."""
    width, height = scale_size(source, min(_ratios(source, frame)))
    return min(width, frame[0]), min(height, frame[1])


def contain_photo(photo: Size, frame: Size) -> Size:
    """Return the largest size with the photo's aspect ratio that fits into a box."""
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


class Window(NamedTuple):
    """The part of a source that is scaled for a crop, and where the crop is in what comes out.

    Attributes:
        corner: its left and top in the source.
        size: its size there.
        scaled: its size after scaling.
        crop: left and top of the crop in it then.
    """

    corner: tuple[int, int]
    size: Size
    scaled: Size
    crop: tuple[int, int]


def find_window(source: Size, picture: Size, corner: tuple[int, int], frame: Size) -> Window:
    """Return the least part of a source that gives the pixels of a crop exactly.

    Its edges are at whole pixels before and after scaling, so each pixel is made of the same ones.

    Args:
        source: what is scaled.
        picture: what all of it would be scaled to.
        corner: left and top of the crop in that.
        frame: the size of the crop.
    """
    across, down = map(_find_range, source, picture, corner, frame)
    return Window(
        (across.first, down.first),
        (across.size, down.size),
        (across.scaled, down.scaled),
        (across.left, down.left),
    )


class _Range(NamedTuple):
    """One axis of a window."""

    first: int
    size: int
    scaled: int
    left: int


def _find_range(source: int, picture: int, left: int, length: int) -> _Range:
    if source % 2:  # luma and chroma are scaled by different factors
        return _Range(0, source, picture, left)
    scale = Fraction(picture, source)
    reach = _REACH + int(_REACH / scale)
    first = int(left / scale) - reach
    end = -int(-(left + length) / scale) + reach
    # A chroma sample covers two by two pixels.
    whole = [pixel for pixel in range(0, source + 1, 2) if pixel * scale % 2 == 0]
    first = max((pixel for pixel in whole if pixel <= first), default=0)
    end = min((pixel for pixel in whole if pixel >= end), default=source)
    start, stop = int(first * scale), int(end * scale)
    return _Range(first, end - first, stop - start, left - start)


def turn(size: Size, rotate: int) -> Size:
    """Return the size of a picture after it is turned by `rotate` degrees, a multiple of 90."""
    width, height = size
    return (height, width) if rotate % 180 else size


def _ratios(source: Size, frame: Size) -> tuple[Fraction, Fraction]:
    return Fraction(frame[0], source[0]), Fraction(frame[1], source[1])
