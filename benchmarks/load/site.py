"""The product as it is deployed, with a worker that notes when it begins a render; and bare RQ."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis import Redis
from redis.exceptions import RedisError

from benchmarks.load.client import Connection
from benchmarks.report import ROOT

TOKENS = ("the-first-owner-of-the-benchmark", "the-second-owner-of-the-benchmark")
_START_SECONDS = 60.0
_NOTING = """
import os
import time

def note(name):
    with open(os.environ["STARTS"], "a") as file:
        file.write(f"{name} {time.time()}\\n")
"""
_CUSTOMIZATION = """
from functools import wraps

from noting import note
from reelqueue.workers.kinds import RENDERERS

render = RENDERERS["slideshow"]


@wraps(render)
def render_noted(services, job, *rest):
    note(job.id)
    return render(services, job, *rest)


RENDERERS["slideshow"] = render_noted
"""


@dataclass(frozen=True)
class Site:
    """A running deployment; `bare_url` is the database of bare RQ in the same Redis."""

    folder: Path
    port: int
    redis_url: str
    bare_url: str
    web: psutil.Process

    def read_starts(self) -> dict[str, float]:
        """Return when each job's first line ran, by its name, in seconds of the system's clock."""
        with suppress(FileNotFoundError):
            lines = (self.folder / "starts").read_text().splitlines()
            return {name: float(at) for name, at in map(str.split, reversed(lines))}
        return {}

    def wait_for_start(self, name: str, seconds: float = 30.0) -> float:
        """Return when a job began.

        Raises:
            TimeoutError: if it does not.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if name in (starts := self.read_starts()):
                return starts[name]
            time.sleep(0.01)
        raise TimeoutError(f"{name} has not begun")

    def measure_web(self) -> float:
        """Return the processor seconds that the web service has used so far."""
        return sum(
            sum(process.cpu_times()[:2])
            for process in (self.web, *self.web.children(recursive=True))
        )


@contextmanager
def running_site(folder: Path, *, engine: str = "still", workers: int = 1) -> Iterator[Site]:
    """Start Redis, the web service, workers and one of bare RQ; end them with the block."""
    redis_port, port = _find_port(), _find_port()
    urls = [f"redis://127.0.0.1:{redis_port}/{number}" for number in range(2)]
    own = folder / "noting"
    own.mkdir(parents=True)
    (own / "noting.py").write_text(_NOTING)
    (folder / "customized").mkdir()
    (folder / "customized" / "sitecustomize.py").write_text(_CUSTOMIZATION)
    settings = {
        "REDIS_URL": urls[0],
        "STORAGE_URL": (folder / "data").as_uri(),
        "PORT": str(port),
        "API_TOKENS": ",".join(TOKENS),
        "REQUESTS_PER_MINUTE": "1000000",  # counted as elsewhere, and never reached
        "ORDERS_PER_MINUTE": "0",
        "RENDER_ENGINE": engine,
        "LOG_LEVEL": "WARNING",
        "STARTS": str(folder / "starts"),
    }
    paths = [str(own), str(ROOT)]
    with ExitStack() as stack:

        def start(command: list[str], *before: str) -> psutil.Process:
            variables = settings | {"PYTHONPATH": os.pathsep.join([*before, *paths])}
            return stack.enter_context(_running(command, variables, folder))

        start(["redis-server", "--port", str(redis_port), "--save", "", "--bind", "127.0.0.1"])
        start(
            [sys.executable, str(ROOT / "worker.py"), "--processes", str(workers)],
            str(folder / "customized"),
        )
        rq = shutil.which("rq", path=str(Path(sys.executable).parent)) or "rq"
        start([rq, "worker", "--url", urls[1], "default"])
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py")]
        web = start([*gunicorn, "app:app"])
        _wait_for(port, urls, workers)
        yield Site(folder, port, urls[0], urls[1], web)


def _wait_for(port: int, urls: list[str], workers: int) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        time.sleep(0.2)
        with suppress(OSError, RedisError):
            counts = []
            for url in urls:
                with Redis.from_url(url) as connection:
                    counts.append(connection.scard("rq:workers"))
            with Connection(port) as client:
                if client.ask("GET", "/health")[0] == 200 and counts == [workers, 1]:
                    time.sleep(2)
                    return
    raise TimeoutError("the services did not start")


@contextmanager
def _running(
    command: list[str], settings: Mapping[str, str], folder: Path
) -> Iterator[psutil.Process]:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, env=os.environ | settings, cwd=folder, stdout=log, stderr=log
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _find_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
