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
    disk = SimpleNamespace(f_blocks=total * 1000, f_bavail=free * 1000, f_frsize=1000)
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    assert find_room(Path("/"), int(asked * MB)) == int(room * MB)
