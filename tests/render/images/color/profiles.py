"""ICC profiles for tests."""

from __future__ import annotations

import struct

import numpy as np
from PIL import ImageCms

Primaries = tuple[tuple[float, float, float], ...]

SRGB: Primaries = (
    (0.43607, 0.22249, 0.01392),
    (0.38515, 0.71687, 0.09708),
    (0.14307, 0.06061, 0.7141),
)
DISPLAY_P3: Primaries = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.1571, 0.06657, 0.78407),
)
ADOBE_RGB: Primaries = (
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.74457),
)
"""Red, green and blue: X, Y, Z adapted to D50, as profiles hold them."""


def make_profile(name: str, primaries: Primaries, gamma: float | None, **more: bytes) -> bytes:
    """Return an ICC profile of version 2.4 (ICC.1:2001-04, 6): primaries and a curve.

    Args:
        gamma: of the curve; None for that of sRGB, as 1024 points.
        more: further tags with their content.
    """
    colours = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True))
    tags = {
        **{tag: _make_point(xyz) for tag, xyz in colours.items()},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _make_curve(gamma)),
        **{tag.encode(): content for tag, content in more.items()},
    }
    return _assemble(b"RGB ", name, tags)


def make_grey_profile(gamma: float) -> bytes:
    """Return an ICC profile of version 2.4 for grey levels: a curve alone (6.3.2.1)."""
    return _assemble(b"GRAY", "Gray Gamma", {b"kTRC": _make_curve(gamma)})


def _make_point(xyz: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(65536 * part) for part in xyz))


def _assemble(space: bytes, name: str, own: dict[bytes, bytes]) -> bytes:
    """Return a profile for monitors in a colour space, with tags of its own."""
    description = struct.pack(">I", len(name) + 1) + name.encode() + bytes(79)
    tags = {
        b"desc": b"desc" + bytes(4) + description,
        b"wtpt": _make_point((0.9642, 1.0, 0.82491)),
        **own,
    }
    table, data = struct.pack(">I", len(tags)), b""
    for tag, content in tags.items():
        table += tag + struct.pack(">II", 132 + 12 * len(tags) + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    head = bytes(8) + struct.pack(">I", 0x02400000) + b"mntr" + space + b"XYZ "
    head += bytes(12) + b"acsp"
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    profile = head.ljust(128, b"\0") + table + data
    return struct.pack(">I", len(profile)) + profile[4:]


def make_swapped_profile() -> bytes:
    """Little CMS's sRGB profile with the red and blue primaries exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"swap").replace(b"bXYZ", b"rXYZ").replace(b"swap", b"bXYZ")


def to_srgb_by_formula(
    colour: tuple[int, int, int], primaries: Primaries, gamma: float | None
) -> tuple[int, ...]:
    """Return the sRGB (IEC 61966-2-1) of a colour in another encoding."""
    levels = np.array(colour) / 255
    light = _decode_srgb(levels) if gamma is None else levels**gamma
    linear = np.clip(np.linalg.solve(np.transpose(SRGB), np.transpose(primaries) @ light), 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return tuple(round(255 * level) for level in coded)


def _decode_srgb(
    levels: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def _make_curve(gamma: float | None) -> bytes:
    if gamma is None:
        points = np.round(65535 * _decode_srgb(np.linspace(0, 1, 1024))).astype(">u2")
        return b"curv" + bytes(4) + struct.pack(">I", len(points)) + points.tobytes()
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
