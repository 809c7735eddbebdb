"""The room as a library of its own: its example runs, and it needs nothing but Python."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import reelqueue.h264
from tests.conftest import ROOT

MODULES = sorted(path.stem for path in Path(reelqueue.h264.__path__[0]).glob("[!_]*.py"))

# In a Python without installed packages (-S): import all of it, and print what came with it.
IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(f"reelqueue.h264.{name}")
print(*(name for name in sys.modules if name.startswith("reelqueue")))
"""


def test_example_runs() -> None:
    results = doctest.testmod(reelqueue.h264)

    assert results.attempted > 10
    assert results.failed == 0


@pytest.mark.process
def test_it_needs_no_other_room_and_no_package() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", IMPORT_ALL, *MODULES],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    own = {f"reelqueue.h264.{name}" for name in MODULES}
    assert set(done.stdout.split()) == {"reelqueue", "reelqueue.h264"} | own


def test_map_names_every_module() -> None:
    assert reelqueue.h264.__doc__ is not None
    first_words = [line.split()[0] for line in reelqueue.h264.__doc__.splitlines() if line.split()]

    assert [word for word in first_words if word in MODULES] == MODULES
