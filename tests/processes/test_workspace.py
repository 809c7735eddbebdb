"""Workspaces are deleted, even those of killed processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from reelqueue.processes.workspace import open_workspace, sweep_workspaces
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_workspace_is_gone_after_its_block(temporary_folder: Path) -> None:
    def fail_halfway() -> None:
        with open_workspace() as folder:
            (folder / "half").write_bytes(b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert list(temporary_folder.glob("*/*")) == []


@pytest.mark.process
def test_workspace_of_a_killed_process_is_deleted_by_the_next(temporary_folder: Path) -> None:
    script = (
        "import os, signal\n"
        "from reelqueue.processes.workspace import open_workspace\n"
        "with open_workspace() as folder:\n"
        "    (folder / 'half').write_bytes(b'x')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )

    def leave_folder() -> None:
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
        assert len(list(temporary_folder.rglob("half"))) == 1

    leave_folder()
    with open_workspace():
        assert list(temporary_folder.rglob("half")) == []
    leave_folder()
    sweep_workspaces()  # however short ago the last time was
    assert list(temporary_folder.rglob("half")) == []


def test_workspace_in_use_is_left_alone() -> None:
    with open_workspace() as first, open_workspace() as second:
        assert first.exists()
        assert second.exists()


def test_workspace_refuses_a_folder_that_others_can_read(temporary_folder: Path) -> None:
    home = temporary_folder / f"reelqueue-{os.getuid()}"
    home.mkdir()
    home.chmod(0o755)  # whatever the umask is
    with pytest.raises(PermissionError, match="private"), open_workspace():
        pass
