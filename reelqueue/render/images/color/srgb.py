"""Convert the colours of an image from any mode and ICC profile to sRGB."""

from __future__ import annotations

import struct
from functools import lru_cache
from io import BytesIO
from itertools import product

from PIL import Image, ImageChops, ImageCms

_ALPHA_MODES = ("LA", "La", "PA", "RGBa")
_SAMPLES = list(product(range(0, 256, 51), repeat=3))
_ROUNDING = 1  # levels
_PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError, struct.error)


def to_resizable(image: Image.Image) -> Image.Image:
    """Return an image in a mode that Pillow resizes correctly: L, RGB, RGBA or CMYK."""
    # 16 bits per pixel: convert() would clip the values instead of scaling them. A transparent grey
    # level is ignored, because logos do not use this mode.
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level / 257).convert("L")
    if image.mode == "LAB":
        return _convert(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    if image.mode == "La":
        return image.convert("LA").convert("RGBA")
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def is_transparent(image: Image.Image) -> bool:
    """Return whether an image has a pixel that is not opaque; many alpha channels have none."""
    return image.mode == "RGBA" and any(image.getchannel("A").histogram()[:255])


def is_srgb(image: Image.Image, info: dict[str | tuple[int, int], object]) -> bool:
    """Tell whether `to_srgb` leaves the colours of an image as they are."""
    profile = info.get("icc_profile")
    if image.mode != "RGB" or not isinstance(profile, bytes):
        return image.mode == "RGB"
    try:
        return _acts_as_srgb(profile)
    except _PROFILE_ERRORS:
        return True


def to_srgb(
    image: Image.Image,
    info: dict[str | tuple[int, int], object],
    background: str | None = None,
) -> Image.Image:
    """Return an image in sRGB (IEC 61966-2-1), without metadata: RGB, or RGBA if it stays so.

    Args:
        image: in mode L, RGB, RGBA or CMYK; one in RGB loses its metadata, too.
        info: Pillow's `info` of the opened image; its ICC profile (ICC.1), if any, is applied.
        background: colour behind transparent pixels, such as #203040; None leaves them transparent.
    """
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    if alpha:
        image = _drop_alpha(image)
    profile = info.get("icc_profile")
    if isinstance(profile, bytes):
        image = _apply_profile(image, profile)
    image = image if image.mode == "RGB" else image.convert("RGB")  # which would copy it
    if alpha and background is None:
        image.putalpha(alpha)
    elif alpha:
        opaque = Image.new("RGB", image.size, background)
        opaque.paste(image, mask=alpha)
        image = opaque
    image.info = {}  # Pillow would write a comment from here into the next file
    return image


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Return an image in sRGB; unchanged if its profile is damaged or does not fit its mode."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if image.mode == "L" and source.profile.xcolor_space == "RGB ":
            image = image.convert("RGB")
        if image.mode == "RGB" and _acts_as_srgb(profile):
            return image
        return _convert(image, source)
    except _PROFILE_ERRORS:
        return image


def _drop_alpha(image: Image.Image) -> Image.Image:
    """Return an RGBA image in RGB, or in L if it is grey: its profile can be for grey levels."""
    red, green, blue, _ = image.split()
    is_grey = red.tobytes() == green.tobytes() == blue.tobytes()
    return red if is_grey else image.convert("RGB")


@lru_cache(maxsize=16)
def _acts_as_srgb(profile: bytes) -> bool:
    """Return whether a profile changes no colour; its name does not tell.

    "Display P3 Gamut with sRGB Transfer" and the linear "sRGB-elle-V2-g10" have the word in it.
    """
    samples = Image.new("RGB", (len(_SAMPLES), 1))
    samples.putdata(_SAMPLES)
    converted = _convert(samples, ImageCms.ImageCmsProfile(BytesIO(profile)))
    return max(ImageChops.difference(samples, converted).tobytes()) <= _ROUNDING


def _convert(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    srgb = ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
    assert converted is not None  # as it is not done in place
    return converted
