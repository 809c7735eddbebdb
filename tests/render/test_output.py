"""Finished slideshows: every property of the file and every colour."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from reelqueue.planning.timeline import build_timeline
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.photo import PhotoSpec, Transition
from reelqueue.specs.slideshow import Engine, SlideshowSpec

pytestmark = pytest.mark.render

# size, fps, seconds per photo, photos, transition, level by Table A-1 of ITU-T H.264
TABLE = [
    ("320x240", 24, 3, 3, Transition.FADE, 13),
    ("320x240", 25, 0.2, 1000, Transition.WIPE_DOWN, 13),
    ("640x360", 25, 60, 2, Transition.FADE_BLACK, 30),
    ("1080x1920", 29.97, 1, 3, Transition.WIPE_UP, 40),
    ("1080x1080", 50, 1, 3, Transition.FADE_WHITE, 40),
    ("1920x1080", 60, 1.15, 3, Transition.PUSH_LEFT, 42),
    ("1280x720", 30, 2, 1, Transition.FADE, 31),
    ("1921x1079", 25, 0.5, 2, Transition.SLIDE_RIGHT, 40),
    ("3840x2160", 30, 0.4, 3, Transition.FADE, 51),
    ("3840x2160", 60, 0.2, 2, Transition.PUSH_DOWN, 52),
    ("2160x3840", 23.976, 0.3, 2, Transition.SLIDE_LEFT, 51),
]


def ignore_progress(done: int, total: int, stage: str) -> None:
    pass


def render(paths: list[Path], spec: SlideshowSpec, output: Path, engine: Engine) -> Path:
    photos = [Photo(path, path.name) for path in paths]
    render_slideshow(photos, spec, output, engine=engine, on_progress=ignore_progress)
    return output


@pytest.mark.parametrize(
    ("resolution", "fps", "duration", "photo_count", "transition", "level"), TABLE
)
def test_file_has_exact_properties(
    tmp_path: Path,
    photo_paths: list[Path],
    resolution: str,
    fps: float,
    duration: float,
    photo_count: int,
    transition: Transition,
    level: int,
) -> None:
    spec = SlideshowSpec(
        resolution=resolution,
        fps=fps,
        duration=duration,
        transition=transition,
        transition_duration=min(1.0, duration / 2),
    )
    paths = (shrink_photos(photo_paths, tmp_path) * photo_count)[:photo_count]

    path = render(paths, spec, tmp_path / "video.mp4", Engine.STILL)

    frames = round(photo_count * Fraction(str(duration)) * spec.frame_rate)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert stream.time_base is not None
        packets = [packet for packet in container.demux(stream) if packet.size]
        assert (context.width, context.height) == spec.size
        assert context.sample_aspect_ratio == 1
        assert stream.average_rate == spec.frame_rate
        assert (stream.start_time, stream.frames) == (0, frames)
        assert stream.duration is not None
        assert stream.duration * stream.time_base == frames / spec.frame_rate
        assert context.extradata is not None
        assert context.extradata[3] == level  # of the first sequence parameter set, in avcC
        tick = 1 / spec.frame_rate / stream.time_base
    assert sorted((packet.pts or 0) / tick for packet in packets) == list(range(frames))
    keys = {(packet.pts or 0) / tick for packet in packets if packet.is_keyframe}
    assert keys >= set(build_timeline(spec, [PhotoSpec()] * photo_count).photo_starts())
    assert path.read_bytes().index(b"moov") < path.read_bytes().index(b"mdat")
    assert count_decoded(path) == frames


def shrink_photos(paths: list[Path], folder: Path) -> list[Path]:
    """Copy photos as small JPEGs, so that a thousand of them are read in seconds."""
    copies = [folder / f"{path.stem}.jpg" for path in paths]
    for path, copy in zip(paths, copies, strict=True):
        with Image.open(path) as photo:
            small = photo.convert("RGB")
        small.thumbnail((400, 400))
        small.save(copy)
    return copies


def count_decoded(path: Path) -> int:
    """Return the number of frames that ffmpeg decodes, without any warning."""
    strict = ("-nostdin", "-v", "warning", "-xerror", "-err_detect", "explode")
    result = ("-fps_mode", "passthrough", "-f", "framecrc", "pipe:")
    done = subprocess.run(
        [find_ffmpeg(), *strict, "-i", path, *result], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    return sum(not line.startswith("#") for line in done.stdout.splitlines())


BARS = (
    *((255, 255, 255), (255, 255, 0), (0, 255, 255), (0, 255, 0), (255, 0, 255), (255, 0, 0)),
    *((0, 0, 255), (0, 0, 0), (128, 128, 128), (200, 100, 50), (13, 77, 201), (250, 240, 10)),
)


@pytest.mark.parametrize("engine", Engine)
def test_colour_bars_are_exact_within_two_levels(tmp_path: Path, engine: Engine) -> None:
    bars = np.repeat(np.array([BARS], np.uint8), 64, axis=1).repeat(64, axis=0)
    Image.fromarray(bars).save(tmp_path / "bars.png")
    spec = SlideshowSpec(duration=0.4, resolution=f"{bars.shape[1]}x{bars.shape[0]}", fps=25)

    path = render([tmp_path / "bars.png"], spec, tmp_path / "video.mp4", engine)

    for number, frame in enumerate(decode_rgb(path, spec.size)):
        for bar, colour in enumerate(BARS):
            inner = frame[16:48, 64 * bar + 16 : 64 * bar + 48].astype(int)
            assert np.abs(inner - colour).max() <= 2, (number, colour)


def decode_rgb(
    path: Path, size: tuple[int, int]
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Decode as a player that follows the colour description of the file."""
    exact = "scale=flags=bicubic+accurate_rnd+full_chroma_int"
    result = ("-vf", exact, "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:")
    done = subprocess.run(
        [find_ffmpeg(), "-v", "error", "-i", path, *result], check=True, capture_output=True
    )
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, size[1], size[0], 3)
