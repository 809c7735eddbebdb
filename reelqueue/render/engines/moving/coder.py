"""Closed GOPs of photos that move: few frames are drawn, and all others are written.

Of a photo, every few frames a key is drawn and encoded. The frames between two keys are B pictures:
each macroblock is copied from both, from where they show the same part of the photo. In a fade the
last key of the old photo and the first one of the new photo are mixed, each in its own motion.

Where that does not look like the frames themselves, as with small print, they are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import partial

from av.video.frame import VideoFrame

from reelqueue.h264.access_unit import AccessUnit
from reelqueue.h264.errors import OutOfRangeError
from reelqueue.h264.gop import Gop, MiniGop, code_gop
from reelqueue.h264.parameter_sets import ParameterSets, write_parameter_sets
from reelqueue.h264.pictures import MotionPicture
from reelqueue.h264.slice_header import ISlice
from reelqueue.planning.keys import (
    DrawnPiece,
    Piece,
    Trial,
    WrittenPiece,
    choose_trials,
    list_pieces,
)
from reelqueue.planning.spans import Span, TransitionSpan
from reelqueue.planning.still_plan import DrawnGop
from reelqueue.planning.timeline import Timeline
from reelqueue.render.engines.moving.correction import correct
from reelqueue.render.engines.moving.gaps import Draw, Gap, list_gaps
from reelqueue.render.engines.moving.keys import Key, encode_keys
from reelqueue.render.engines.moving.likeness import (
    PHOTO,
    TRANSITION,
    Errors,
    Tolerance,
    decode_frames,
    looks_alike,
    measure_errors,
)
from reelqueue.render.engines.still_drawn import encode_drawn
from reelqueue.render.frames.draw import PhotoWindow, draw_spans, list_drawings
from reelqueue.render.frames.narrated_photo import NarratedPhoto
from reelqueue.render.frames.prefetch import call_ahead

_IDR_PIC_ID = 4  # and one more: others have lower ones


class MovingCoder:
    """Codes GOPs of photos that move.

    Args:
        timeline: of the video.
        parameter_sets: those of the stream.
    """

    def __init__(self, timeline: Timeline, parameter_sets: ParameterSets) -> None:
        self._timeline = timeline
        self._parameter_sets = parameter_sets
        self._written_sets = write_parameter_sets(parameter_sets, timeline.frame_rate)

    def code(self, gop: DrawnGop, photos: PhotoWindow) -> list[AccessUnit] | None:
        """Return the access units of a GOP that may be written; None if it must be drawn."""
        pictures = [photos.take(photo) for photo in sorted(gop.photos)]
        if any(isinstance(picture, NarratedPhoto) for picture in pictures):
            return None
        coded: list[AccessUnit] = []
        for number, piece in enumerate(list_pieces(gop.spans)):
            units = self._code_piece(piece, photos, _IDR_PIC_ID + number % 2)
            if units is None:
                return None
            coded += _renumber(units, len(coded))
        return coded

    def _code_piece(
        self, piece: Piece, photos: PhotoWindow, idr_pic_id: int
    ) -> list[AccessUnit] | None:
        if isinstance(piece, DrawnPiece):
            return self._draw(piece.span, photos)
        try:
            gaps = list_gaps(piece, self._timeline, photos)
        except OutOfRangeError:
            return self._code_apart(piece, photos, idr_pic_id)
        on_photo = choose_trials(piece.span, self._timeline.frame_rate)
        on_transition = piece.list_transition_trials(self._timeline)
        trials = [*on_photo, *on_transition]
        draws = self._list_drawings(piece, photos)
        tried = {trial.frame: draws[trial.frame] for trial in trials}
        gop, drawn = self._write(gaps, tried, {trial.key for trial in trials})
        coded = list(code_gop(self._parameter_sets, gop, idr_pic_id))
        shown = {
            number: frame
            for number, frame in decode_frames(self._written_sets, coded, set(drawn))
            if number in drawn
        }
        if not _pass(on_photo, shown, drawn, PHOTO):
            return None
        if not _pass(on_transition, shown, drawn, TRANSITION):
            return self._code_apart(piece, photos, idr_pic_id)
        return coded

    def _code_apart(
        self, piece: WrittenPiece, photos: PhotoWindow, idr_pic_id: int
    ) -> list[AccessUnit] | None:
        """Write the photo, and draw the transition."""
        assert piece.transition
        alone = self._code_piece(replace(piece, transition=None), photos, idr_pic_id)
        if alone is None:
            return None
        return [*alone, *_renumber(self._draw(piece.transition, photos), piece.span.frames)]

    def _write(
        self, gaps: Sequence[Gap], tried: Mapping[int, Draw], wanted: Collection[int]
    ) -> tuple[Gop, dict[int, VideoFrame]]:
        """Return a GOP, and the frames of trials and some keys as they are drawn."""
        drawn: dict[int, VideoFrame] = {}
        writing: list[list[Future[MotionPicture]]] = []
        # One thread, while x264 encodes: more would wait for each other, as Python runs only one.
        with ThreadPoolExecutor(1, "motion") as pool:
            trying = pool.submit(_draw_all, tried)
            pictures = call_ahead((gap.draw_key for gap in gaps), pool, 1)

            def take_keys() -> Iterator[Key]:
                before = None
                for picture, gap in zip(pictures, gaps, strict=True):
                    writing.append(
                        [pool.submit(call) for call in self._list_calls(gap, picture, before)]
                    )
                    if gap.key in wanted:
                        drawn[gap.key] = picture
                    yield Key(picture, gap.is_intra, gap.is_shared)
                    before = picture

            idr, *slices = encode_keys(take_keys(), self._timeline, self._parameter_sets)
            written = [[frame.result() for frame in frames] for frames in writing]
            drawn |= trying.result()
        assert isinstance(idr, ISlice)
        return Gop(idr, 1, list(map(MiniGop, written[1:], slices))), drawn

    def _list_calls(
        self, gap: Gap, after: VideoFrame, before: VideoFrame | None
    ) -> Iterator[Callable[[], MotionPicture]]:
        """Yield what writes each frame of a gap, given the keys behind it and before it."""
        for number, written in enumerate(gap.written, 1):
            if written.lacking is None or not written.lacking.any():
                yield written.write
                continue
            assert before
            following = Fraction(number, len(gap.written) + 1)
            keys, pps = (after, before), self._parameter_sets.pps
            yield partial(correct, written, keys, following, self._timeline, pps)

    def _draw(self, span: TransitionSpan, photos: PhotoWindow) -> list[AccessUnit]:
        return list(encode_drawn(draw_spans([span], self._timeline.size, photos), self._timeline))

    def _list_drawings(self, piece: WrittenPiece, photos: PhotoWindow) -> list[Draw]:
        spans: list[Span] = [piece.span, piece.transition] if piece.transition else [piece.span]
        size = self._timeline.size
        return [draw for span in spans for draw in list_drawings(span, size, photos)]


def _draw_all(draws: Mapping[int, Draw]) -> dict[int, VideoFrame]:
    return {number: draw() for number, draw in draws.items()}


def _pass(
    trials: Iterable[Trial],
    shown: Mapping[int, VideoFrame],
    drawn: Mapping[int, VideoFrame],
    tolerance: Tolerance,
) -> bool:
    def measure(frame: int) -> Errors:
        return measure_errors(shown[frame], drawn[frame])

    return all(looks_alike(measure(trial.frame), measure(trial.key), tolerance) for trial in trials)


def _renumber(units: Sequence[AccessUnit], start: int) -> list[AccessUnit]:
    return [unit._replace(frame=start + unit.frame) for unit in units]
