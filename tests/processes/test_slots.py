"""Slots are shared by the processes of a machine, and none is lost with its holder."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from reelqueue.errors import BusyError
from reelqueue.processes.slots import Slots
from tests.conftest import PATIENCE_SECONDS, ROOT

HOLDER = """
import sys, time
from reelqueue.errors import BusyError
from reelqueue.processes.slots import Slots

with Slots("tests", 1).reserve(0, BusyError("taken")):
    sys.stdout.write("held\\n")
    sys.stdout.flush()
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_no_more_are_held_than_there_are() -> None:
    slots = Slots("tests", 2)
    with ExitStack() as stack:
        for held in range(2):
            assert slots.count_taken() == held
            stack.enter_context(slots.reserve(0, BusyError("taken")))
        with pytest.raises(BusyError, match="taken"), slots.reserve(0, BusyError("taken")):
            pass
    assert slots.count_taken() == 0
    with slots.reserve(0, BusyError("taken")):
        assert slots.count_taken() == 1


@pytest.mark.process
def test_slot_of_another_process_is_free_once_that_is_killed() -> None:
    slots = Slots("tests", 1)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    with holder, holder.stdout as stdout:
        assert stdout.readline() == b"held\n"
        with pytest.raises(BusyError), slots.reserve(0, BusyError("taken")):
            pass
        holder.kill()
        with slots.reserve(PATIENCE_SECONDS, BusyError("taken")):
            assert slots.count_taken() == 1
