"""Encode the pictures of a clip in pieces: a title card, one cut, or the fade between two.

Each piece is one run of ffmpeg, so a clip of hundreds of cuts takes no more memory than one of a
single cut. `reelqueue/render/ffmpeg/graph.py` has the filters. Where a clip changes only time, most
of its pictures are copied as they are coded, and only those before the first keyframe of a cut are
encoded, and at its end those that refer to pictures after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from reelqueue.planning.clips.cut import Cut, Shot, align_cut, slice_shot
from reelqueue.planning.clips.edit import Edit, Part, Piece
from reelqueue.planning.clips.smart_cut import (
    Copy,
    changes_only_time,
    explain_encoding,
    find_copy,
)
from reelqueue.planning.focus.view import CropPath, View
from reelqueue.render.delivery.clip_coding import build_coding_arguments
from reelqueue.render.ffmpeg.graph import (
    TO_RGB,
    build_card_graph,
    build_graph,
    list_loopbacks,
)
from reelqueue.render.ffmpeg.loopback import (
    Loopback,
    build_loopbacks,
    join_loopbacks,
    stays_alike,
)
from reelqueue.render.ffmpeg.overlay import INPUT, Area
from reelqueue.render.ffmpeg.run import run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource, build_shot_arguments
from reelqueue.render.film_strip import FilmStrip
from reelqueue.render.focus.follow import TIMEOUT_SECONDS
from reelqueue.render.focus.moving_crop import COMMANDS, list_crop_commands
from reelqueue.render.images.clip_captions.film import Film
from reelqueue.render.look.cards import draw_title
from reelqueue.render.look.filters import build_fade_filters, count_lead
from reelqueue.render.look.logo import Mark
from reelqueue.render.look.still import write_still
from reelqueue.render.smart_cut.assembly import EncodePiece, OnFrames, assemble_piece
from reelqueue.render.smart_cut.coding import Coding, read_coding
from reelqueue.render.smart_cut.copied_piece import copy_piece
from reelqueue.render.threads import count_encoder_threads
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.clips.reframe import ClipFit


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


BitRates = Mapping[int, float]
"""The bits a second of each piece, by its first frame."""
EncodePieces = Callable[[BitRates | None], Pictures]


def open_pieces(
    source: Path,
    video: VideoSource,
    spec: ClipSpec,
    edit: Edit,
    pieces: Sequence[Piece],
    paths: Mapping[Cut, CropPath],
    film: Film | None,
    folder: Path,
    *,
    mark: Mark | None = None,
    preset: str,
    on_frames: OnFrames,
) -> EncodePieces:
    """Return a function that encodes the pictures of a clip.

    Its argument is None for the quality that was ordered. Where the clip has a limit of bytes, it
    can be called again, with bit rates.

    Args:
        source: the video.
        video: its details.
        spec: how the frames are filled.
        edit: the frames.
        pieces: all of them.
        paths: of the crops that follow something.
        film: what is drawn of captions; None if that is nothing.
        folder: for the pieces.
        mark: the logo; None if there is none.
        preset: preset of x264.
        on_frames: called with the frames encoded so far; it can raise to stop the work.

    Raises:
        RenderError: if ffmpeg fails; the function does, too.
    """
    is_smart = film is None and changes_only_time(spec, edit, video.rate.fps, video.size)
    coding = read_coding(source, video) if is_smart else None
    job = _Job(source, video, spec, edit, coding, mark, preset, folder)
    warnings: tuple[str, ...] = ()
    if film is None and video.stream.codec == "h264":
        warnings = explain_encoding(spec, edit, video.rate.fps, video.size)
    return partial(_encode_pieces, job, pieces, paths, film, warnings, on_frames)


def _encode_pieces(
    job: _Job,
    pieces: Sequence[Piece],
    paths: Mapping[Cut, CropPath],
    film: Film | None,
    warnings: tuple[str, ...],
    on_frames: OnFrames,
    bit_rates: BitRates | None,
) -> Pictures:
    strip = FilmStrip(film) if film else None

    def encode(part: Piece, on_frames: OnFrames, threads: int) -> Path:
        bit_rate = bit_rates[part.first] if bit_rates else None
        path = _encode(job, part, paths, strip, bit_rate, on_frames, threads)
        on_frames(part.first + part.frames)
        return path

    files, copied = list[Path](), 0
    for piece in pieces:
        written, frames = _copy_or_encode(job, piece, encode, on_frames)
        files, copied = [*files, *written], copied + frames
    return Pictures(files, copied, warnings)


def _copy_or_encode(
    job: _Job, piece: Piece, encode: EncodePiece, on_frames: OnFrames
) -> tuple[list[Path], int]:
    """Return the files of a piece, or of the three that it consists of, and what is copied."""
    if copy := _find_copy(job, piece):
        copied = _name_file(job, piece, "copy")
        copying = partial(copy_piece, job.source, job.video, copy, copied)
        if files := assemble_piece(piece, copy, copied, copying, encode, on_frames):
            return files, copy.end - copy.first
    threads = count_encoder_threads(job.video.coded_size, job.edit.size)
    return [encode(piece, on_frames, threads)], 0


def _find_copy(job: _Job, piece: Piece) -> Copy | None:
    if job.coding is None or len(piece.parts) != 1:
        return None
    (shot,) = _list_shots(job, piece)
    return find_copy(shot, job.video.times, job.video.keys, job.video.stops)


def _encode(
    job: _Job,
    piece: Piece,
    paths: Mapping[Cut, CropPath],
    strip: FilmStrip | None,
    bit_rate: float | None,
    on_frames: OnFrames,
    threads: int,
) -> Path:
    path, stats = _name_file(job, piece, "piece"), f"pass-{piece.first}.log"
    drawn = _open_shots(job, piece, paths) if piece.parts else _open_card(job, piece, paths)
    areas = [*drawn.areas, strip.area] if strip else drawn.areas
    graph = drawn.build_graph(areas, build_fade_filters(job.spec, job.edit, piece))
    furthest = 0

    def report(done: int) -> None:
        nonlocal furthest
        furthest = max(furthest, min(done, piece.frames))
        on_frames(piece.first + furthest)

    def run(graph: str, *loopbacks: Loopback, **telling: Any) -> None:
        run_ffmpeg(
            [
                *(*drawn.inputs, *(INPUT if strip else ()), "-filter_complex", graph),
                *("-map", "[v]", "-map_metadata", "-1", "-map_chapters", "-1"),
                *build_coding_arguments(job.spec, job.coding, job.preset, stats, bit_rate),
                *("-threads", str(threads), "-fflags", "+bitexact", "-f", "mp4"),
                path.name,
                *build_loopbacks(*loopbacks),
            ],
            timeout=TIMEOUT_SECONDS,
            cwd=job.folder,
            on_progress=report,
            feed=strip.feed(piece, job.edit) if strip else None,
            **telling,
        )

    if drawn.loopbacks:
        if stays_alike(partial(run, join_loopbacks(graph, drawn.loopbacks))):
            return path
        if strip:
            strip.rewind(piece.first)
    run(graph, *drawn.loopbacks)
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
    marks = [job.mark] if job.mark else []
    sliced = [_slice_path(paths.get(part.cut), part.first, piece.frames) for part in piece.parts]
    # If a scene changes within a fade, the first shot stays as it was seen alone before it, and the
    # second one is as it is seen alone after it.
    ends = [path[at] if path else None for path, at in zip(sliced, (0, -1), strict=False)]
    framed = map(_frame_shot, _list_shots(job, piece), sliced, ends)
    shots, crops = zip(*framed, strict=True)
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


def _frame_shot(
    shot: Shot, path: CropPath | None, alone: View | None
) -> tuple[Shot, CropPath | None]:
    """Return a shot with its crop, or as one that is shown whole, as `alone` is."""
    if not path or not alone:
        return shot, None
    if alone.is_whole:
        return shot._replace(cut=replace(shot.cut, fit=ClipFit.BLUR)), None
    return shot, [alone if view.is_whole else view for view in path]


def _slice_path(path: CropPath | None, first: int, frames: int) -> CropPath | None:
    return path[first : first + frames] if path else None
