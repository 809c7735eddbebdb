"""See a video: how much its pictures change, and some of them for a filmstrip.

ffmpeg decodes it once, and sends small pictures through a pipe. Only a few of them are in memory.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reelqueue.errors import UnreadableMediaError
from reelqueue.planning.analysis.scenes import Changes, choose_rate, count_flash
from reelqueue.planning.framing import Size, contain
from reelqueue.render.ffmpeg.color import build_color_filters, build_fit_filters
from reelqueue.render.ffmpeg.loopback import Loopback, build_loopbacks
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.render.ffmpeg.streams import UNREADABLE

FILM_FRAMES = 20
TIMEOUT_SECONDS = 3600.0

_BOX = (160, 160)  # pixels that a picture fits into
_COMPARED_SIDE = 32  # of the pictures that are compared: less is seen of noise and of small motion


@dataclass(frozen=True)
class Seen:
    """How much the pictures of a video change, and some of them in equal distances."""

    changes: Changes
    film: list[Image.Image]


def watch_pictures(
    source: Path, video: VideoSource, folder: Path, on_second: Callable[[int], None]
) -> Seen:
    """Decode all pictures of a video.

    Args:
        source: the file.
        video: what is known of it.
        folder: an empty one.
        on_second: called with the number of seconds that have been seen; it can raise to stop.

    Raises:
        UnreadableMediaError: if there is no picture.
        RenderError: if ffmpeg fails.
    """
    rate, size = choose_rate(video.rate.fps), contain(video.size, _BOX)
    viewer = _Viewer(size, rate, video.duration, on_second)
    run_ffmpeg(
        _build_arguments(source, video, rate, size),
        timeout=TIMEOUT_SECONDS,
        cwd=folder,
        on_data=viewer.feed,
    )
    return viewer.finish()


def _build_arguments(source: Path, video: VideoSource, rate: Fraction, size: Size) -> list[str]:
    # Edges of blocks are not seen in pictures this small. In B pictures they add up to nothing, and
    # a tenth of the time is saved. Of more pictures than are looked at, some need no decoding.
    rough = ["-skip_loop_filter", "bidir"]
    if rate < video.rate.fps:
        rough += ["-skip_frame", "noref"]
    colors = build_color_filters(video.color, video.size, size, has_alpha=video.has_alpha)
    to_rgb = "scale=in_color_matrix=bt709:in_range=tv:out_range=pc,format=rgb24"
    frames = math.ceil(video.duration * rate)
    graph = f"[dec:0]fps={rate}:start_time=0,trim=end_frame={frames},{colors},{to_rgb}[v]"
    # Each pixel counts, as `bicubic` would have it; `area` takes half of the time for it.
    fit = build_fit_filters(video.color, video.coded_size, size, "area")
    return [
        *rough,
        *build_input_arguments(source, video.media_format.demuxer, video.stream.decoder),
        *("-filter_complex", graph, "-map", "[v]", "-f", "rawvideo", "pipe:1"),
        *build_loopbacks(Loopback("v", f"0:{video.stream.index}", fit)),
    ]


class _Viewer:
    """Takes the pictures as they come, and compares each with those before it."""

    def __init__(
        self, size: Size, rate: Fraction, duration: float, on_second: Callable[[int], None]
    ) -> None:
        self._size, self._rate, self._on_second = size, rate, on_second
        self._flash = count_flash(float(rate))
        self._bytes = size[0] * size[1] * 3
        self._rest, self._last = bytearray(), b""
        self._count, self._seconds = 0, 0
        self._recent: deque[NDArray[np.int16]] = deque(maxlen=self._flash + 2)
        self._step, self._lasting = array("f"), array("f")
        middles = (duration * (number + 0.5) / FILM_FRAMES for number in range(FILM_FRAMES))
        self._wanted = deque(int(middle * rate) for middle in middles)
        self._film: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Take the next bytes, which can end within a picture."""
        self._rest += data
        while len(self._rest) >= self._bytes:
            self._last = bytes(self._rest[: self._bytes])
            del self._rest[: self._bytes]
            self._compare(self._last)
            self._keep_film(self._count)
            self._count += 1
        seconds = int(self._count / self._rate)
        if seconds > self._seconds:
            self._seconds = seconds
            self._on_second(seconds)

    def finish(self) -> Seen:
        """Return what was seen; the last picture stays until the end.

        Raises:
            UnreadableMediaError: if there was no picture.
        """
        if not self._count:
            raise UnreadableMediaError(UNREADABLE)
        recent = list(self._recent)
        olds = [recent[0], *recent[:-1]][len(self._lasting) - self._count :]
        self._lasting.extend(_measure_difference(old, recent[-1]) for old in olds)
        self._film += [self._last] * (FILM_FRAMES - len(self._film))
        film = [Image.frombytes("RGB", self._size, frame) for frame in self._film]
        return Seen(Changes(float(self._rate), self._step, self._lasting), film)

    def _compare(self, frame: bytes) -> None:
        picture = Image.frombuffer("RGB", self._size, frame, "raw", "RGB", 0, 1)
        small = picture.reduce(max(1, max(self._size) // _COMPARED_SIDE))
        pixels = np.asarray(small, np.int16)
        self._step.append(_measure_difference(self._recent[-1], pixels) if self._recent else 0.0)
        self._recent.append(pixels)
        if self._count >= self._flash:
            self._lasting.append(_measure_difference(self._recent[0], pixels))

    def _keep_film(self, number: int) -> None:
        while self._wanted and self._wanted[0] <= number:
            self._wanted.popleft()
            self._film.append(self._last)


def _measure_difference(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """Return the mean difference of two pictures, of 255."""
    return float(np.abs(one - other).mean())
