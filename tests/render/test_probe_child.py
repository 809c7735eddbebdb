"""The child that probes files: a line of JSON for each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import skimage

from reelqueue.media.facts import VideoFacts
from reelqueue.render.ffmpeg.probe import probe_video
from tests.conftest import ROOT

pytestmark = pytest.mark.render

SKIMAGE_FOLDER = Path(skimage.__file__).parent / "data"


def write_text(folder: Path) -> Path:
    path = folder / "text.mp3"
    path.write_text("This is not music. " * 100)
    return path


def run_main(kind: str, *paths: str | Path) -> list[dict[str, object]]:
    program = "import sys; from reelqueue.render.probe_child import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", program, kind, "10", *paths]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert not result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_main_answers_each_file_with_a_line_in_order(bikes: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(bikes.read_bytes()[:5000])
    files = (bikes, broken, write_text(tmp_path))
    derived = [tmp_path / f"{number}.json" for number in range(3)]
    pairs = [path for pair in zip(files, derived, strict=True) for path in pair]
    first, second, third = run_main("video", *pairs)
    assert VideoFacts.model_validate(first) == probe_video(bikes)
    assert second["error"] == "UnreadableMediaError"
    assert third["error"] == "UnsupportedMediaError"
    assert str(third["message"]).endswith(".")


def test_main_probes_photos_and_writes_thumbnails(tmp_path: Path) -> None:
    coffee, thumbnail = SKIMAGE_FOLDER / "coffee.png", tmp_path / "coffee.jpg"
    text = write_text(tmp_path)
    first, second = run_main("photo", coffee, thumbnail, text, tmp_path / "text.jpg")
    assert (first["width"], first["height"]) == (600, 400)
    assert thumbnail.stat().st_size > 0
    assert "error" in second
    assert not (tmp_path / "text.jpg").exists()


def test_main_answers_audio(tone: Path) -> None:
    (answer,) = run_main("audio", tone)
    assert answer["format"] == "mp3"
