"""Corners tracked through a rendered move of 1080p: ours, and ffmpeg's zoompan beside it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from reelqueue.planning.camera import ZOOM, CameraPath, Move, View, choose_paths, find_box
from reelqueue.planning.spans import PhotoSpan
from reelqueue.planning.timeline import Timeline
from reelqueue.render.engines.still import encode_stills
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.render.frames.draw import draw_frames
from reelqueue.render.frames.ken_burns import MovingPhoto, to_moving_photo
from reelqueue.render.frames.yuv import list_planes
from reelqueue.specs.photo import Motion
from reelqueue.specs.picture import Point

pytestmark = pytest.mark.render

SIZE = (1920, 1080)
PICTURE = (2304, 1296)
SQUARE = 96  # pixels of the picture
FRAMES = 40
MIDDLE = Point(x=0.5, y=0.5)
ALLOWED = 0.1  # pixels
REACH = 30  # pixels around a corner that are looked at
BAND = slice(4, 22)  # of these, from one side, away from the corner itself

Points = NDArray[np.float64]


def draw_chessboard() -> Image.Image:
    across, down = (np.arange(side) // SQUARE % 2 for side in PICTURE)
    squares = np.where(down[:, None] == across[None, :], 60, 190).astype(np.uint8)
    return Image.fromarray(squares).convert("RGB")


def list_corners(box: tuple[float, float, float, float]) -> Points:
    """Return where the corners are in a frame that shows a box of the picture: rows of x, y."""
    left, top, right, bottom = box
    xs = (np.arange(SQUARE, PICTURE[0], SQUARE) - left) * SIZE[0] / (right - left)
    ys = (np.arange(SQUARE, PICTURE[1], SQUARE) - top) * SIZE[1] / (bottom - top)
    corners = np.array([(x, y) for y in ys for x in xs])
    inside = (corners > REACH + 1) & (corners < np.array(SIZE) - REACH - 1)
    return corners[inside.all(axis=1)]


def track(frames: Iterable[NDArray[np.uint8]], move: Move) -> list[Points]:
    """Return how many pixels each corner is off, in each frame."""
    errors = []
    for number, luma in enumerate(frames):
        corners = list_corners(find_box(move, number, PICTURE, MIDDLE, SIZE))[::5]
        away = [find_corner(luma, np.rint(corner)) - corner for corner in corners]
        errors.append(np.hypot(*np.transpose(away)))
    assert len(errors) == FRAMES
    return errors


def find_corner(luma: NDArray[np.uint8], near: Points) -> Points:
    """Return where four squares meet: where the edges are that lead there, from both sides."""
    left, top = near.astype(int) - REACH
    around = luma[top : top + 2 * REACH, left : left + 2 * REACH].astype(float)
    return np.array([left + measure_edge(around), top + measure_edge(around.T)])


def measure_edge(around: NDArray[np.float64]) -> float:
    """Return how far from the left the upright edge is: as far as there are samples of its left."""
    profiles = [rows[BAND].mean(axis=0) for rows in (around, around[::-1])]
    ends = [(profile[:8].mean(), profile[-8:].mean()) for profile in profiles]
    shares = [(p - right) / (left - right) for p, (left, right) in zip(profiles, ends, strict=True)]
    return float(np.mean([share.sum() for share in shares]))


def decode(video: Path) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            yield list_planes(frame)[0]


def plan(move: Move) -> Timeline:
    return Timeline(SIZE, Fraction(30), (PhotoSpan(0, FRAMES, move),))


def load_chessboard(_: int = 0) -> MovingPhoto:
    return to_moving_photo(draw_chessboard())._replace(focus=MIDDLE)


def render_with_zoompan(output: Path) -> Path:
    """Let ffmpeg make the move of `zoom_in`."""
    picture = output.with_suffix(".png")
    draw_chessboard().save(picture)
    eased = f"st(0,on/{FRAMES - 1})*0+ld(0)*ld(0)*(3-2*ld(0))"
    zoom = f"1/(1-{1 - 1 / ZOOM}*({eased}))"
    zoompan = f"zoompan=z='{zoom}':x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2':d={FRAMES}:fps=30"
    command = [
        *(find_ffmpeg(), "-v", "error", "-y", "-i", str(picture)),
        *("-vf", f"{zoompan}:s={SIZE[0]}x{SIZE[1]},format=yuv420p"),
        *("-c:v", "libx264", "-preset", "superfast", "-crf", "16", str(output)),
    ]
    subprocess.run(command, check=True)
    return output


@pytest.mark.parametrize(
    "path",
    [
        *choose_paths([Motion.ZOOM_IN, Motion.PAN_LEFT, Motion.KENBURNS], 0),
        CameraPath(View(ZOOM, across=0.01), View(ZOOM, across=-0.01)),  # too slow to be seen
    ],
    ids=["zoom_in", "pan_left", "kenburns", "crawl"],
)
def test_no_frame_is_a_tenth_of_a_pixel_off_its_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: CameraPath
) -> None:
    """As it is drawn no corner is, and as it is encoded not half of them, by the most threads."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(64))
    move, video = Move(path, 0, FRAMES), tmp_path / "video.mp4"
    encode_stills(plan(move), load_chessboard, video, on_frame=lambda _: None)

    frames = draw_frames(plan(move), iter([load_chessboard()]))
    lumas = (list_planes(frame)[0].copy() for frame in frames)
    drawn = max(float(off.max()) for off in track(lumas, move))
    shown = max(float(np.median(off)) for off in track(decode(video), move))

    assert max(drawn, shown) <= ALLOWED, f"{drawn:.3f} pixels as drawn, {shown:.3f} as encoded"


def test_zoompan_is_further_off(tmp_path: Path) -> None:
    """So the tracking would see it."""
    (path,) = choose_paths([Motion.ZOOM_IN], 0)
    assert path

    frames = list(decode(render_with_zoompan(tmp_path / "video.mp4")))
    shown = min(  # whichever frame is the first one of its move
        max(float(np.median(off)) for off in track(frames, Move(path, first, FRAMES)))
        for first in (-1, 0, 1)
    )

    assert shown > 3 * ALLOWED, f"{shown:.3f} pixels as encoded"
