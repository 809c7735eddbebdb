"""Narration on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_commands import SMALL, run

pytestmark = [pytest.mark.render, pytest.mark.process]


def test_slideshow_is_narrated(tmp_path: Path, photo_paths: list[Path]) -> None:
    output = tmp_path / "told.mp4"
    words = ["--narration", "", "--narration", "The beach was long, and the water was cold."]
    voice = ["--voice-language", "en-us", "--voice-name", "m2", "--narration-captions"]
    files: list[str | Path] = [*photo_paths[:2], "-o", output, *SMALL]
    estimate = json.loads(run("slideshow", *files, *words, *voice, "--dry-run", "--json").stdout)
    assert not output.exists()
    facts = json.loads(run("slideshow", *files, *words, *voice, "--json").stdout)
    assert 2.5 < facts["duration"] < 6
    assert estimate["duration"] == pytest.approx(facts["duration"], rel=0.2)


def test_narration_that_cannot_be_spoken_is_refused(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    files: list[str | Path] = [photo_paths[0], "-o", tmp_path / "told.mp4", *SMALL]
    for options, sentence in [
        (["--narration", "a", "--narration", "b"], "--narration"),
        (["--narration", "a", "--voice-language", "tlh"], "is not a language that can be spoken"),
        (["--narration", "a", "--voice-engine", "piper"], "Piper is not installed"),
        (["--narration-captions"], "nothing is spoken"),
    ]:
        result = run("slideshow", *files, *options)
        assert (result.returncode, sentence in result.stderr) == (2, True), result.stderr
    assert not (tmp_path / "told.mp4").exists()
