"""The frames of a timeline, drawn in YUV planes: BT.709, limited range, 4:2:0.

A frame that repeats a photo is that photo's own picture, passed on without a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from typing import NamedTuple, TypeVar

from av.video.frame import VideoFrame

from reelqueue.planning.camera import Move
from reelqueue.planning.timeline import PhotoSpan, Span, Timeline, TransitionSpan
from reelqueue.planning.transitions.base import TransitionFrame, fade_to
from reelqueue.planning.transitions.fade import find_middle
from reelqueue.planning.transitions.registry import list_frames
from reelqueue.processes.cores import count_cores
from reelqueue.render.frames.ken_burns import MovingPhoto, draw_view
from reelqueue.render.frames.prefetch import call_ahead
from reelqueue.render.frames.transitions import draw_transition


class WordedPhoto(NamedTuple):
    """A photo with its words, and without them."""

    shown: VideoFrame
    plain: VideoFrame


Picture = VideoFrame | WordedPhoto | MovingPhoto
"""A photo as it is shown, or one that moves."""

Loaded = TypeVar("Loaded", bound=Picture)


def prepare_pictures(
    load: Callable[[int], Loaded], photos: Iterable[int]
) -> Generator[Loaded, None, None]:
    """Yield the pictures of some photos, in order; a thread loads the next one meanwhile."""
    with ThreadPoolExecutor(1, "photos") as pool:
        yield from call_ahead((partial(load, photo) for photo in photos), pool, 1)


def draw_frames(timeline: Timeline, pictures: Iterator[Picture]) -> Iterator[VideoFrame]:
    """Yield every frame of a timeline, given the pictures of all its photos, in order."""
    return draw_spans(timeline.spans, timeline.size, PhotoWindow(enumerate(pictures)))


class PhotoWindow:
    """The pictures of the photos around the current frame, each loaded when it is first needed.

    Args:
        numbered: photos by their numbers, in order, each with its picture.
    """

    def __init__(self, numbered: Iterator[tuple[int, Picture]]) -> None:
        self._numbered = numbered
        self._kept: dict[int, Picture] = {}

    def take(self, photo: int) -> Picture:
        """Return a photo's picture."""
        while photo not in self._kept:
            number, picture = next(self._numbered)
            self._kept[number] = picture
        return self._kept[photo]

    def forget_before(self, photo: int) -> None:
        """Drop the pictures of the photos before this one: no further frame needs them."""
        for past in [kept for kept in self._kept if kept < photo]:
            del self._kept[past]


def draw_spans(
    spans: Iterable[Span], size: tuple[int, int], photos: PhotoWindow
) -> Iterator[VideoFrame]:
    """Yield the frames of some spans; all cores draw, a few frames ahead.

    Args:
        size: the video's `(width, height)` in pixels.
        photos: all that the spans show.
    """
    threads = count_cores()
    with ThreadPoolExecutor(threads, "frames") as pool:
        yield from call_ahead(_list_all_drawings(spans, size, photos), pool, 2 * threads)


def _list_all_drawings(
    spans: Iterable[Span], size: tuple[int, int], photos: PhotoWindow
) -> Iterator[Callable[[], VideoFrame]]:
    for span in spans:
        photos.forget_before(span.photo)
        yield from list_drawings(span, size, photos)


def list_drawings(
    span: Span, size: tuple[int, int], photos: PhotoWindow
) -> Iterator[Callable[[], VideoFrame]]:
    """Yield a function for each frame of a span: it draws the frame."""
    if isinstance(span, TransitionSpan) and span.parts_words:
        yield from _list_parted(span, size, photos)
        return
    show = partial(_show, photos.take(span.photo), span.move, size=size)
    if isinstance(span, PhotoSpan):
        for number in range(span.frames):
            yield partial(show, number)
        return
    show_next = partial(_show, photos.take(span.next_photo), span.next_move, size=size)
    for number, frame in enumerate(list_frames(span.transition, span.frames, size)):
        yield partial(_draw_transition, show, show_next, number, frame)


def draw_middle(span: TransitionSpan, size: tuple[int, int], photos: PhotoWindow) -> VideoFrame:
    """Draw the frame in the middle of a fade that parts words: it has none."""
    old, new = (_get_plain(photos.take(photo)) for photo in span.photos)
    frames = list(list_frames(span.transition, span.frames, size))
    return draw_transition(frames[find_middle(span.frames) - 1], old, new)


def _list_parted(
    span: TransitionSpan, size: tuple[int, int], photos: PhotoWindow
) -> Iterator[Callable[[], VideoFrame]]:
    """Yield a function for each frame of a fade that parts words, by way of its middle."""
    old, new = (_show(photos.take(photo), None, 0, size=size) for photo in span.photos)
    middle, place = draw_middle(span, size, photos), find_middle(span.frames)
    for number in range(1, place + 1):
        yield partial(draw_transition, fade_to(Fraction(number, place)), old, middle)
    for number in range(1, span.frames - place + 1):
        share = Fraction(number, span.frames - place)
        yield partial(draw_transition, fade_to(share), middle, new)


def _get_plain(picture: Picture) -> VideoFrame:
    assert isinstance(picture, WordedPhoto)
    return picture.plain


def _show(picture: Picture, move: Move | None, number: int, *, size: tuple[int, int]) -> VideoFrame:
    if isinstance(picture, VideoFrame):
        return picture
    if isinstance(picture, WordedPhoto):
        return picture.shown
    assert move
    return draw_view(picture, move, number, size)


def _draw_transition(
    show: Callable[[int], VideoFrame],
    show_next: Callable[[int], VideoFrame],
    number: int,
    frame: TransitionFrame,
) -> VideoFrame:
    return draw_transition(frame, show(number), show_next(number))
