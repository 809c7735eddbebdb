"""Find where a crop is in each frame of a clip that follows faces, or else what moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.planning.clips.cut import Cut, Shot
from reelqueue.planning.focus.crop_path import plan_path
from reelqueue.render.ffmpeg.graph import fit_picture
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.focus.faces import MISSING, FaceFinder, has_faces
from reelqueue.render.focus.moving_crop import CropPath
from reelqueue.render.focus.sights import look_at_cut
from reelqueue.specs.clips.clip import ClipCut


@dataclass(frozen=True)
class Followed:
    """The paths of crops that follow something, and sentences about what was missing."""

    paths: Mapping[Cut, CropPath] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def list_followed(spec: ClipCut, video: VideoSource, cuts: Sequence[Cut]) -> list[Cut]:
    """Return the cuts that are looked at: their focus is `auto`, and some of them is cut off."""
    return [cut for cut in cuts if cut.follows and fit_picture(spec, video, cut.size) != cut.size]


def follow_focus(
    open_shot: Callable[[Shot], list[str]],
    spec: ClipCut,
    video: VideoSource,
    shots: Sequence[Shot],
    folder: Path,
    timeout: float,
    on_sight: Callable[[int], None],
) -> Followed:
    """Return the paths of the crops of a clip.

    Args:
        open_shot: returns ffmpeg's arguments that open the video for a shot.
        spec: how the frames are filled.
        video: its facts.
        shots: the frames of each cut that is looked at.
        folder: for temporary folders.
        timeout: seconds that each cut may take.
        on_sight: called often with the frames seen so far, of all shots; it can raise to stop.
    """
    if not shots:
        return Followed()
    finder = FaceFinder() if has_faces() else None
    paths, seen = {}, 0
    for shot in shots:
        paths[shot.cut] = _follow_shot(
            open_shot(shot),
            spec,
            video,
            shot,
            finder,
            folder,
            timeout,
            partial(_add, on_sight, seen),
        )
        seen += shot.cut.frames
    return Followed(paths, () if finder else (MISSING,))


def _add(on_sight: Callable[[int], None], before: int, seen: int) -> None:
    on_sight(before + seen)


def _follow_shot(
    source: list[str],
    spec: ClipCut,
    video: VideoSource,
    shot: Shot,
    finder: FaceFinder | None,
    folder: Path,
    timeout: float,
    on_sight: Callable[[int], None],
) -> CropPath:
    cut = shot.cut
    with TemporaryDirectory(dir=folder, prefix="focus-") as name:
        sights, cuts = look_at_cut(source, spec, video, shot, finder, Path(name), timeout, on_sight)
    picture = fit_picture(spec, video, cut.size)
    return plan_path(sights, cuts, cut.frames, cut.fps, picture, cut.size)
