"""Hostile and damaged files, a few of each kind; `make fuzz` tries many more."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from fuzz.canary import Canary, open_canary
from fuzz.files import render_files, try_files
from fuzz.mutants import list_media, list_mutants, list_photos
from fuzz.tricks import list_tricks

pytestmark = pytest.mark.render


@pytest.fixture
def canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Canary]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with open_canary(tmp_path) as canary:
        yield canary


def test_tricks_touch_nothing_and_are_refused_or_harmless(tmp_path: Path, canary: Canary) -> None:
    named = list_tricks(canary.url, str(canary.path))
    tricks = [trick for trick in named if re.search(r":[1-9]:", trick[0]) is None]
    tried = try_files(tricks, tmp_path, canary)
    assert tried.faults == []
    kept = {"webp_vast", "png_text", "png_profile", "jpeg_comments", "jpeg_vast", "gif_frames"}
    assert {name for name, _ in tried.accepted} <= kept


def test_damaged_photos_are_taken_or_refused(tmp_path: Path, canary: Canary) -> None:
    mutants = list(islice(list_mutants(list_photos(), seed=1), 66))
    tried = try_files(mutants, tmp_path, canary)
    assert tried.faults == []
    assert 0 < len(tried.accepted) < len(mutants)


def test_damaged_sound_and_video_is_taken_or_refused(tmp_path: Path, canary: Canary) -> None:
    mutants = list(islice(list_mutants(list_media(), seed=1), 14))
    tried = try_files(mutants, tmp_path, canary)
    assert tried.faults == []
    assert 0 < len(tried.accepted) < len(mutants)


def test_what_is_accepted_is_rendered_by_the_command_line(tmp_path: Path) -> None:
    samples = {sample.name: sample for sample in [*list_photos(), *list_media()]}
    good = ["plain.PNG", "song.wav", "phone.mp4"]
    assert render_files([(name, samples[name]) for name in good], tmp_path) == []
