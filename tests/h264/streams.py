"""Stills of x264, and both decoders that everything written here must please."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import skimage.data
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray
from PIL import Image

from reelqueue.h264.access_unit import parse_idr_access_unit
from reelqueue.h264.gop import Gop, write_byte_stream
from reelqueue.h264.parameter_sets import ParameterSets
from reelqueue.h264.slice_header import ISlice
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.render.frames.yuv import to_picture

DECODERS = ("h264", "libopenh264")
RATE = Fraction(25)

Frames = NDArray[np.uint8]


@cache
def encode_still(name: str, size: tuple[int, int], options: str = "keyint=1") -> bytes:
    """Return x264's access unit of one of scikit-image's pictures."""
    image = Image.fromarray(getattr(skimage.data, name)()).resize(size)
    context = VideoCodecContext.create("libx264", "w")
    context.width, context.height = size
    context.pix_fmt, context.time_base, context.thread_type = "yuv420p", 1 / RATE, "FRAME"
    context.options = {"x264-params": f"cabac=0:bframes=0:weightp=0:{options}"}
    packets = [*context.encode(to_picture(image)), *context.encode(None)]
    (packet,) = packets
    return bytes(packet)


@cache
def encode_move(
    size: tuple[int, int], options: str = "ref=1:weightp=0", name: str = "astronaut"
) -> tuple[bytes, ...]:
    """Return x264's access units of a picture that moves to the left: an IDR and three P."""
    image = Image.fromarray(getattr(skimage.data, name)()).resize((2 * size[0], size[1]))
    context = VideoCodecContext.create("libx264", "w")
    context.width, context.height = size
    context.pix_fmt, context.time_base, context.thread_type = "yuv420p", 1 / RATE, "FRAME"
    context.options = {"x264-params": f"cabac=0:bframes=0:scenecut=0:{options}"}
    packets = []
    for number in range(4):
        picture = to_picture(image.crop((4 * number, 0, 4 * number + size[0], size[1])))
        picture.pts = number
        packets += context.encode(picture)
    return tuple(bytes(packet) for packet in (*packets, *context.encode(None)))


def make_still(
    name: str, size: tuple[int, int], options: str = "keyint=1"
) -> tuple[ParameterSets, ISlice]:
    return parse_idr_access_unit(encode_still(name, size, options))


def decode(video: Path | bytes, size: tuple[int, int]) -> Frames:
    """Decode a file or a byte stream; return planar YUV, a row a frame.

    libavcodec and OpenH264 must both be content, and agree.
    """
    outputs = [_decode_with(decoder, video, size) for decoder in DECODERS]
    assert outputs[0].shape == outputs[1].shape
    assert np.array_equal(outputs[0], outputs[1])
    return outputs[0]


def decode_gops(
    parameter_sets: ParameterSets, gops: list[Gop], size: tuple[int, int]
) -> tuple[list[Frames], list[Frames]]:
    """Return luma and chroma (both planes below each other) of all frames."""
    frames = decode(write_byte_stream(parameter_sets, gops, RATE), size)
    width, height = size
    luma, chroma = np.split(frames, [width * height], axis=1)
    return (
        list(luma.reshape(-1, height, width)),
        list(chroma.reshape(-1, height, width // 2)),
    )


def trace_headers(stream: bytes) -> list[dict[str, int]]:
    """Return the syntax elements of all headers, as ffmpeg reads them, by their standard names.

    Table entries have their index behind their name: `luma_weight_l0[1]`.
    """
    source = ["-f", "h264", "-i", "pipe:", "-c", "copy", "-bsf:v", "trace_headers"]
    done = subprocess.run(
        [find_ffmpeg(), "-nostdin", "-xerror", *source, "-f", "null", "-"],
        input=stream,
        capture_output=True,
        check=True,
    )
    log = done.stderr.decode().partition("Packet: ")[2]  # the parameter sets precede it once more
    parts = re.split(r"(?:Sequence Parameter Set|Picture Parameter Set|Slice Header)\n", log)[1:]
    found = [re.findall(r"\d+ +(\w+(?:\[\d\])*) +[01]+ = (-?\d+)", part) for part in parts]
    return [{name: int(value) for name, value in elements} for elements in found]


def _decode_with(decoder: str, video: Path | bytes, size: tuple[int, int]) -> Frames:
    strict = ["-nostdin", "-v", "warning", "-xerror", "-err_detect", "explode", "-threads", "1"]
    source = ["-i", str(video)] if isinstance(video, Path) else ["-f", "h264", "-i", "pipe:"]
    result = ["-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:"]
    done = subprocess.run(
        [find_ffmpeg(), *strict, "-c:v", decoder, *source, *result],
        input=None if isinstance(video, Path) else video,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b"", done.stderr.decode()
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, size[0] * size[1] * 3 // 2)
