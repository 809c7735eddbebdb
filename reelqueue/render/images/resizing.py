"""Resize pictures with libswscale, which takes a third of the time that Pillow takes."""

from __future__ import annotations

from fractions import Fraction

from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from PIL import Image

from reelqueue.planning.framing import Size
from reelqueue.render.frames.yuv import list_images

# Pillow's BICUBIC, a spline of Catmull and Rom. Results differ by one level here and there.
_BICUBIC = "flags=bicubic+accurate_rnd:param0=0:param1=0.5"
_LEAST_SIDE = 16  # pixels
_MOST_SHRINKING = 3  # beyond, Pillow averages first, which takes less memory


def resize_image(image: Image.Image, size: Size) -> Image.Image:
    """Return an image as `size=(width, height)`: bicubic, and averaged where it becomes smaller."""
    if image.mode != "RGB" or min(*image.size, *size) < _LEAST_SIDE or _shrinks_far(image, size):
        return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    if image.size == size:
        return image.copy()
    # One by one: all three at once would take a further 4 bytes for each pixel of the image.
    graph = _build_graph(image.size, size)
    return Image.merge("RGB", [_resize(image.getchannel(channel), graph) for channel in range(3)])


def _shrinks_far(image: Image.Image, size: Size) -> bool:
    return any(
        before > _MOST_SHRINKING * after for before, after in zip(image.size, size, strict=True)
    )


def _build_graph(before: Size, after: Size) -> Graph:
    """Return a filter graph that resizes images of one channel."""
    graph = Graph()
    graph.threads = 1  # photos are resized at once
    source = graph.add_buffer(
        width=before[0], height=before[1], format=VideoFormat("gray"), time_base=Fraction(1)
    )
    scale, sink = graph.add("scale", f"{after[0]}:{after[1]}:{_BICUBIC}"), graph.add("buffersink")
    source.link_to(scale)
    scale.link_to(sink)
    graph.configure()
    return graph


def _resize(channel: Image.Image, graph: Graph) -> Image.Image:
    frame = VideoFrame(*channel.size, "gray")
    frame.pts = 0
    (samples,) = list_images(frame)
    samples.paste(channel)
    graph.vpush(frame)
    (resized,) = list_images(graph.vpull())
    return resized
