"""The frames of a photo that moves as keys, and gaps between them in which frames are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from av.video.frame import VideoFrame

from reelqueue.planning.camera import Box, Move, find_box
from reelqueue.planning.framing import Size
from reelqueue.planning.keys import WrittenPiece, find_reach, spread_keys
from reelqueue.planning.spans import Movement, TransitionSpan
from reelqueue.planning.timeline import Timeline
from reelqueue.planning.transitions.base import Crossfade, Edge
from reelqueue.planning.transitions.registry import EFFECTS, list_frames
from reelqueue.render.engines.moving.predictions import (
    Sight,
    Written,
    predict_between,
    predict_edge,
    predict_mix,
)
from reelqueue.render.frames.draw import PhotoWindow, Picture, list_drawings
from reelqueue.render.frames.ken_burns import MovingPhoto
from reelqueue.render.frames.regions import (
    DrawRegion,
    draw_parted_region,
    draw_transition_region,
    find_words,
    show_region,
)
from reelqueue.render.frames.yuv import draw_grey

Draw = Callable[[], VideoFrame]


class Gap(NamedTuple):
    """The frames between two keys, and the key behind them.

    Attributes:
        written: the frames between the keys.
        key: the number of the key's frame in its piece.
        draw_key: draws the key.
        is_intra: whether the key shows something else than the one before.
        is_shared: whether the key may be the picture of a photo that stands.
    """

    written: Sequence[Written]
    key: int
    draw_key: Draw
    is_intra: bool
    is_shared: bool


class _Photo(NamedTuple):
    """A photo in a span, which moves or stands."""

    picture: Picture
    move: Movement | None
    size: Size

    def find_box(self, number: int) -> Box:
        """Return the box of it that frame `number`, from 0, of the span shows."""
        if isinstance(self.picture, MovingPhoto):
            assert isinstance(self.move, Move)
            photo = self.picture
            return find_box(self.move, number, photo.size, photo.focus, self.size)
        return (0, 0, *self.size)

    def see(self, number: int, key: Box) -> Sight:
        """Return it as frame `number` shows it, and a key that shows this box."""
        return Sight(self.find_box(number), key, find_words(self.picture))

    def show(self, number: int, *, is_plain: bool = False) -> DrawRegion:
        """Return what draws a region of it in frame `number`."""
        return partial(show_region, self.picture, self.move, number, self.size, is_plain=is_plain)


def list_gaps(piece: WrittenPiece, timeline: Timeline, photos: PhotoWindow) -> list[Gap]:
    """Return the gaps of a piece; before the first key there is nothing.

    Raises:
        OutOfRangeError: if vectors do not reach so far.
    """
    span, size = piece.span, timeline.size
    photo = _Photo(photos.take(span.photo), span.move, size)
    keys = spread_keys(span.frames, timeline.frame_rate)
    gaps = list(_list_photo_gaps(photo, keys, list(list_drawings(span, size, photos))))
    if piece.transition:
        last, targets = photo.find_box(keys[-1]), piece.list_targets(timeline)
        following = _list_transition_gaps(piece.transition, targets, last, timeline, photos)
        gaps += (gap._replace(key=keys[-1] + gap.key) for gap in following)
    return gaps


def _list_photo_gaps(photo: _Photo, keys: Sequence[int], draws: Sequence[Draw]) -> Iterator[Gap]:
    is_shared = photo.move is None
    yield Gap((), 0, draws[0], is_intra=True, is_shared=is_shared)
    for before, after in pairwise(keys):
        before_box, after_box = photo.find_box(before), photo.find_box(after)
        written = [
            predict_between(
                photo.see(frame, after_box),
                photo.see(frame, before_box),
                photo.show(frame),
                photo.size,
            )
            for frame in range(before + 1, after)
        ]
        yield Gap(written, after, draws[after], is_intra=False, is_shared=is_shared)


def _list_transition_gaps(
    span: TransitionSpan, targets: Sequence[int], last: Box, timeline: Timeline, photos: PhotoWindow
) -> Iterator[Gap]:
    """Yield the gaps of a transition behind the key that shows the box `last` of its photo.

    Their keys are numbered from that one.
    """
    size = timeline.size
    draws = list(list_drawings(span, size, photos))
    grey = EFFECTS[span.transition].dip
    old = _Photo(photos.take(span.photo), span.move, size)
    new = _Photo(photos.take(span.next_photo), span.next_move, size)
    frames = list(list_frames(span.transition, span.frames, size))
    for start, end in pairwise([0, *targets]):
        before = old.find_box(start - 1) if start else last
        after = new.find_box(end - 1)
        written = []
        for number in range(start, end - 1):
            frame = frames[number]
            assert isinstance(frame, Crossfade | Edge)
            sights = old.see(number, before), new.see(number, after)
            draw = _prepare_drawing(span, old, new, number, frame)
            written.append(_predict(span, (start, end), frame, *sights, draw, timeline))
        draw_key = draws[end - 1]
        if grey is not None and end < span.frames:
            draw_key = partial(draw_grey, size, grey)
        yield Gap(written, end, draw_key, is_intra=True, is_shared=new.move is None)


def _predict(
    span: TransitionSpan,
    keys: tuple[int, int],
    frame: Crossfade | Edge,
    old: Sight,
    new: Sight,
    draw: DrawRegion,
    timeline: Timeline,
) -> Written:
    """Predict a frame of a transition from the keys before and behind it, numbered from 0."""
    size = timeline.size
    if isinstance(frame, Crossfade):  # between two keys on the way, one of them is a grey
        mixed = old if keys[0] == 0 else None, new if keys[1] == span.frames else None
        return predict_mix(frame, *mixed, draw, size)
    before, after = (EFFECTS[span.transition].show(key, span.frames, size) for key in keys)
    assert isinstance(before, Edge)
    assert isinstance(after, Edge)
    reach = find_reach(timeline, is_level=True)
    return predict_edge(frame, (old, before), (new, after), draw, size, reach)


def _prepare_drawing(
    span: TransitionSpan, old: _Photo, new: _Photo, number: int, frame: Crossfade | Edge
) -> DrawRegion:
    """Return what draws a region of frame `number`, from 0, of a transition."""
    shown = old.show(number), new.show(number)
    if span.parts_words:
        plain = old.show(number, is_plain=True), new.show(number, is_plain=True)
        return partial(draw_parted_region, shown, plain, number, span.frames)
    return partial(draw_transition_region, frame, *shown, size=old.size)
