"""Send pictures to ffmpeg while it runs, each from the frame on in which it is seen.

They go through a pipe as uncompressed video in a NUT container, which has a time for each picture,
so that a picture is sent once however long it is seen, and none waits in memory or on the disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import partial
from typing import IO

import av
import numpy as np
from PIL import Image

from reelqueue.planning.framing import Size
from reelqueue.render.ffmpeg.feed import Feed

Area = tuple[int, int, int, int]
"""`(left, top, right, bottom)` in pixels of the frame."""
INPUT = ("-f", "nut", "-analyzeduration", "0", "-probesize", "32", "-i", "pipe:0")
"""The arguments of ffmpeg that read what `feed_pictures` writes to its standard input."""


def feed_pictures(area: Area, pictures: Iterable[tuple[int, Image.Image]], fps: Fraction) -> Feed:
    """Return the feed of an ffmpeg that draws RGBA pictures over an area of its frames.

    Args:
        area: `(left, top, right, bottom)` in pixels.
        pictures: each with the number of the frame from which on it is seen.
        fps: frames a second.
    """
    size = area[2] - area[0], area[3] - area[1]
    return partial(_send_pictures, pictures, size, fps)


def _send_pictures(
    pictures: Iterable[tuple[int, Image.Image]], size: Size, fps: Fraction, pipe: IO[bytes]
) -> None:
    """Write pictures of one size to ffmpeg.

    Raises:
        BrokenPipeError: if it has ended.
    """
    with av.open(pipe, "w", format="nut") as container:
        stream = container.add_stream("rawvideo", rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "rgba"
        stream.time_base = stream.codec_context.time_base = 1 / fps
        for number, picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), "rgba")
            frame.pts, frame.time_base = number, 1 / fps
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def build_overlay_filters(
    source: str, number: int, area: Area, frames: int, output: str
) -> list[str]:
    """Return the chains that draw the pictures of an input on `[source]`, as `[output]`.

    Args:
        source: the name of the frames.
        number: of the input.
        area: `(left, top, right, bottom)` of the pictures in the frame, in pixels.
        frames: how many frames there are. While pictures come, `overlay` would repeat the last one.
        output: the name of the frames with the pictures on them.
    """
    overlay = f"overlay={area[0]}:{area[1]}:format=yuv420,trim=end_frame={frames}"
    return [
        f"[{number}:v]scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[over{number}]",
        f"[{source}][over{number}]{overlay}[{output}]",
    ]
