"""Pictures that stand still, as ffmpeg reads them: one uncompressed frame in a file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from PIL import Image

_PIXELS = {"RGB": "rgb24", "RGBA": "rgba"}


def write_still(picture: Image.Image, path: Path, fps: Fraction) -> list[str]:
    """Write an RGB or RGBA image, and return the arguments of ffmpeg that open it."""
    path.write_bytes(picture.tobytes())
    return [
        *("-f", "rawvideo", "-pixel_format", _PIXELS[picture.mode]),
        *("-video_size", f"{picture.width}x{picture.height}", "-framerate", str(fps)),
        *("-i", f"file:{path.resolve()}"),
    ]
