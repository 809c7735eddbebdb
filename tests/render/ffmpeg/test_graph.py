"""What is scaled for a clip, and that its pixels are those of the whole picture, scaled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reelqueue.planning.clips.cut import Shot, align_cut
from reelqueue.planning.focus.view import CropPath, View
from reelqueue.planning.framing import Size, place_crop
from reelqueue.render.ffmpeg.color import Color
from reelqueue.render.ffmpeg.graph import build_graph, fit_picture, list_loopbacks
from reelqueue.render.ffmpeg.loopback import build_loopbacks
from reelqueue.render.ffmpeg.run import run_ffmpeg
from reelqueue.render.ffmpeg.source import VideoSource, probe_source
from reelqueue.render.focus.moving_crop import COMMANDS, list_crop_commands
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.picture import Point
from tests.render.conftest import Make
from tests.render.test_clip import make_video, plan_video


@pytest.mark.render
@pytest.mark.parametrize(
    ("source", "order"),
    [
        ("320x180", {"resolution": "180x320"}),
        ("320x180", {"resolution": "180x320", "focus": {"x": 0.05, "y": 0.5}}),
        ("320x180", {"resolution": "180x320", "focus": {"x": 0.93, "y": 0.5}}),
        ("320x180", {"resolution": "90x160", "saturation": 0.4}),
        ("320x180", {"resolution": "100x100"}),
        ("180x320", {"resolution": "320x180", "focus": {"x": 0.5, "y": 0.3}}),
        ("320x180", {"resolution": "180x320", "rotate": 180}),
        ("1920x1200", {"resolution": "120x200", "focus": {"x": 0.7, "y": 0.5}}),
        ("1200x1920", {"resolution": "200x120"}),
        ("321x181", {"resolution": "180x320"}),
    ],
)
def test_crop_has_the_pixels_of_the_whole_picture(
    make_media: Make, tmp_path: Path, source: str, order: Mapping[str, Any]
) -> None:
    pattern = f"testsrc2=s={source}:r=10:d=0.3,format=yuv444p"
    path = make_media("pattern.mkv", "-f", "lavfi", "-i", pattern, "-qp", "0")
    spec, video = ClipSpec.model_validate({"fit": "crop", **order}), probe_source(path)
    assert spec.size
    picture = fit_picture(spec, video, plan_video(spec, video))
    focus = spec.focus if isinstance(spec.focus, Point) else Point(x=0.5, y=0.5)
    corner = place_crop(spec.size, picture, focus)
    moving = [View(each, picture) for each in (corner, *([(0, 0), (2, 2)] * 20))]  # of all of it
    shown, expected = (draw(spec, video, path, tmp_path, crop) for crop in (None, moving))
    assert shown.std() > 20
    assert np.abs(shown - expected).max() <= 1


def draw(
    spec: ClipSpec, video: VideoSource, source: Path, folder: Path, crop: CropPath | None
) -> NDArray[np.int16]:
    """Return the planes of the first frame of a clip, not encoded."""
    assert spec.size
    cut = plan_video(spec, video)
    shots = [Shot(cut, align_cut(cut, video.times))]
    if crop:
        (folder / COMMANDS.format(0)).write_text(list_crop_commands(0, crop, cut.fps))
    graph = build_graph(spec, video, shots, paths=[crop])
    output = ["-map", "[v]", "-frames:v", "1", "-f", "rawvideo", "frame.yuv"]
    loopbacks = build_loopbacks(*list_loopbacks(spec, video, shots, [crop]))
    run_ffmpeg(
        ["-i", str(source), "-filter_complex", graph, *output, *loopbacks], timeout=60, cwd=folder
    )
    frame = np.fromfile(folder / "frame.yuv", np.uint8).astype(np.int16)
    assert len(frame) == spec.size[0] * spec.size[1] * 3 // 2
    return frame


@pytest.mark.parametrize(
    ("source", "resolution", "most"),
    [
        ((1920, 1080), "1080x1920", 1.1),
        ((1920, 1080), "1080x1350", 1.1),
        ((3840, 2160), "1080x1920", 1.1),
        ((2160, 3840), "1920x1080", 1.1),
    ],
)
def test_little_more_is_scaled_than_seen(source: Size, resolution: str, most: float) -> None:
    spec = ClipSpec.model_validate({"fit": "crop", "resolution": resolution})
    video = replace(make_video(), coded_size=source, size=source)
    cut = plan_video(spec, video)
    shots = [Shot(cut, align_cut(cut, video.times))]
    sizes = re.findall(r"scale=(\d+):(\d+)", build_graph(spec, video, shots))
    assert spec.size
    area = spec.size[0] * spec.size[1]
    assert sizes
    assert max(int(width) * int(height) for width, height in sizes) <= most * area


def test_only_what_is_seen_of_large_pictures_waits_in_memory() -> None:
    spec = ClipSpec.model_validate({"fit": "crop", "resolution": "1080x1920"})
    video = replace(make_video(), coded_size=(3840, 2160), size=(3840, 2160))
    cut = plan_video(spec, video)
    shots = [Shot(cut, align_cut(cut, video.times))]
    (loopback,) = list_loopbacks(spec, video, shots)
    assert "crop=1096:1920:1158:0,copy" in loopback.filters
    assert "yuv420p" in loopback.filters
    assert "bwdif" not in build_graph(spec, video, shots)


def test_large_pictures_in_hdr_keep_their_bits_until_they_are_converted() -> None:
    color = Color("tv", "bt2020nc", "bt2020", "smpte2084")
    video = replace(make_video(), coded_size=(3840, 2160), size=(3840, 2160), color=color)
    cut = plan_video(ClipSpec(), video)
    (loopback,) = list_loopbacks(ClipSpec(), video, [Shot(cut, align_cut(cut, video.times))])
    assert "yuv420p" not in loopback.filters
