"""A deployment of the product: Redis, web and workers, each restarted soon after it ends."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self
from unittest.mock import patch
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.serializers import JSONSerializer

from chaos.bucket import BucketClient
from chaos.client import OPERATOR, Client
from chaos.monitor import Monitor
from chaos.orders import ID_LENGTH
from chaos.reaper import MARK, Reaper
from chaos.service import Service
from reelqueue.config import Settings
from reelqueue.services import Services, open_services

START_SECONDS = 30
STOP_SECONDS = 10
REVIVE_SECONDS = 0.3


class Site:
    """A deployment in one folder; a context manager that ends all its processes."""

    def __init__(
        self,
        folder: Path,
        *,
        workers: int,
        storage: Path | None = None,
        has_bucket: bool = False,
        clocks: Sequence[int] = (),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare a site.

        Args:
            folder: where its files are; it must not exist.
            workers: the number of workers.
            storage: the folder of the storage, unless it is in `folder`.
            has_bucket: whether the storage is a bucket instead.
            clocks: seconds by which the clocks of the first workers are ahead.
            settings: more settings.
        """
        folder.mkdir(parents=True)
        for name in ("redis", "tmp"):
            (folder / name).mkdir()
        self.folder = folder
        self.storage = storage or folder / "data"
        self.mark = str(uuid4())
        redis_port, web_port, bucket_port = (find_free_port() for _ in range(3))
        self.bucket = BucketClient(bucket_port)
        self._settings = {
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
            "STORAGE_URL": self.storage.as_uri(),
            "PORT": str(web_port),
            "RENDER_ENGINE": "x264",  # slow enough to be killed while it renders
            "DASHBOARD_USERNAME": OPERATOR[0],
            "DASHBOARD_PASSWORD": OPERATOR[1],
            **{f"{what}_PER_MINUTE": "0" for what in ("REQUESTS", "UPLOADS", "ORDERS")},
            **(self.bucket.environment if has_bucket else {}),
            **(settings or {}),
        }
        bucket = [sys.executable, "-m", "chaos.bucket", str(bucket_port)]
        self._buckets = [self._make_service("bucket", bucket)] if has_bucket else []
        self.redis = self._make_service("redis", [*_REDIS, "--port", str(redis_port)])
        self.web = self._make_service("web", [sys.executable, "-m", "gunicorn", "app:app"])
        self.workers = [
            self._make_service(f"worker-{number}", command)
            for number, command in enumerate(list_commands(workers, clocks), 1)
        ]
        self.connection = Redis(port=redis_port, socket_timeout=5)
        self.client = Client(f"http://127.0.0.1:{web_port}")
        self.monitor = Monitor(self.client)
        self._reaper: Reaper
        self._closing = Event()
        self._supervisor = Thread(target=self._supervise, daemon=True)

    @property
    def services(self) -> Services:
        """The services of the product, opened on this site's storage and Redis."""
        with patch.dict(os.environ, self._settings):  # the storage reads those of the bucket
            return open_services(Settings.from_env(self._settings))

    def __enter__(self) -> Self:
        self._reaper = Reaper(self.mark)
        try:
            self.start_redis()
            for bucket in self._buckets:
                bucket.start()
                wait_until(self.bucket.is_up)
                self.bucket.create()
            for service in (self.web, *self.workers):
                service.start()
            self._supervisor.start()
            wait_until(self.client.is_up)
            wait_until(lambda: Worker.count(connection=self.connection) >= len(self.workers))
            self.monitor.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process of the site."""
        self._closing.set()
        self.monitor.stop()
        if self._supervisor.is_alive():
            self._supervisor.join()
        for service in (*self.workers, self.web, self.redis, *self._buckets):
            with suppress(AssertionError):  # it was never started
                service.stop(STOP_SECONDS)
        self._reaper.close()
        self.client.close()
        self.connection.close()

    def start_redis(self) -> None:
        """Start Redis and wait until it answers."""
        self.redis.start()
        wait_until(self._is_redis_up)

    def forget_redis(self) -> None:
        """Delete the data of Redis on disk; Redis must not be running."""
        shutil.rmtree(self.folder / "redis")
        (self.folder / "redis").mkdir()

    def find_job(self, worker: Service) -> str | None:
        """Return the id of a worker's job, according to Redis."""
        pid = worker.process.pid
        for known in Worker.all(connection=self.connection, serializer=JSONSerializer):
            if known.pid == pid:
                held = known.get_current_executions(refresh=True)
                return held[0].job_id[:ID_LENGTH] if held else None
        return None

    def _make_service(self, name: str, command: list[str]) -> Service:
        own = {MARK: self.mark, "TMPDIR": str(self.folder / "tmp"), "PYTHONUNBUFFERED": "1"}
        if name == "redis":
            command = [*command, "--dir", str(self.folder / "redis")]
        return Service(command, os.environ | own | self._settings, self.folder / f"{name}.log")

    def _supervise(self) -> None:
        while not self._closing.wait(REVIVE_SECONDS):
            for service in (self.web, *self.workers):
                service.revive()

    def _is_redis_up(self) -> bool:
        try:
            return bool(self.connection.ping())
        except RedisError:
            return False


def list_commands(workers: int, clocks: Sequence[int]) -> list[list[str]]:
    """Return the command of each worker; the first have clocks of their own."""
    skewed = [[sys.executable, "-m", "chaos.skewed_worker", str(clock)] for clock in clocks]
    return skewed + [[sys.executable, "worker.py"]] * (workers - len(clocks))


_REDIS = [
    *("redis-server", "--bind", "127.0.0.1", "--save", ""),
    *("--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"),
    *("--set-proc-title", "no"),  # a title overwrites the environment, and with it the mark
]


def find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until(condition: Callable[[], object], seconds: float = START_SECONDS) -> None:
    """Wait for a condition.

    Raises:
        TimeoutError: if it is not true after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("waited in vain")
        time.sleep(0.05)
