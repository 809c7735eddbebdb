"""The benchmarks run from end to end on tiny pictures, and their report says what was measured."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from benchmarks.__main__ import main
from benchmarks.chart import Bar, draw_chart
from benchmarks.clips.films import Film, find_or_make_film, list_cues
from benchmarks.clips.ways import use_clip, use_ffmpeg_phrases
from benchmarks.faces import count_middle
from benchmarks.faces import main as measure_faces
from benchmarks.material import read_frames
from benchmarks.measurement import Target
from benchmarks.report import BEGIN, END, NO_SPEECH, fill_page, write_report
from benchmarks.results import Results
from reelqueue.render.focus.faces import has_faces
from reelqueue.specs.clips.clip import ClipSpec
from tests.conftest import ROOT

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with what `python -m benchmarks --quick` wrote there."""
    root = make_root(tmp_path_factory.mktemp("root"))
    command = [sys.executable, "-m", "benchmarks", "--quick", "--root", str(root)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=100)
    return root


@pytest.fixture(scope="module")
def results(measured: Path) -> Results:
    return Results.model_validate_json((measured / "benchmarks" / "results.json").read_text())


def make_root(root: Path) -> Path:
    (root / "docs").mkdir()
    (root / "benchmarks").mkdir()
    shutil.copy(ROOT / "benchmarks" / "README.md", root / "benchmarks")
    return root


@pytest.mark.process
def test_every_way_makes_the_whole_video(results: Results) -> None:
    frames = {name: way.frames for name, way in results.ways}
    longer = frames.pop("concat")
    assert longer > 180
    assert set(frames.values()) == {180}
    assert results.lengths.more.frames == 720
    assert {way.frames for _, way in results.moves} == {180}
    assert {render.frames for _, render in results.changes} == {360}
    assert results.music.both.frames == 180
    assert results.music.sound.frames == 0
    assert results.music.fitted.frames == 180


@pytest.mark.process
def test_every_run_costs_time_and_memory(results: Results) -> None:
    for group in (results.ways, results.lengths, results.music, results.moves, results.changes):
        for name, taken in group:
            assert min(taken.runs) <= taken.seconds <= max(taken.runs), name
            assert taken.processor_seconds > 0, name
            assert 10 < taken.peak_mb < 10_000, name
            assert taken.size_mb > 0, name


@pytest.mark.process
def test_quality_is_that_of_the_same_pictures(results: Results) -> None:
    for way in (results.ways.moviepy, results.ways.x264, results.ways.still):
        assert way.quality
        assert way.quality.psnr_y > 40  # frames beside each other in time are far below
        assert way.quality.vmaf > 90


@pytest.mark.process
def test_every_clip_lasts_as_long_as_its_rivals(results: Results) -> None:
    clips = results.clips
    for group, frames in [
        (clips.blur, 60),
        (clips.phrases, 60),
        (clips.large, 60),
        (clips.cut, 90),
    ]:
        for name, taken in group:
            assert abs(taken.frames - frames) <= (name in ("moviepy", "ffmpeg")), name
            assert taken.size_mb > 0, name
    assert clips.analysis.analysis.pace > 0
    for group in clips.groups:
        for name, taken in group:
            assert taken.processor_seconds > 0, name
            assert 10 < taken.peak_mb < 10_000, name


@pytest.mark.process
def test_page_names_every_row_of_clips(measured: Path, results: Results) -> None:
    page = (measured / "benchmarks" / "README.md").read_text()
    for target in results.clips.targets:
        assert f"| {target.what} |" in page
    for group in results.clips.groups:
        for _, taken in group:
            assert f"| {taken.title} |" in page
    assert (NO_SPEECH in page) is (results.clips.speech is None)


@pytest.mark.process
def test_one_group_alone_is_shown_and_not_stored(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--root", str(tmp_path), "cut"]
    shown = subprocess.run(
        command, cwd=ROOT, check=True, timeout=60, capture_output=True, text=True
    )
    assert "| smart cut, times as fast as the same cut, encoded | at least 20 |" in shown.stdout
    assert not list(tmp_path.iterdir())


def test_unknown_group_is_refused() -> None:
    result = CliRunner().invoke(main, ["cut", "bluur"])
    assert result.exit_code == 2
    assert "there is no group bluur" in result.output


@pytest.mark.process
def test_rivals_draw_the_same_words(tmp_path: Path) -> None:
    film = find_or_make_film(tmp_path, (320, 180), 3)
    look = {"resolution": "180x320", "fit": "crop", "caption_style": {"preset": "phrase"}}
    spec = ClipSpec.model_validate({"end": 2, "captions": list_cues(2), **look})
    for name, way in [("ours", use_clip), ("ffmpeg", use_ffmpeg_phrases)]:
        way(Film(film, 2, spec), tmp_path / f"{name}.mp4")()
    for name in ("ours", "ffmpeg"):
        *_, last = read_frames(tmp_path / f"{name}.mp4")
        assert count_yellow(last) > 50, name


def count_yellow(image: Image.Image) -> int:
    """Return how many pixels have the colour of the word that is spoken."""
    red, green, blue = np.moveaxis(np.asarray(image, np.int16), -1, 0)
    return int(((red > 200) & (green > 160) & (blue < 80)).sum())


@pytest.mark.process
def test_page_names_the_machine_and_every_way(measured: Path, results: Results) -> None:
    page = (measured / "benchmarks" / "README.md").read_text()
    tables = page.partition(BEGIN)[2].partition(END)[0]
    for text in [
        *results.machine.values(),
        *results.parts,
        *(way.title for _, way in results.ways),
    ]:
        assert text in tables


@pytest.mark.parametrize(
    ("figure", "is_least", "reached"),
    [(70, True, True), (69.9, True, False), (70, False, True), (70.1, False, False)],
)
def test_target_is_reached_at_its_limit(figure: float, is_least: bool, reached: bool) -> None:
    assert Target("", figure, 70, is_least).reached is reached


def test_page_keeps_what_is_around_the_tables() -> None:
    page = fill_page(f"before\n{BEGIN}\nold\n{END}\nafter\n", "| new |")
    assert page == f"before\n{BEGIN}\n\n| new |\n\n{END}\nafter\n"
    assert fill_page(page, "| new |") == page


def test_page_without_its_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        fill_page(f"before {BEGIN} after", "| new |")


def test_bars_are_as_long_as_their_seconds() -> None:
    bars = [Bar("our <own>", 0.5, "ours"), Bar("slow", 40, "rival"), Bar("middle", 10, "rival")]
    root = ElementTree.fromstring(draw_chart("Seconds", "of a slideshow", bars))
    _, *drawn = root.findall(f"{SVG}rect")
    widths = [float(bar.attrib["width"]) for bar in drawn]
    assert widths == sorted(widths, reverse=True)
    assert widths[1] / widths[0] == pytest.approx(10 / 40, rel=0.01)
    assert widths[2] / widths[0] == pytest.approx(0.5 / 40, rel=0.01)
    texts = [text.text for text in root.findall(f"{SVG}text")]
    assert texts[2:] == ["slow", "40.0 s", "middle", "10.0 s", "our <own>", "0.50 s"]


def test_published_report_is_that_of_the_published_figures(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    shutil.copy(ROOT / "benchmarks" / "results.json", root / "benchmarks")
    write_report(root)
    for name in ("benchmarks/README.md", "docs/speed.svg"):
        assert (root / name).read_text() == (ROOT / name).read_text(), (
            f"{name} is older: run .venv/bin/python -m benchmarks.report"
        )


@pytest.mark.render
@pytest.mark.skipif(not has_faces(), reason="needs what requirements-faces.txt installs")
def test_faces_in_the_middle_half_are_counted() -> None:
    assert count_middle([(0.5, 0.5), (0.2, 0.5), (0.75, 0.8)]) == (3, 2, 2, 1)
    result = CliRunner().invoke(measure_faces, ["--seconds", "1"], catch_exceptions=False)
    *clips, everything = result.output.splitlines()[2:]
    assert [row.split(" | ")[1:3] for row in clips] == [["9:16", "5"], ["4:5", "5"], ["1:1", "5"]]
    assert everything == "| all |  | 15 | 100.0% | 100.0% | 100.0% |"
