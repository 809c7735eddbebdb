"""Captions keep clear of a real face, wherever it is in the clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reelqueue.media.facts import RenderFacts
from reelqueue.planning.storyboard.clearance import COVERED
from reelqueue.render.clip import render_clip
from reelqueue.render.focus.faces import NOT_AVOIDED, has_faces
from reelqueue.specs.clips.clip import ClipSpec
from tests.render.conftest import Make
from tests.render.test_clip import X264, ignore, see

pytestmark = pytest.mark.render

needs_faces = pytest.mark.skipif(
    not has_faces(), reason="needs what requirements-faces.txt installs"
)
CUES = [
    {"start": 0.2, "end": 0.8, "text": "Nobody may cover my mouth"},
    {"start": 0.9, "end": 1.9, "text": "Not once"},
]
GREEN = {"preset": "phrase", "color": "#00ff00", "highlight": "#00ff00"}


@pytest.fixture(scope="session")
def low_face(make_media: Make, carphone: Path) -> Path:
    """Two seconds of a rough picture with a man who speaks in its lower right corner."""
    graph = "[1:v]scale=240:-2,setsar=1[man];[0:v]noise=alls=20:allf=t[rough]"
    graph += ";[rough][man]overlay=W-w:H-h,format=yuv420p"
    plain = ("-f", "lavfi", "-i", "color=0x304050:s=640x360:r=25:d=2")
    options = ("-filter_complex", graph, "-t", "2", *X264)
    return make_media("low-face.mp4", *plain, "-i", carphone, *options)


def measure_rows(path: Path, frame: int) -> tuple[float, float]:
    """Return from where to where green words stand, as shares of the height."""
    red, green, blue = np.moveaxis(see(path)[frame].astype(np.int64), -1, 0)
    rows = np.nonzero(((green > red + 90) & (green > blue + 90)).any(axis=1))[0]
    return rows.min() / red.shape[0], rows.max() / red.shape[0]


def caption(source: Path, output: Path, position: str, **choices: object) -> RenderFacts:
    style = GREEN | {"position": position}
    spec = ClipSpec.model_validate(
        {"captions": CUES, "caption_style": style, "end": 2.0, "resolution": "270x480"} | choices
    )
    return render_clip(source, spec, output, preset="ultrafast", on_progress=ignore)


@needs_faces
@pytest.mark.parametrize("focus", ["auto", {"x": 1.0, "y": 0.5}])
def test_words_leave_the_bottom_where_a_face_is(
    low_face: Path, tmp_path: Path, focus: object
) -> None:
    output = tmp_path / "video.mp4"
    words = [{"start": 0.2, "end": 1.9, "text": "Nobody may cover the mouth of me who speaks here"}]
    choices = {"captions": words, "fit": "crop", "focus": focus}
    facts = caption(low_face, output, "bottom", **choices)
    assert facts.warnings == ((COVERED,) if focus == "auto" else None)  # else no one looks for them
    assert measure_rows(output, 20)[0] > 0.5
    facts = caption(low_face, output, "auto", **choices)
    assert facts.warnings is None
    for frame in (8, 20, 40):
        assert measure_rows(output, frame)[1] < 0.5


@needs_faces
def test_words_stay_at_the_bottom_where_no_face_is(low_face: Path, tmp_path: Path) -> None:
    output = tmp_path / "video.mp4"
    caption(low_face, output, "auto", fit="crop", focus={"x": 0.2, "y": 0.5})
    assert measure_rows(output, 10)[0] > 0.5
    assert measure_rows(output, 40)[0] > 0.5


def test_machine_that_finds_no_faces_says_so(
    low_face: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelqueue.render.focus.follow.has_faces", lambda: False)
    output = tmp_path / "video.mp4"
    assert caption(low_face, output, "auto").warnings == (NOT_AVOIDED,)
    assert measure_rows(output, 10)[0] > 0.5
    assert caption(low_face, output, "bottom").warnings is None
