"""Threads follow the cores that this process may use, not the processors of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from reelqueue.media.facts import RenderStage
from reelqueue.processes import cores
from reelqueue.render.clip import render_clip
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.render.threads import count_decoder_threads, count_encoder_threads
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.photo import Motion
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from tests.render.conftest import Make, find_ffmpegs

pytestmark = pytest.mark.render


@pytest.fixture
def one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container with the quota of one core."""

    def list_quotas(_: Path) -> Iterator[float]:
        yield 1.0

    monkeypatch.setattr(cores, "_list_quotas", list_quotas)


@pytest.mark.parametrize(("processors", "threads"), [(1, 1), (2, 3), (4, 6), (8, 8), (64, 8)])
def test_encoder_has_half_more_threads_than_cores_up_to_eight(
    monkeypatch: pytest.MonkeyPatch, processors: int, threads: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(processors))
    monkeypatch.setattr(cores, "_list_quotas", lambda _: iter(()))
    assert count_encoder_threads() == threads


@pytest.mark.parametrize(
    ("processors", "decoded", "encoded", "threads"),
    [
        (1, (3840, 2160), (1080, 1920), 1),
        (2, (1920, 1088), (1080, 1920), 3),
        (2, (2560, 1440), (1080, 1920), 2),
        (2, (3840, 2160), (1080, 1920), 1),
        (4, (3840, 2160), (1080, 1920), 3),
        (8, (1920, 1080), (1080, 1920), 8),
        (8, (2160, 3840), (1080, 1920), 3),
        (8, (2160, 3840), (360, 640), 1),
        (8, (3840, 2160), (3840, 2160), 5),
    ],
)
def test_encoder_has_fewer_threads_beside_a_decoder_of_large_pictures(
    monkeypatch: pytest.MonkeyPatch,
    processors: int,
    decoded: tuple[int, int],
    encoded: tuple[int, int],
    threads: int,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(processors))
    monkeypatch.setattr(cores, "_list_quotas", lambda _: iter(()))
    assert count_encoder_threads(decoded, encoded) == threads


@pytest.mark.parametrize(
    ("processors", "size", "threads"),
    [
        (1, (1920, 1080), 2),
        (2, (1920, 1088), 2),
        (2, (3840, 2160), 1),
        (2, (2160, 3840), 1),
        (4, (3840, 2160), 2),
    ],
)
def test_few_cores_decode_large_pictures_in_one_thread(
    monkeypatch: pytest.MonkeyPatch, processors: int, size: tuple[int, int], threads: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(processors))
    monkeypatch.setattr(cores, "_list_quotas", lambda _: iter(()))
    assert count_decoder_threads(size) == threads


@pytest.mark.skipif(os.cpu_count() == 1, reason="needs more processors than the quota has cores")
@pytest.mark.parametrize(
    ("engine", "motion"),
    [(Engine.STILL, Motion.NONE), (Engine.STILL, Motion.ZOOM_IN), (Engine.X264, Motion.NONE)],
)
@pytest.mark.usefixtures("one_core")
def test_slideshow_on_one_core_has_a_thread_for_each_of_its_parts(
    photo_paths: list[Path], tmp_path: Path, engine: Engine, motion: Motion
) -> None:
    """Two load photos and one draws frames; x264 works in the thread that calls it."""
    before, most = len(os.listdir("/proc/self/task")), 0

    def look(done: int, total: int, stage: RenderStage) -> None:  # noqa: ARG001
        nonlocal most
        most = max(most, len(os.listdir("/proc/self/task")))

    spec = SlideshowSpec(duration=0.4, resolution="320x180", motion=motion)
    photos = [Photo(path, path.name) for path in photo_paths[:2]]
    render_slideshow(photos, spec, tmp_path / "video.mp4", engine=engine, on_progress=look)
    assert most <= before + 3


@pytest.mark.usefixtures("one_core")
def test_clip_of_large_pictures_on_one_core_is_decoded_by_one_thread_into_one_graph(
    make_media: Make, tmp_path: Path
) -> None:
    seen: list[list[str]] = []

    def look(done: int, total: int, stage: RenderStage) -> None:  # noqa: ARG001
        if stage == "rendering":
            with suppress(psutil.NoSuchProcess):  # it has just ended
                seen.extend(process.cmdline() for process in find_ffmpegs())

    pattern = ("-f", "lavfi", "-i", "testsrc2=s=2560x1440:r=10:d=6")
    source = make_media("large.mp4", *pattern, "-preset", "ultrafast")
    render_clip(source, ClipSpec(), tmp_path / "clip.mp4", on_progress=look)
    encoders = [command for command in seen if "libx264" in command]
    assert encoders
    assert all(command[command.index("-threads") + 1] == "1" for command in encoders)
    assert not any("-dec" in command for command in encoders)  # many pictures would wait in memory


@pytest.mark.usefixtures("one_core")
def test_ffmpeg_on_one_core_filters_and_encodes_with_one_thread_each(
    talkie: Path, tmp_path: Path
) -> None:
    seen: list[list[str]] = []

    def look(done: int, total: int, stage: RenderStage) -> None:  # noqa: ARG001
        with suppress(psutil.NoSuchProcess):  # it has just ended
            seen.extend(process.cmdline() for process in find_ffmpegs())

    render_clip(talkie, ClipSpec(), tmp_path / "clip.mp4", on_progress=look)
    encoders = [command for command in seen if "libx264" in command]  # others hear the sound
    assert encoders
    for command in encoders:
        encoder = command[command.index("-c:v") :]
        given = [
            command[command.index("-filter_complex_threads") + 1],
            encoder[encoder.index("-threads") + 1],
        ]
        assert given == ["1", "1"]
