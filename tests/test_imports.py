"""The import rules of pyproject.toml: each of them notices when it is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.process

BREACHES = {
    "Imports run downwards only": ("storage/store.py", "import reelqueue.web.pages"),
    "Rendering knows nothing of jobs, storage and settings": (
        "render/audio/mix.py",
        "import reelqueue.storage",
    ),
    "Only workers and the command line render": ("web/pages.py", "import reelqueue.render.clip"),
    "Only rendering decodes, draws and encodes": ("media/uploads.py", "import PIL"),
    "Planning, text and specs are pure": ("planning/camera.py", "import numpy"),
    "Flask stays in the web": ("jobs/status.py", "import flask"),
    "RQ and Redis stay in their queue, in the worker and in the dashboard": (
        "queues/inline.py",
        "import redis",
    ),
    "Only one room starts processes": ("render/ffmpeg/run.py", "import subprocess"),
    "Only the storage knows where files lie": ("media/uploads.py", "import obstore"),
    "Job kinds are ordered independently of each other": (
        "submission/kinds/clip.py",
        "import reelqueue.submission.kinds.slideshow",
    ),
    "Job kinds are rendered independently of each other": (
        "workers/kinds/clip.py",
        "import reelqueue.workers.kinds.slideshow",
    ),
    "Job kinds are called independently of each other": (
        "cli/kinds/clip.py",
        "import reelqueue.cli.kinds.slideshow",
    ),
    "The package does not know who starts it": ("cli/commands.py", "import worker"),
}
"""A line for each rule that breaks it, and the module that it is put into."""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package with its rules."""
    shutil.copytree(ROOT / "reelqueue", tmp_path / "reelqueue")
    for name in ("pyproject.toml", "app.py", "worker.py", "tasks.py"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def check_imports(folder: Path) -> str:
    """Return what the linter says of a copy."""
    program = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; "
    program += "sys.exit(lint_imports(no_cache=True))"
    ended = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=folder, capture_output=True, text=True
    )
    return ended.stdout + ended.stderr


def test_every_rule_notices_when_it_is_broken(copied: Path) -> None:
    for module, line in BREACHES.values():
        path = copied / "reelqueue" / module
        path.write_text(f"{path.read_text()}\n{line}\n")
    report = check_imports(copied)
    assert [rule for rule in BREACHES if f"{rule} BROKEN" not in report] == []
    assert " KEPT" not in report


def test_module_without_a_place_is_noticed(copied: Path) -> None:
    (copied / "reelqueue" / "helpers.py").write_text('"""Anything."""\n')
    report = check_imports(copied)
    assert "Imports run downwards only BROKEN" in report
    assert "- reelqueue.helpers" in report
