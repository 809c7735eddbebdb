"""Find the faces in a clip, and where its crop is in each frame if it follows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.planning.captions.cues import Placed
from reelqueue.planning.clips.cut import Cut, Shot, align_cut
from reelqueue.planning.clips.edit import Edit
from reelqueue.planning.focus.crop_path import lead_over, plan_path
from reelqueue.planning.focus.faces import SeenFace, place_faces
from reelqueue.planning.focus.subjects import Sight
from reelqueue.planning.focus.view import CropPath, View
from reelqueue.planning.framing import center, place_crop
from reelqueue.render.ffmpeg.graph import MIDDLE, fit_picture
from reelqueue.render.ffmpeg.source import VideoSource, build_shot_arguments
from reelqueue.render.focus.faces import NOT_AVOIDED, NOT_FOLLOWED, FaceFinder, has_faces
from reelqueue.render.focus.sights import look_at_cut
from reelqueue.specs.clips.clip import ClipCut
from reelqueue.specs.clips.reframe import ClipFit
from reelqueue.specs.picture import Point

TIMEOUT_SECONDS = 24 * 3600.0  # a job has a limit of its own, which an operator may set to hours
_LONGEST_PAUSE = 3.0  # seconds left out between two cuts of what is mostly one scene


@dataclass(frozen=True)
class Watch:
    """What of a clip is looked at: the cuts that its crop follows something in, or all for faces.

    `warnings` are sentences about what is missing for that.
    """

    followed: Sequence[Cut]
    cuts: Sequence[Cut]
    warnings: tuple[str, ...]

    @property
    def frames(self) -> int:
        """How many frames are looked at."""
        return sum(cut.frames for cut in self.cuts)


@dataclass(frozen=True)
class Watched:
    """The paths of crops that follow something, and all faces."""

    paths: Mapping[Cut, CropPath] = field(default_factory=dict)
    faces: tuple[SeenFace, ...] = ()


@dataclass(frozen=True)
class _Seen:
    """What was seen in a cut, and the frames with which its scenes begin."""

    cut: Cut
    sights: Sequence[Sight]
    scenes: Sequence[int]

    def goes_on_in(self, cut: Cut) -> bool:
        """Tell whether another cut follows after a pause at most."""
        return 0 <= cut.start - (self.cut.start + self.cut.source_duration) <= _LONGEST_PAUSE


def plan_watch(spec: ClipCut, video: VideoSource, edit: Edit, captions: Placed) -> Watch:
    """Return what is looked at before a clip is rendered."""
    followed = [
        cut for cut in edit.cuts if cut.follows and fit_picture(spec, video, cut) != cut.size
    ]
    avoids = spec.avoids_faces and bool(captions.captions)
    if has_faces():
        return Watch(followed, edit.cuts if avoids else followed, ())
    warnings = (*((NOT_FOLLOWED,) if followed else ()), *((NOT_AVOIDED,) if avoids else ()))
    return Watch(followed, followed, warnings)


def watch_clip(
    source: Path,
    spec: ClipCut,
    video: VideoSource,
    edit: Edit,
    watch: Watch,
    folder: Path,
    on_sight: Callable[[int], None],
) -> Watched:
    """Return what is seen in a clip.

    Args:
        source: the video.
        spec: how the frames are filled.
        video: its facts.
        edit: the frames.
        watch: what is looked at.
        folder: for temporary folders.
        on_sight: called often with the frames seen so far; it can raise to stop.

    Raises:
        RenderError: if ffmpeg fails.
    """
    if not watch.cuts:
        return Watched()
    finder = FaceFinder() if has_faces() else None
    paths, faces, passed = dict[Cut, CropPath](), list[SeenFace](), 0
    before: _Seen | None = None
    for cut in watch.cuts:
        shot = Shot(cut, align_cut(cut, video.times))
        with TemporaryDirectory(dir=folder, prefix="focus-") as name:
            sights, scenes = look_at_cut(
                build_shot_arguments(source, video, shot),
                spec,
                video,
                shot,
                finder,
                Path(name),
                TIMEOUT_SECONDS,
                partial(_add, on_sight, passed),
            )
        if cut in watch.followed:
            picture, last = fit_picture(spec, video, cut), paths[before.cut][-1] if before else None
            path = plan_path(sights, scenes, cut.frames, cut.fps, picture, cut.size, before=last)
            if before and before.goes_on_in(cut):
                earlier = paths[before.cut]
                paths[before.cut] = lead_over(earlier, before.sights, before.scenes, path[0])
            paths[cut], before = path, _Seen(cut, sights, scenes)
        first = edit.positions[edit.cuts.index(cut)]
        faces += _place_faces(spec, video, cut, sights, first, paths.get(cut))
        passed += cut.frames
    return Watched(paths, tuple(faces))


def _add(on_sight: Callable[[int], None], before: int, seen: int) -> None:
    on_sight(before + seen)


def _place_faces(
    spec: ClipCut,
    video: VideoSource,
    cut: Cut,
    sights: Sequence[Sight],
    first: int,
    path: CropPath | None,
) -> Iterator[SeenFace]:
    """Yield the faces of a cut that begins with frame `first` of the clip."""
    if path:
        return place_faces(sights, first, cut.size, path.__getitem__)
    picture = fit_picture(spec, video, cut)
    if cut.fit is ClipFit.CROP:
        focus = cut.focus if isinstance(cut.focus, Point) else MIDDLE
        corner = place_crop(cut.size, picture, focus)
    else:
        left, top = center(picture, cut.size)
        corner = -left, -top
    return place_faces(sights, first, cut.size, lambda _: View(corner, picture))
