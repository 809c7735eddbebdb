"""Encode the pictures of a clip in pieces: a title card, one cut, or the fade between two.

Each piece is one run of ffmpeg, so a clip of hundreds of cuts takes no more memory than one of a
single cut. `reelqueue/render/ffmpeg/graph.py` has the filters. Where a clip changes only time, most
of its pictures are copied as they are coded, and only those before the first keyframe of a cut are
encoded, and at its end those that refer to pictures after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from reelqueue.planning.clips.cut import Cut, Shot, align_cut, slice_shot
from reelqueue.planning.clips.edit import Edit, Part, Piece, list_pieces
from reelqueue.planning.clips.smart_cut import Copy, changes_only_time, find_copy
from reelqueue.render.ffmpeg.graph import (
    TO_RGB,
    build_card_graph,
    build_graph,
    list_loopbacks,
)
from reelqueue.render.ffmpeg.loopback import Loopback, build_loopbacks
from reelqueue.render.ffmpeg.overlay import INPUT, Area
from reelqueue.render.ffmpeg.run import run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource, build_shot_arguments
from reelqueue.render.film_strip import FilmStrip
from reelqueue.render.focus.follow import Followed, follow_focus, list_followed
from reelqueue.render.focus.moving_crop import COMMANDS, CropPath, list_crop_commands
from reelqueue.render.images.clip_captions.film import Film
from reelqueue.render.look.cards import draw_title
from reelqueue.render.look.filters import build_fade_filters, count_lead
from reelqueue.render.look.logo import Mark
from reelqueue.render.look.still import write_still
from reelqueue.render.smart_cut.coding import Coding, read_coding
from reelqueue.render.smart_cut.copied_piece import copy_piece
from reelqueue.render.threads import count_encoder_threads
from reelqueue.specs.clips.clip import ClipSpec

CRF = 20  # of x264
_SMART_CRF = 17  # beside pictures that were encoded once only
TIMEOUT_SECONDS = 24 * 3600.0  # a job has a limit of its own, which an operator may set to hours
_PROFILES = {66: "baseline", 77: "main", 100: "high"}  # by profile_idc
_BT709 = (
    *("-color_range", "tv", "-colorspace", "bt709"),
    *("-color_primaries", "bt709", "-color_trc", "bt709"),
)

OnFrames = Callable[[int], None]


@dataclass(frozen=True)
class Pictures:
    """The pictures of a clip: MP4 files without sound, in their order.

    `copied` is how many pictures are copied; `warnings` are sentences about what was missing.
    """

    pieces: list[Path]
    copied: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Job:
    """What all pieces of a clip have in common.

    `coding` is that of the video if its pictures can be copied, else None.
    """

    source: Path
    video: VideoSource
    spec: ClipSpec
    edit: Edit
    coding: Coding | None
    mark: Mark | None
    preset: str
    folder: Path


def encode_pieces(
    source: Path,
    video: VideoSource,
    spec: ClipSpec,
    edit: Edit,
    film: Film | None,
    folder: Path,
    *,
    mark: Mark | None = None,
    preset: str,
    on_sight: OnFrames,
    on_frames: OnFrames,
) -> Pictures:
    """Encode the pictures of a clip.

    Args:
        source: the video.
        video: its details.
        spec: how the frames are filled.
        edit: the frames.
        film: what is drawn of captions; None if that is nothing.
        folder: for the pieces.
        mark: the logo; None if there is none.
        preset: preset of x264.
        on_sight: called with the frames looked at so far, of crops that follow something.
        on_frames: called with the frames encoded so far. Both can raise to stop the work.

    Raises:
        RenderError: if ffmpeg fails.
    """
    is_smart = film is None and changes_only_time(spec, edit, video.rate.fps, video.size)
    coding = read_coding(source, video) if is_smart else None
    job = _Job(source, video, spec, edit, coding, mark, preset, folder)
    followed = _follow_cuts(job, on_sight)
    strip = FilmStrip(film) if film else None

    def encode(part: Piece) -> Path:
        path = _encode(job, part, followed.paths, strip, on_frames)
        on_frames(part.first + part.frames)
        return path

    pieces, copied = list[Path](), 0
    for piece in list_pieces(edit):
        files, frames = _copy_or_encode(job, piece, encode)
        pieces, copied = [*pieces, *files], copied + frames
    return Pictures(pieces, copied, followed.warnings)


def _copy_or_encode(
    job: _Job, piece: Piece, encode: Callable[[Piece], Path]
) -> tuple[list[Path], int]:
    """Return the files of a piece, or of the three that it consists of, and what is copied."""
    copy = _find_copy(job, piece)
    if copy is None:
        return [encode(piece)], 0
    path = _name_file(job, piece, "copy")
    with ThreadPoolExecutor(1, "copy") as pool:  # while others are encoded, since few copies fail
        copying = pool.submit(copy_piece, job.source, job.video, copy, path)
        before = [encode(part) for part in _slice_piece(piece, 0, copy.first)]
        after = [encode(part) for part in _slice_piece(piece, copy.end, piece.frames)]
        if copying.result():
            return [*before, path, *after], copy.end - copy.first
    return [encode(piece)], 0


def _find_copy(job: _Job, piece: Piece) -> Copy | None:
    if job.coding is None or len(piece.parts) != 1:
        return None
    (shot,) = _list_shots(job, piece)
    return find_copy(shot, job.video.times, job.video.keys, job.video.stops)


def _slice_piece(piece: Piece, first: int, end: int) -> list[Piece]:
    """Return the frames of a piece from `first` up to but not including `end`, if there are any."""
    parts = tuple(part._replace(first=part.first + first) for part in piece.parts)
    return [Piece(piece.first + first, end - first, parts)] if end > first else []


def _follow_cuts(job: _Job, on_sight: OnFrames) -> Followed:
    spec, video = job.spec, job.video
    cuts = list_followed(spec, video, job.edit.cuts)
    shots = [Shot(cut, align_cut(cut, video.times)) for cut in cuts]
    opening = partial(build_shot_arguments, job.source, job.video)
    return follow_focus(opening, spec, video, shots, job.folder, TIMEOUT_SECONDS, on_sight)


def _encode(
    job: _Job,
    piece: Piece,
    paths: Mapping[Cut, CropPath],
    strip: FilmStrip | None,
    on_frames: OnFrames,
) -> Path:
    path = _name_file(job, piece, "piece")
    drawn = _open_shots(job, piece, paths) if piece.parts else _open_card(job, piece, paths)
    areas = [*drawn.areas, strip.area] if strip else drawn.areas
    fades = build_fade_filters(job.spec, job.edit, piece)
    run_ffmpeg(
        [
            *(*drawn.inputs, *(INPUT if strip else ())),
            *("-filter_complex", drawn.build_graph(areas, fades)),
            *("-map", "[v]", "-map_metadata", "-1", "-map_chapters", "-1"),
            *_build_coding_arguments(job),
            *("-threads", str(count_encoder_threads()), "-fflags", "+bitexact", "-f", "mp4"),
            path.name,
            *build_loopbacks(*drawn.loopbacks),
        ],
        timeout=TIMEOUT_SECONDS,
        cwd=job.folder,
        on_progress=lambda done: on_frames(piece.first + min(done, piece.frames)),
        feed=strip.feed(piece, job.edit) if strip else None,
    )
    return path


class _Drawn(NamedTuple):
    """What ffmpeg makes the pictures of a piece of, below its captions.

    `build_graph(areas, finish)` returns the graph; `areas` are those of the inputs that lie above.
    """

    inputs: list[str]
    areas: list[Area]
    build_graph: Callable[[Sequence[Area], Sequence[str]], str]
    loopbacks: Sequence[Loopback] = ()


def _open_shots(job: _Job, piece: Piece, paths: Mapping[Cut, CropPath]) -> _Drawn:
    shots, marks = _list_shots(job, piece), [job.mark] if job.mark else []
    crops = [_slice_path(paths.get(part.cut), part.first, piece.frames) for part in piece.parts]
    for number, crop in enumerate(crops):
        if crop:
            commands = list_crop_commands(number, crop, job.edit.fps)
            (job.folder / COMMANDS.format(number)).write_text(commands)
    opened = (build_shot_arguments(job.source, job.video, shot) for shot in shots)
    inputs = list(chain.from_iterable(opened))
    is_smart = job.coding is not None
    return _Drawn(
        [*inputs, *(argument for mark in marks for argument in mark.arguments)],
        [mark.area for mark in marks],
        lambda areas, finish: build_graph(
            job.spec, job.video, shots, areas, crops, finish, is_smart=is_smart
        ),
        list_loopbacks(job.spec, job.video, shots, crops),
    )


def _open_card(job: _Job, piece: Piece, paths: Mapping[Cut, CropPath]) -> _Drawn:
    """Draw a title card: the one at the start or at the end."""
    edit, is_last = job.edit, piece.first > 0
    card, cut = job.spec.cards[is_last], edit.cuts[-is_last]
    assert card is not None
    beside = Part(cut, cut.frames - 1 if is_last else 0)
    picture = draw_title(card, edit.size, lambda: _see(job, beside, paths))
    still = write_still(picture, job.folder / f"card-{piece.first}.rgb", edit.fps)
    return _Drawn(still, [], partial(build_card_graph, piece.frames))


def _see(job: _Job, part: Part, paths: Mapping[Cut, CropPath]) -> Image.Image:
    """Return a frame of a cut as an RGB image, without what is drawn over it."""
    drawn = _open_shots(replace(job, mark=None), Piece(0, 1, (part,)), paths)
    data = bytearray()
    run_ffmpeg(
        [
            *(*drawn.inputs, "-filter_complex", drawn.build_graph([], TO_RGB)),
            *("-map", "[v]", "-f", "rawvideo", "pipe:1", *build_loopbacks(*drawn.loopbacks)),
        ],
        timeout=TIMEOUT_SECONDS,
        cwd=job.folder,
        on_data=data.extend,
    )
    return Image.frombytes("RGB", job.edit.size, bytes(data))


def _list_shots(job: _Job, piece: Piece) -> list[Shot]:
    times, lead = job.video.times, count_lead(job.spec)
    return [
        slice_shot(
            Shot(part.cut, align_cut(part.cut, times)), part.first, piece.frames, times, lead
        )
        for part in piece.parts
    ]


def _name_file(job: _Job, piece: Piece, kind: str) -> Path:
    return job.folder / f"{kind}-{piece.first}.mp4"


def _slice_path(path: CropPath | None, first: int, frames: int) -> CropPath | None:
    return path[first : first + frames] if path else None


def _build_coding_arguments(job: _Job) -> list[str]:
    """Return how x264 codes: well, or so that one decoder takes its pictures after copied ones."""
    coding, common = job.coding, ["-c:v", "libx264", "-preset", job.preset, "-pix_fmt", "yuv420p"]
    if coding is None:
        return [*common, "-crf", str(CRF), *_BT709]
    pyramid = "normal" if coding.reorder > 1 else "none"
    # Decoders keep as many pictures, but x264 need not search all of them.
    options = f"sps-id={coding.free_id}:b-pyramid={pyramid}:dpb-size={max(coding.references, 1)}"
    return [
        *(*common, "-crf", str(_SMART_CRF), "-profile:v", _PROFILES[coding.profile]),
        *("-bf", str(min(coding.reorder, 1) * 3), "-x264-params", options),
    ]
