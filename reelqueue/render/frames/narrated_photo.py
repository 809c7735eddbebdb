"""Photos over which captions follow what is spoken."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from av.video.frame import VideoFrame

from reelqueue.render.frames.ken_burns import MovingPhoto
from reelqueue.render.frames.overlays import YuvOverlay, blend_overlay
from reelqueue.render.frames.worded_photo import WordedPhoto
from reelqueue.render.frames.yuv import copy_picture


class Film(Protocol):
    """Captions that change from frame to frame."""

    def find_yuv(self, frame: int) -> YuvOverlay | None:
        """Return what is over a frame, numbered from the first that shows the photo."""
        ...


class NarratedPhoto(NamedTuple):
    """A photo as it is shown, and the captions over it."""

    photo: VideoFrame | WordedPhoto | MovingPhoto
    film: Film

    def write(self, view: VideoFrame, frame: int) -> VideoFrame:
        """Return a view of the photo with the captions of a frame."""
        overlay = self.film.find_yuv(frame)
        if overlay is None:
            return view
        written = copy_picture(view)
        blend_overlay(written, overlay)
        return written
