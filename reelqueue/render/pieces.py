"""Encode the pictures of a clip in pieces: each is one cut, or the fade between two.

Each piece is one run of ffmpeg, so a clip of hundreds of cuts takes no more memory than one of a
single cut. `reelqueue/render/ffmpeg/graph.py` has the filters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from PIL import Image

from reelqueue.planning.captions import Caption
from reelqueue.planning.cut import Shot, align_cut, slice_shot
from reelqueue.planning.edit import Edit, Piece, list_pieces
from reelqueue.render.ffmpeg.graph import build_graph, list_loopbacks
from reelqueue.render.ffmpeg.loopback import build_loopbacks
from reelqueue.render.ffmpeg.overlay import INPUT, send_pictures
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.images.caption_stack import draw_stacks
from reelqueue.render.images.captions import find_clip_area
from reelqueue.render.threads import count_encoder_threads
from reelqueue.specs.clip import ClipCut

CRF = 20  # of x264
TIMEOUT_SECONDS = 3600.0


def encode_pieces(
    source: Path,
    video: VideoSource,
    spec: ClipCut,
    edit: Edit,
    captions: Sequence[Caption],
    folder: Path,
    *,
    preset: str,
    on_frames: Callable[[int], None],
) -> list[Path]:
    """Encode the pictures of a clip; return its pieces, MP4 files without sound, in their order.

    Args:
        source: the video.
        video: its details.
        spec: how the frames are filled.
        edit: the frames.
        captions: those that are drawn, by their first frame.
        folder: for the pieces.
        preset: preset of x264.
        on_frames: called with the frames encoded so far; it can raise to stop the work.

    Raises:
        RenderError: if ffmpeg fails.
    """
    pieces = []
    strip = _CaptionStrip(draw_stacks(captions, edit.size)) if captions else None
    for number, piece in enumerate(list_pieces(edit)):
        path = folder / f"piece-{number}.mp4"
        shots = [
            slice_shot(Shot(part.cut, align_cut(part.cut, video.times)), part.first, piece.frames)
            for part in piece.parts
        ]
        run_ffmpeg(
            _build_arguments(source, video, spec, shots, preset, path.name, has_words=bool(strip)),
            timeout=TIMEOUT_SECONDS,
            cwd=folder,
            on_progress=partial(_report, piece, on_frames),
            feed=partial(strip.send, piece, edit) if strip else None,
        )
        pieces.append(path)
    return pieces


def _report(piece: Piece, on_frames: Callable[[int], None], done: int) -> None:
    on_frames(piece.first + min(done, piece.frames))


def _build_arguments(
    source: Path,
    video: VideoSource,
    spec: ClipCut,
    shots: Sequence[Shot],
    preset: str,
    output: str,
    *,
    has_words: bool,
) -> list[str]:
    area = find_clip_area(shots[0].cut.size) if has_words else None
    return [
        *(argument for shot in shots for argument in _build_source_arguments(source, video, shot)),
        *(INPUT if area else ()),
        *("-filter_complex", build_graph(spec, video, shots, area)),
        *("-map", "[v]", "-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
        *("-c:v", "libx264", "-preset", preset, "-crf", str(CRF), "-pix_fmt", "yuv420p"),
        *("-threads", str(count_encoder_threads())),
        *("-color_range", "tv", "-colorspace", "bt709"),
        *("-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-fflags", "+bitexact", "-f", "mp4"),
        output,
        *build_loopbacks(*list_loopbacks(spec, video, shots)),
    ]


def _build_source_arguments(source: Path, video: VideoSource, shot: Shot) -> list[str]:
    # ffmpeg's accurate seek drops a frame that begins before `start` and is still shown then.
    # Without it, the `fps` filter gets all frames from the keyframe on, and keeps that one.
    start = shot.alignment.seek
    seek = ["-noaccurate_seek", "-ss", f"{start:.6f}"] if start else []
    return [
        *seek,
        *build_input_arguments(source, video.media_format.demuxer, video.stream.decoder),
    ]


class _CaptionStrip:
    """The pictures of all captions, which the pieces take in their order."""

    def __init__(self, pictures: Iterator[tuple[int, Image.Image]]) -> None:
        self._pictures = pictures
        self._shown = next(pictures)
        self._next = next(pictures, None)

    def send(self, piece: Piece, edit: Edit, pipe: IO[bytes]) -> None:
        """Send the pictures that a piece shows to the ffmpeg that encodes it."""
        left, top, right, bottom = find_clip_area(edit.size)
        pictures = self._take(piece.first, piece.first + piece.frames)
        send_pictures(pictures, (right - left, bottom - top), edit.fps, pipe)

    def _take(self, first: int, end: int) -> Iterator[tuple[int, Image.Image]]:
        self._advance(first + 1)
        yield 0, self._shown[1]
        while self._next and self._next[0] < end:
            self._advance(self._next[0] + 1)
            yield self._shown[0] - first, self._shown[1]

    def _advance(self, end: int) -> None:
        """Go on to the last picture that is shown before frame `end`."""
        while self._next and self._next[0] < end:
            self._shown, self._next = self._next, next(self._pictures, None)
