"""Look at some frames of a clip: small, a few each second, and one at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reelqueue.planning.clips.cut import Shot
from reelqueue.planning.focus.subjects import Sight
from reelqueue.planning.framing import Size, turn
from reelqueue.render.ffmpeg.graph import SCENES, build_sample_graph, list_loopbacks
from reelqueue.render.ffmpeg.loopback import build_loopbacks
from reelqueue.render.ffmpeg.run import run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.focus.bars import find_area
from reelqueue.render.focus.faces import FaceFinder
from reelqueue.render.focus.motion import find_motion, shrink, split_blocks
from reelqueue.render.focus.stillness import measure_paper, measure_stillness
from reelqueue.render.images.saliency import find_focus
from reelqueue.specs.clips.clip import ClipCut
from reelqueue.specs.formats import scale_size

_LONGER_SIDE = 320  # of the small frames, in pixels
_EACH_SECOND = 6  # frames that are looked at
_SCENE = re.compile(r"pts:(\d+)")


class _Eye:
    """Takes RGB frames of one size as bytes, in pieces of any length, and sees what is in each."""

    def __init__(self, size: Size, step: int, finder: FaceFinder | None) -> None:
        self.sights: list[Sight] = []
        self._shape = (size[1], size[0], 3)
        self._bytes = size[0] * size[1] * 3
        self._step = step
        self._finder = finder
        self._rest = bytearray()
        self._last: NDArray[np.float64] | None = None

    def take(self, data: bytes) -> None:
        """Take the next bytes."""
        self._rest += data
        while len(self._rest) >= self._bytes:
            frame = np.frombuffer(bytes(self._rest[: self._bytes]), np.uint8)
            del self._rest[: self._bytes]
            self._see(frame.reshape(self._shape))

    def _see(self, picture: NDArray[np.uint8]) -> None:
        faces = self._finder.find(picture) if self._finder else ()
        blocks = split_blocks(picture)
        plane, last = shrink(blocks), self._last
        motion = None if last is None else find_motion(last, plane)
        stillness = None if last is None else measure_stillness(last, plane)
        self._last = plane
        detail = find_focus(Image.fromarray(picture))
        number = len(self.sights) * self._step
        paper = measure_paper(blocks, plane)
        self.sights.append(
            Sight(
                number,
                faces,
                motion,
                (detail.x, detail.y),
                paper,
                stillness,
                find_area(blocks),
            )
        )


def look_at_cut(
    source: list[str],
    spec: ClipCut,
    video: VideoSource,
    shot: Shot,
    finder: FaceFinder | None,
    folder: Path,
    timeout: float,
    on_sight: Callable[[int], None],
) -> tuple[list[Sight], list[int]]:
    """Return what is seen in a clip, and the frames with which scenes begin.

    Args:
        source: ffmpeg's arguments that open the video.
        spec: how it is turned.
        video: its facts.
        shot: the frames.
        finder: of faces; None if there is none.
        folder: an empty one, in which ffmpeg runs.
        timeout: seconds that it may take.
        on_sight: called often with the frames seen; it can raise to stop.
    """
    cut = shot.cut
    shown = turn(video.size, spec.rotate)
    size = scale_size(shown, Fraction(_LONGER_SIDE, max(shown)))
    step = max(1, round(cut.fps / _EACH_SECOND))
    eye = _Eye(size, step, finder)

    def take(data: bytes) -> None:
        eye.take(data)
        on_sight(min(len(eye.sights) * step, cut.frames))

    arguments = [
        *source,
        *("-filter_complex", build_sample_graph(spec, video, shot, step, size)),
        *("-map", "[v]", "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"),
        *build_loopbacks(list_loopbacks(spec, video, [shot])[0]),
    ]
    run_ffmpeg(arguments, timeout=timeout, cwd=folder, on_data=take)
    cuts = _read_scenes(folder / SCENES)
    return _forget_motion(eye.sights, cuts), cuts


def _read_scenes(path: Path) -> list[int]:
    """Return the frames that ffmpeg's filters `scdet` and `metadata` wrote down."""
    return [int(number) for number in _SCENE.findall(path.read_text())] if path.exists() else []


def _forget_motion(sights: list[Sight], cuts: list[int]) -> list[Sight]:
    """Return sights of which none compares a new scene with the one before."""
    starts = {
        after.frame
        for before, after in pairwise(sights)
        if any(before.frame < cut <= after.frame for cut in cuts)
    }
    return [
        replace(each, motion=None, stillness=None) if each.frame in starts else each
        for each in sights
    ]
