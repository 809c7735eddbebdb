"""Find where a crop is in each frame of a clip that follows faces, or else what moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.planning.clips.cut import Shot
from reelqueue.planning.focus.crop_path import plan_path
from reelqueue.render.ffmpeg.graph import fit_picture
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.focus.faces import MISSING, FaceFinder, has_faces
from reelqueue.render.focus.moving_crop import CropPath
from reelqueue.render.focus.sights import look_at_cut
from reelqueue.specs.clips.clip import ClipCut


@dataclass(frozen=True)
class Followed:
    """The path of a crop, if it moves with something, and sentences about what was missing."""

    path: CropPath | None = None
    warnings: tuple[str, ...] = ()


def follow_focus(
    source: list[str],
    spec: ClipCut,
    video: VideoSource,
    shot: Shot,
    folder: Path,
    timeout: float,
    on_sight: Callable[[int], None],
) -> Followed:
    """Return the path of the crop of one cut; none unless its focus is `auto` and it cuts off some.

    Args:
        source: ffmpeg's arguments that open the video.
        spec: how the frames are filled.
        video: its facts.
        shot: the frames of a cut.
        folder: for a temporary folder.
        timeout: seconds that it may take.
        on_sight: called often with the frames seen; it can raise to stop.
    """
    cut = shot.cut
    picture = fit_picture(spec, video, cut.size)
    if not spec.follows or picture == cut.size:
        return Followed()
    finder = FaceFinder() if has_faces() else None
    with TemporaryDirectory(dir=folder, prefix="focus-") as name:
        sights, cuts = look_at_cut(source, spec, video, shot, finder, Path(name), timeout, on_sight)
    path = plan_path(sights, cuts, cut.frames, cut.fps, picture, cut.size)
    return Followed(path, () if finder else (MISSING,))
