"""The colours of a picture: from any mode and profile to sRGB."""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image, ImageCms

MODES = frozenset(
    {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"}
    | {"I", "I;16", "I;16L", "I;16B", "I;16N"}
)
"""The modes that are taken: not Lab, and no numbers with a fraction."""

_TRANSPARENT = ("LA", "La", "PA", "RGBa")
_FAULTS = (ImageCms.PyCMSError, OSError, ValueError, TypeError, struct.error)


def to_averageable(image: Image.Image) -> Image.Image:
    """Return a picture in a mode whose pixels may be averaged: L, RGB, RGBA or CMYK."""
    # 16 bits a pixel, which convert() would clip, not scale. A grey that is said to be transparent
    # is shown: logos are not drawn in such pictures.
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level / 257).convert("L")
    if image.mode == "La":
        return image.convert("LA").convert("RGBA")
    if image.mode in _TRANSPARENT or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def is_transparent(image: Image.Image) -> bool:
    """Tell whether anything shows through a picture; many have an alpha channel for nothing."""
    return image.mode == "RGBA" and any(image.getchannel("A").histogram()[:255])


def to_srgb(
    image: Image.Image, info: dict[str | tuple[int, int], object], background: str
) -> Image.Image:
    """Return RGB in sRGB, without metadata.

    Args:
        info: of the picture as it was opened, perhaps with a profile.
        background: the colour behind what is transparent.
    """
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    if alpha:
        image = image.convert("RGB")
    profile = info.get("icc_profile")
    if isinstance(profile, bytes):
        image = _apply_profile(image, profile)
    image = image.convert("RGB")
    if alpha:
        plain = Image.new("RGB", image.size, background)
        plain.paste(image, mask=alpha)
        image = plain
    image.info = {}  # Pillow's writers would hand a comment on
    return image


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Return a picture in sRGB, or unchanged where its profile is broken or of another mode."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
    except _FAULTS:
        return image
    return converted or image
