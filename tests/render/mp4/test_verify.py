"""A finished video is refused unless it is complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelqueue.errors import RenderError
from reelqueue.media.facts import RenderStage
from reelqueue.render.images.photos import Photo
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
