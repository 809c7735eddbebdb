"""Colours that keep letters legible, by the contrast of WCAG 2.2 (1.4.3): 1 to 21."""

from __future__ import annotations

RGB = tuple[int, int, int]

DARK: RGB = (16, 16, 16)
LIGHT: RGB = (255, 255, 255)
_BOXES: dict[RGB, RGB] = {DARK: (12, 12, 16), LIGHT: (250, 250, 250)}
_BOX_OPACITY = 168  # keeps the contrast of white letters at 5 to 1 on any picture
_OPACITY_STEP = 12
_LEGIBLE = 4.5  # for body text; 3 is enough for large letters
_LARGE = 3.0
_DIMMED = (0.3, 0.2, 0.1)


def from_hex(color: str) -> RGB:
    """Return the channels of a colour such as #203040."""
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


def measure_contrast(first: RGB, second: RGB) -> float:
    """Return the contrast of two colours."""
    low, high = sorted((_measure_luminance(first), _measure_luminance(second)))
    return (high + 0.05) / (low + 0.05)


def choose_opposite(color: RGB) -> RGB:
    """Return the colour that surrounds letters of a colour: nearly black, or white."""
    return max((DARK, LIGHT), key=lambda tone: measure_contrast(color, tone))


def choose_box(color: RGB) -> tuple[int, int, int, int]:
    """Return the RGBA of a box on which letters of a colour are legible over any picture."""
    tone = choose_opposite(color)
    box, worst = _BOXES[tone], LIGHT if tone == DARK else (0, 0, 0)
    opacity = _BOX_OPACITY
    while opacity < 255 and measure_contrast(color, mix(worst, box, opacity / 255)) < _LEGIBLE:
        opacity = min(opacity + _OPACITY_STEP, 255)
    return *box, opacity


def choose_letters(wanted: RGB, background: RGB) -> RGB:
    """Return the colour of large letters on a background: the wanted one if it is legible there."""
    is_legible = measure_contrast(wanted, background) >= _LARGE
    return wanted if is_legible else choose_opposite(background)


def choose_dimmed(color: RGB) -> RGB:
    """Return a colour nearer to what surrounds letters of a colour, but large ones stay legible."""
    around = choose_opposite(color)
    dimmed = (mix(color, around, part) for part in _DIMMED)
    return next((each for each in dimmed if measure_contrast(each, around) >= _LARGE), color)


def mix(first: RGB, second: RGB, part: float) -> RGB:
    """Return a colour between two: the first at 0, the second at 1."""
    red, green, blue = (
        round(low + (high - low) * part) for low, high in zip(first, second, strict=True)
    )
    return red, green, blue


def _measure_luminance(color: RGB) -> float:
    """Return the relative luminance of an sRGB colour (WCAG 2.2)."""
    red, green, blue = (
        level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4
        for level in (channel / 255 for channel in color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
