"""The captions of a photo or card that follow what is spoken, picture by picture."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from threading import Lock
from typing import NamedTuple

from PIL import Image

from reelqueue.media.transcripts import Segment, Transcript
from reelqueue.planning.captions.cues import plan_captions
from reelqueue.planning.captions.words import TimedWord
from reelqueue.planning.clips.cut import Cut
from reelqueue.planning.clips.edit import Edit
from reelqueue.planning.framing import Size
from reelqueue.planning.narration import LEAD, Spoken
from reelqueue.planning.timeline import Shown
from reelqueue.processes.cores import count_cores
from reelqueue.render.frames.overlays import YuvOverlay, to_yuv_overlay
from reelqueue.render.images.captions import Overlay
from reelqueue.render.images.clip_captions.film import film_captions
from reelqueue.render.shaper import has_shaper
from reelqueue.specs.clips.captions import Captioning, ClipCaptionStyle, CueSheet, Times, Word
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.narration import NarrationStyle
from reelqueue.text.layout import Corners

_DRAWN_AT_ONCE = 3  # frames for each core, at most: so many pictures are kept behind the latest


class _State(NamedTuple):
    first: int
    overlay: Overlay | None
    yuv: YuvOverlay | None


class NarrationFilm:
    """Captions over a photo; threads may ask for frames that are near each other, in any order.

    Args:
        area: of the frame in which they are, in pixels.
        pictures: of the area, each with the frame from which on it is seen, from 0 on.
        frames: how many have captions; those behind, of the transition to the next photo, do not.
    """

    def __init__(
        self, area: Corners, pictures: Iterator[tuple[int, Image.Image]], frames: int
    ) -> None:
        self._area, self._pictures, self._frames = area, pictures, frames
        self._lock = Lock()
        self._recent: deque[_State] = deque(maxlen=_DRAWN_AT_ONCE * count_cores() + 1)
        self._following = next(pictures, None)

    def find_yuv(self, frame: int) -> YuvOverlay | None:
        """Return what is over a frame, numbered from the first that shows the photo."""
        return self._find(frame).yuv

    def find(self, frame: int) -> Overlay | None:
        """Return the same as an RGBA image."""
        return self._find(frame).overlay

    def _find(self, frame: int) -> _State:
        if not 0 <= frame < self._frames:
            return _State(frame, None, None)
        with self._lock:
            while self._following and self._following[0] <= frame:
                self._recent.append(_draw(*self._following, self._area))
                self._following = next(self._pictures, None)
            states = [state for state in self._recent if state.first <= frame]
        return states[-1] if states else _State(frame, None, None)


def film_narration(
    spoken: Spoken, style: NarrationStyle, shown: Shown, fps: Fraction, size: Size
) -> NarrationFilm | None:
    """Return the captions of a photo that follow what is spoken; None if nothing is.

    Args:
        spoken: the words, and when they are spoken.
        style: the look of the captions.
        shown: which frames show the photo.
        fps: frames a second.
        size: `(width, height)` of the frame in pixels.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    frames = shown.frames - shown.fade_out
    look = ClipCaptionStyle.model_validate(style.model_dump())
    sheet = _write_sheet(spoken, look, float(shown.fade_in / fps + LEAD))
    if not sheet or frames <= 0:
        return None
    spec = ClipSpec(captions=sheet, caption_style=look)
    edit = Edit((Cut(0.0, frames, fps, size),))
    film = film_captions(spec, edit, plan_captions(spec, edit, has_shaper))
    return NarrationFilm(film.area, film.draw(0), frames) if film else None


def _write_sheet(spoken: Spoken, style: ClipCaptionStyle, start: float) -> CueSheet | None:
    """Return captions of what is spoken from a second on."""
    words = [_to_word(word, start) for word in spoken.words if word.text.strip()]
    if not words:
        return None
    segment = Segment(
        start=words[0].start,
        end=max(start + spoken.seconds, words[-1].end, words[0].start + 0.001),
        text=" ".join(word.text for word in words),
        words=tuple(words),
    )
    sheet = Transcript(segments=(segment,)).to_sheet(Captioning(caption_style=style))
    return sheet.model_copy(update={"times": Times.CLIP})


def _to_word(word: TimedWord, start: float) -> Word:
    return Word(start=word.start + start, end=word.end + start, text=word.text.strip())


def _draw(first: int, picture: Image.Image, area: Corners) -> _State:
    """Return the part of a picture that is not empty; its place and its sides are even."""
    box = picture.getbbox()
    if box is None:
        return _State(first, None, None)
    left, top = (edge // 2 * 2 for edge in box[:2])
    right, bottom = (-(-edge // 2) * 2 for edge in box[2:])
    overlay = Overlay(picture.crop((left, top, right, bottom)), area[0] + left, area[1] + top)
    return _State(first, overlay, to_yuv_overlay(overlay))
