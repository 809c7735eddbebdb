"""Captions as a track: the text as it was sent, at its time, and the pictures without it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from reelqueue.media.facts import RenderFacts
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.specs.clips.clip import ClipSpec
from tests.render.conftest import Make

pytestmark = pytest.mark.render

LITERAL = "{\\an8} <b>a & b</b> \\N --> [x]"


def render(source: Path, output: Path, **choices: object) -> RenderFacts:
    spec = ClipSpec.model_validate({"aspect": "original", **choices})
    return render_clip(source, spec, output, preset="ultrafast", on_progress=lambda *_: None)


def run_tool(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", *arguments]
    return subprocess.run(command, check=False, capture_output=True)


def read_track(path: Path) -> list[tuple[float, float, str]]:
    """Return `(start, end, text)` of the samples of the track that have text."""
    packets = run_tool(
        "-v", "error", "-i", path, "-map", "0:s", "-c", "copy", "-f", "framecrc", "-"
    )
    times = [line.split(b",") for line in packets.stdout.splitlines() if not line.startswith(b"#")]
    (tick,) = re.findall(rb"#tb 0: 1/(\d+)", packets.stdout)
    data = run_tool(
        "-v", "error", "-i", path, "-map", "0:s", "-c", "copy", "-f", "data", "-"
    ).stdout
    samples = []
    for _, _, start, duration, size, *_ in times:
        sample, data = data[: int(size)], data[int(size) :]
        length = int.from_bytes(sample[:2], "big")
        begin, end = (value / int(tick) for value in (int(start), int(start) + int(duration)))
        samples.append((round(begin, 3), round(end, 3), sample[2 : 2 + length].decode()))
    return [sample for sample in samples if sample[2]]


def test_track_has_the_text_as_it_was_sent(talkie: Path, tmp_path: Path) -> None:
    cues = [
        {"start": 0.4, "end": 1.2, "text": LITERAL},
        {"start": 0.8, "end": 1.2, "text": "Küsse 🏖️"},
        {"start": 1.6, "end": 9.0, "text": "日本"},
    ]
    sheet = {"cues": cues, "language": "pt-BR"}
    facts = render(talkie, tmp_path / "c.mp4", captions=sheet, soft_captions=True)
    assert facts.frames == 50
    assert read_track(tmp_path / "c.mp4") == [
        (0.4, 0.8, LITERAL),
        (0.8, 1.2, f"{LITERAL}\nKüsse 🏖️"),
        (1.6, 2.0, "日本"),
    ]
    streams = re.findall(r"Stream #0:.*", run_tool("-i", tmp_path / "c.mp4").stderr.decode())
    assert [stream.partition(": ")[2][:5] for stream in streams] == ["Video", "Audio", "Subti"]
    assert "(por): Subtitle: mov_text (tx3g" in streams[2]
    assert streams[2].endswith("(default)")


def test_pictures_are_those_without_captions(talkie: Path, tmp_path: Path) -> None:
    cues = [{"start": 0.0, "end": 2.0, "text": "So good"}]
    render(talkie, tmp_path / "a.mp4", captions=cues, soft_captions=True)
    render(talkie, tmp_path / "b.mp4", soft_captions=True)
    sums = [
        run_tool("-i", tmp_path / name, "-map", "0:v", "-f", "framemd5", "-").stdout
        for name in ("a.mp4", "b.mp4")
    ]
    assert sums[0] == sums[1]
    assert b"Subtitle" not in run_tool("-i", tmp_path / "b.mp4").stderr


def test_file_starts_with_its_index_and_ends_with_the_pictures(
    make_media: Make, tmp_path: Path
) -> None:
    silent = make_media(
        "silent.mp4", "-f", "lavfi", "-i", "testsrc=s=320x180:r=30000/1001:d=2", "-c:v", "libx264"
    )
    cues = [{"start": 0.5, "end": 30.0, "text": "So good"}]
    facts = render(silent, tmp_path / "c.mp4", captions=cues, soft_captions=True)
    data = (tmp_path / "c.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    ((_, end, _),) = read_track(tmp_path / "c.mp4")
    assert end == pytest.approx(facts.duration, abs=0.002)
