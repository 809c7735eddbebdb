"""Whether a file is whole: it is read to its end."""

from __future__ import annotations

import io
from pathlib import Path

import av
from PIL import Image

_RECORDS, _PICTURES, _VIDEOS = {".json"}, {".jpg", ".png"}, {".mp4"}
_STAGED = "#"  # obstore writes to `name#1` before it renames


def is_whole(path: Path) -> bool:
    """Tell whether a stored file is what its name says."""
    if path.suffix in _RECORDS:
        return path.read_bytes().endswith(b"}")
    if path.suffix in _PICTURES:
        return _is_picture(path)
    if path.suffix in _VIDEOS:
        return count_frames(path.read_bytes()) > 0
    return _STAGED not in path.name


def count_frames(video: bytes) -> int:
    """Return how many frames of a video decode; -1 if the rest does not."""
    try:
        with av.open(io.BytesIO(video), "r") as container:
            return sum(1 for _ in container.decode(video=0))
    except av.FFmpegError:
        return -1


def _is_picture(path: Path) -> bool:
    try:
        with Image.open(path) as picture:
            picture.load()
    except OSError:
        return False
    return True
