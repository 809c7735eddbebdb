"""Write pictures as JPEGs."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image


def write_jpeg(image: Image.Image, output: Path) -> None:
    """Write a JPEG atomically: its file appears only when it is complete."""
    unfinished = output.with_name(f".{output.name}.unfinished")
    try:
        image.save(unfinished, "JPEG", quality=85, optimize=True)
        os.replace(unfinished, output)
    finally:
        unfinished.unlink(missing_ok=True)
