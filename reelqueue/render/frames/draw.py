"""The frames of a timeline, drawn in YUV planes: BT.709, limited range, 4:2:0.

A frame that repeats a photo is that photo's own picture, passed on without a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from typing import TypeVar

from av.video.frame import VideoFrame

from reelqueue.planning.camera import Move
from reelqueue.planning.spans import Movement, PhotoSpan, Playback, Span, TransitionSpan
from reelqueue.planning.timeline import Timeline
from reelqueue.planning.transitions.base import TransitionFrame, fade_to
from reelqueue.planning.transitions.fade import find_middle
from reelqueue.planning.transitions.registry import list_frames
from reelqueue.processes.cores import count_cores
from reelqueue.render.frames.ken_burns import MovingPhoto, draw_view, draw_views
from reelqueue.render.frames.narrated_photo import NarratedPhoto
from reelqueue.render.frames.played_video import PlayedVideo
from reelqueue.render.frames.prefetch import call_ahead
from reelqueue.render.frames.transitions import draw_transition
from reelqueue.render.frames.worded_photo import WordedPhoto

Picture = VideoFrame | WordedPhoto | MovingPhoto | PlayedVideo | NarratedPhoto
"""A photo as it is shown, one that moves or is narrated, or a video that plays."""

Loaded = TypeVar("Loaded", bound=Picture)

_NEXT_ALONE = fade_to(Fraction(1))


def prepare_pictures(
    load: Callable[[int], Loaded], photos: Iterable[int]
) -> Generator[Loaded, None, None]:
    """Yield the pictures of some photos, in order; the next one is loaded meanwhile."""
    with ThreadPoolExecutor(2, "photos") as pool:  # the first two at once
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

    def take_all(self, photos: Iterable[int]) -> PhotoWindow:
        """Return a window of some photos alone, for another thread: all are loaded by then."""
        return PhotoWindow(iter([(photo, self.take(photo)) for photo in sorted(photos)]))

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


def draw_band(span: TransitionSpan, photos: PhotoWindow) -> tuple[range, VideoFrame]:
    """Draw the rows with words of the frame in the middle of a fade, where they have parted.

    Args:
        span: of photos that stand still.
        photos: both that it shows.

    Returns:
        `(rows, picture)`: which rows of the frame they are, in pixels, and their picture.
    """
    old, new = (photos.take(photo) for photo in span.photos)
    assert isinstance(old, WordedPhoto)
    assert isinstance(new, WordedPhoto)
    rows = range(min(old.rows.start, new.rows.start), max(old.rows.stop, new.rows.stop))
    fade = fade_to(Fraction(find_middle(span.frames), span.frames))
    return rows, draw_transition(fade, old.cut_plain(rows), new.cut_plain(rows))


def _list_parted(
    span: TransitionSpan, size: tuple[int, int], photos: PhotoWindow
) -> Iterator[Callable[[], VideoFrame]]:
    """Yield a function for each frame of a fade that parts words, by way of its middle."""
    show = partial(_show_both, photos.take(span.photo), span.move, size=size)
    show_next = partial(_show_both, photos.take(span.next_photo), span.next_move, size=size)
    for number in range(span.frames):
        yield partial(_draw_parted, show, show_next, number, span.frames)


def _draw_parted(
    show: Callable[[int], tuple[VideoFrame, VideoFrame]],
    show_next: Callable[[int], tuple[VideoFrame, VideoFrame]],
    number: int,
    frames: int,
) -> VideoFrame:
    return part_words(show(number), show_next(number), number, frames)


def part_words(
    old: tuple[VideoFrame, VideoFrame],
    new: tuple[VideoFrame, VideoFrame],
    number: int,
    frames: int,
) -> VideoFrame:
    """Draw frame `number`, from 0, of a fade: the old words go, and then the new ones come.

    Args:
        old, new: both photos with their words, and without them, or the same region of all.
        frames: how many the fade has.
    """
    (old_shown, old_plain), (new_shown, new_plain) = old, new
    place, done = find_middle(frames), number + 1
    middle = draw_transition(fade_to(Fraction(place, frames)), old_plain, new_plain)
    if done <= place:
        return draw_transition(fade_to(Fraction(done, place)), old_shown, middle)
    return draw_transition(fade_to(Fraction(done - place, frames - place)), middle, new_shown)


def _show_both(
    picture: Picture, move: Movement | None, number: int, *, size: tuple[int, int]
) -> tuple[VideoFrame, VideoFrame]:
    """Return a frame with its words, and without them; what is spoken is over before a fade."""
    if isinstance(picture, NarratedPhoto):
        picture = picture.photo
    if isinstance(picture, VideoFrame):
        return picture, picture
    if isinstance(picture, WordedPhoto):
        return picture.shown, picture.plain
    if isinstance(move, Playback):
        assert isinstance(picture, PlayedVideo)
        return picture.show_both(move.first + number)
    assert isinstance(move, Move)
    assert isinstance(picture, MovingPhoto)
    return draw_views(picture, move, number, size)


def _show(
    picture: Picture, move: Movement | None, number: int, *, size: tuple[int, int]
) -> VideoFrame:
    if isinstance(picture, NarratedPhoto):
        assert move
        return picture.write(_show(picture.photo, move, number, size=size), move.first + number)
    if isinstance(picture, VideoFrame):
        return picture
    if isinstance(picture, WordedPhoto):
        return picture.shown
    if isinstance(move, Playback):
        assert isinstance(picture, PlayedVideo)
        return picture.show(move.first + number)
    assert isinstance(move, Move)
    assert isinstance(picture, MovingPhoto)
    return draw_view(picture, move, number, size)


def _draw_transition(
    show: Callable[[int], VideoFrame],
    show_next: Callable[[int], VideoFrame],
    number: int,
    frame: TransitionFrame,
) -> VideoFrame:
    if frame == _NEXT_ALONE:
        return show_next(number)
    return draw_transition(frame, show(number), show_next(number))
