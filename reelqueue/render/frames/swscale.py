"""Graphs of libswscale, which scales a picture and converts its colours in one pass."""

from __future__ import annotations

from fractions import Fraction

from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from reelqueue.planning.framing import Size

# Pillow's BICUBIC, a spline of Catmull and Rom. Results differ by one level here and there.
_BICUBIC = "flags=bicubic+accurate_rnd+full_chroma_inp:param0=0:param1=0.5"


def build_scaler(
    before: Size, given: str, after: Size, made: str, colors: str = "in_range=auto"
) -> Graph:
    """Return a filter graph that scales pictures.

    Args:
        before, after: `(width, height)` of what it is given and of what it makes, in pixels.
        given, made: the pixel formats of these.
        colors: options of the filter `scale` that say what the levels mean.
    """
    graph = Graph()
    graph.threads = 1  # photos are scaled at once, and threads would be started for each
    source = graph.add_buffer(
        width=before[0], height=before[1], format=VideoFormat(given), time_base=Fraction(1)
    )
    scale = graph.add("scale", f"{after[0]}:{after[1]}:{_BICUBIC}:{colors}")
    shape, sink = graph.add("format", made), graph.add("buffersink")
    source.link_to(scale)
    scale.link_to(shape)
    shape.link_to(sink)
    graph.configure()
    return graph


def scale_frame(frame: VideoFrame, graph: Graph) -> VideoFrame:
    """Return what a graph makes of a picture, which belongs to no time yet."""
    frame.pts = 0
    graph.vpush(frame)
    scaled = graph.vpull()
    scaled.pts, scaled.time_base = None, Fraction(0)  # otherwise encoders would count in seconds
    return scaled
