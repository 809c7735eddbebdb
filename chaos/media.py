"""Check that stored files are complete, by decoding them to their end."""

from __future__ import annotations

import io
from pathlib import Path

import av
from PIL import Image

_RECORDS, _PICTURES, _VIDEOS = {".json"}, {".jpg", ".png"}, {".mp4"}
_STAGED = "#"  # obstore writes to `name#1`, and renames that


def is_whole(path: Path) -> bool:
    """Tell whether a stored file is complete, and of the format that its name says."""
    if path.suffix in _RECORDS:
        return path.read_bytes().endswith(b"}")
    if path.suffix in _PICTURES:
        return _is_picture(path)
    if path.suffix in _VIDEOS:
        return count_frames(path.read_bytes()) > 0
    return _STAGED not in path.name


def count_frames(video: bytes) -> int:
    """Return the number of frames of a video, -1 if any of it cannot be decoded."""
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
