"""A worker as the first process of a container: what others leave behind becomes its child."""

from __future__ import annotations

import sys

import psutil
import pytest
from redis import Redis

from tests.conftest import started, wait_until

AS_FIRST_PROCESS = """
import ctypes, os, subprocess, sys

ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER, prctl(2)
subprocess.run(["sh", "-c", "sleep 0.1 &"])  # whose parent ends before it
os.execv(sys.executable, [sys.executable, "worker.py"])
"""


def test_worker_leaves_no_zombies_of_what_others_started(
    redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = {
        "REDIS_URL": redis_url,
        "STORAGE_URL": tmp_path_factory.mktemp("data").as_uri(),
    }
    with started([sys.executable, "-c", AS_FIRST_PROCESS], settings) as worker:
        wait_until(lambda: bool(list_zombies(worker.pid)))
        wait_until(lambda: not list_zombies(worker.pid))
        with Redis.from_url(redis_url) as connection:
            assert connection.scard("rq:workers") == 1


def list_zombies(pid: int) -> list[psutil.Process]:
    children = psutil.Process(pid).children()
    return [child for child in children if child.status() == psutil.STATUS_ZOMBIE]
