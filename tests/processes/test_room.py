"""The room on a disk is what may be written until too little is left free."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from reelqueue.processes.room import find_room

MB = 1_000_000


@pytest.mark.parametrize(
    ("total", "free", "asked", "room"),
    [
        (100_000, 700, 500, 200),
        (100_000, 400, 500, -100),
        (64, 60, 500, 60 - 3.2),  # a small disk keeps a twentieth
        (64, 60, 0, 60),
    ],
)
def test_room_is_what_is_free_beyond_the_reserve(
    monkeypatch: pytest.MonkeyPatch, total: float, free: float, asked: float, room: float
) -> None:
    disk = SimpleNamespace(
        f_blocks=total * 1000, f_bavail=free * 1000, f_frsize=1000, f_files=0, f_favail=0
    )
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    assert find_room(Path("/"), int(asked * MB)) == int(room * MB)


@pytest.mark.parametrize(("left", "has_room"), [(51, True), (49, False), (0, False)])
def test_disk_with_few_files_left_has_no_room(
    monkeypatch: pytest.MonkeyPatch, left: int, has_room: bool
) -> None:
    """A photo of 43 bytes takes four files: a disk runs out of these with most bytes free."""
    disk = SimpleNamespace(
        f_blocks=1000 * MB, f_bavail=900 * MB, f_frsize=1000, f_files=1000, f_favail=left
    )
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    assert (find_room(Path("/"), 0) > 0) is has_room
