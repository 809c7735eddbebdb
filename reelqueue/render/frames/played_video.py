"""Videos that play in the place of photos: their frames come in order, and each is shown once."""

from __future__ import annotations

from threading import Lock

import numpy as np
from av.video.frame import VideoFrame

from reelqueue.planning.framing import Size
from reelqueue.processes.cores import count_cores
from reelqueue.render.frames.frame_reader import FrameReader
from reelqueue.render.frames.overlays import YuvOverlay, blend_overlay
from reelqueue.render.frames.yuv import copy_picture, list_planes

_DRAWN_AT_ONCE = 3  # frames for each core, at most: so many are kept behind the latest


class PlayedVideo:
    """A video that plays, and the caption that stands still over it.

    Threads may ask for frames that are near each other, in any order.

    Args:
        reader: of YUV 4:2:0 frames, plane after plane; who made it closes it.
        size: of a frame, `(width, height)` in pixels, both even.
        caption: what stands over each frame; None for nothing.
    """

    def __init__(self, reader: FrameReader, size: Size, caption: YuvOverlay | None = None) -> None:
        self.reader, self._size, self._caption = reader, size, caption
        self._lock = Lock()
        self._recent: dict[int, VideoFrame] = {}
        self._read = 0

    def show(self, number: int) -> VideoFrame:
        """Return frame `number`, from 0, with the caption.

        Raises:
            RenderError: if the video cannot be decoded.
        """
        return self.show_both(number)[0]

    def show_both(self, number: int) -> tuple[VideoFrame, VideoFrame]:
        """Return a frame with the caption and without it. Raises what `show` raises."""
        with self._lock:
            while self._read <= number:
                self._recent[self._read] = _to_frame(self.reader.read(), self._size)
                self._recent.pop(self._read - _DRAWN_AT_ONCE * count_cores(), None)
                self._read += 1
            plain = self._recent[number]
        if self._caption is None:
            return plain, plain
        shown = copy_picture(plain)
        blend_overlay(shown, self._caption)
        return shown, plain


def _to_frame(data: bytes, size: Size) -> VideoFrame:
    frame, start = VideoFrame(*size, "yuv420p"), 0
    for plane in list_planes(frame):
        plane[:] = np.frombuffer(data, np.uint8, plane.size, start).reshape(plane.shape)
        start += plane.size
    return frame
