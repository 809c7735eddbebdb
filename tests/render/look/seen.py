"""Clips rendered small, and what is seen in them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

from reelqueue.media.facts import RenderFacts
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.render.images.photos import Photo
from reelqueue.specs.clips.clip import ClipSpec

Planes = npt.NDArray[np.int64]
WIDTH, HEIGHT = 320, 180
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-g", "10", "-pix_fmt", "yuv420p")
TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"


def render(
    source: Path, output: Path, picture: Path | None = None, /, **choices: object
) -> RenderFacts:
    spec = ClipSpec.model_validate({"aspect": "original", **choices})
    return render_clip(
        source,
        spec,
        output,
        logo=Photo(picture, picture.name) if picture else None,
        poster=output.with_name("poster.jpg"),
        preset="ultrafast",
        on_progress=lambda *_: None,
    )


def decode(path: Path, *options: str) -> bytes:
    command = [find_ffmpeg(), "-v", "error", "-i", str(path), *options, "-f", "rawvideo", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def see(path: Path) -> tuple[Planes, Planes, Planes]:
    """Return the planes Y, Cb and Cr of all frames as they are stored: `(frame, y, x)`."""
    raw = decode(path, "-pix_fmt", "yuv420p")
    frames = np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT * WIDTH * 3 // 2).astype(np.int64)
    luma, blue, red = np.split(frames, [HEIGHT * WIDTH, HEIGHT * WIDTH * 5 // 4], axis=1)
    half = (-1, HEIGHT // 2, WIDTH // 2)
    return luma.reshape(-1, HEIGHT, WIDTH), blue.reshape(half), red.reshape(half)


def see_rgb(path: Path) -> Planes:
    """Return all frames as RGB: `(frame, y, x, channel)`."""
    raw = decode(path, "-vf", "scale=in_color_matrix=bt709", "-pix_fmt", "rgb24")
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH, 3).astype(np.int64)
