"""Which characters a font has: its character map (OpenType 1.9, `cmap`), read by HarfBuzz.

HarfBuzz lays the text out in the end, and lists 45,000 characters in half a millisecond. Only our
fonts and the system's are read.
"""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

import uharfbuzz


def read_code_points(path: Path, face: int = 0) -> Container[int]:
    """Return the code points that a font has glyphs for; `face` is its number in a collection."""
    code_points: Container[int] = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(path), face).unicodes
    return code_points
