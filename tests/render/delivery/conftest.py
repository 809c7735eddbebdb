"""Finished videos of these tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reelqueue.media.facts import OnProgress, RenderFacts, RenderStage
from reelqueue.planning.soundtrack import Track
from reelqueue.render.clip import render_clip
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.slideshow import Engine, SlideshowSpec

MakeVideo = Callable[..., tuple[Path, RenderFacts]]


def ignore_progress(done: int, total: int, stage: RenderStage) -> None:
    pass


@pytest.fixture
def make_slideshow(tmp_path: Path, photo_paths: list[Path], song_path: Path) -> MakeVideo:
    """Return a function that makes a slideshow: `make_slideshow(target="email", ...)`."""

    def make(
        paths: list[Path] = photo_paths[:3],
        engine: Engine = Engine.STILL,
        *,
        has_sound: bool = True,
        folder: Path = tmp_path,
        **order: Any,
    ) -> tuple[Path, RenderFacts]:
        output = folder / "slideshow.mp4"
        facts = render_slideshow(
            [Photo(path, path.name) for path in paths],
            SlideshowSpec(**order),
            output,
            tracks=[Track(song_path, 4.0)] if has_sound else [],
            engine=engine,
            on_progress=ignore_progress,
        )
        return output, facts

    return make


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeVideo:
    """Return a function that makes a clip: `make_clip(source, target="email", ...)`."""

    def make(
        source: Path, on_progress: OnProgress = ignore_progress, **order: Any
    ) -> tuple[Path, RenderFacts]:
        output = tmp_path / "clip.mp4"
        return output, render_clip(source, ClipSpec(**order), output, on_progress=on_progress)

    return make
