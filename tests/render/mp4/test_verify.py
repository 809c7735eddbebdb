"""A finished video is refused unless it is complete."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from reelqueue.errors import RenderError
from reelqueue.media.facts import RenderStage
from reelqueue.render.images.photos import Photo
from reelqueue.render.mp4.mux import mux_pieces
from reelqueue.render.mp4.verify import check_video
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.slideshow import Engine, SlideshowSpec

pytestmark = pytest.mark.render

SPEC = SlideshowSpec(duration=1.0, transition_duration=0.4, resolution="320x180")


@pytest.fixture(params=[Engine.STILL, Engine.X264])
def video(request: pytest.FixtureRequest, tmp_path: Path, photo_paths: list[Path]) -> Path:
    def ignore(done: int, total: int, stage: RenderStage) -> None:
        pass

    photos = [Photo(path, path.name) for path in photo_paths[:3]]
    output = tmp_path / "video.mp4"
    render_slideshow(photos, SPEC, output, engine=request.param, on_progress=ignore)
    return output


def test_complete_video_passes(video: Path) -> None:
    check_video(video, 90)


def test_video_with_another_number_of_frames_is_refused(video: Path) -> None:
    with pytest.raises(RenderError, match="90 frames instead of 91"):
        check_video(video, 91)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.95])
def test_truncated_video_is_refused(video: Path, part: float) -> None:
    data = video.read_bytes()
    video.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(RenderError):
        check_video(video, 90)


def test_video_with_a_damaged_keyframe_is_refused(video: Path) -> None:
    """The first coded frame follows the header of `mdat`."""
    data = bytearray(video.read_bytes())
    start = data.index(b"mdat") + 400
    data[start : start + 3000] = bytes(3000)
    video.write_bytes(data)
    with pytest.raises(RenderError):
        check_video(video, 90)


def test_scenes_that_follow_each_other_closely_are_no_damage(tmp_path: Path) -> None:
    """With one reference picture x264 codes the second scene as an I picture without a keyframe."""
    piece, output = tmp_path / "piece.mp4", tmp_path / "video.mp4"
    scenes = np.random.default_rng(3).integers(0, 256, (2, 180, 320, 3), np.uint8)
    with av.open(str(piece), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.options = {"preset": "veryfast", "x264-params": "bframes=0:ref=1"}
        for number in range(20):
            frame = av.VideoFrame.from_ndarray(scenes[int(number >= 6)], format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    mux_pieces([piece, piece], Fraction(25), [], output)
    check_video(output, 40)
