"""Bring up the services of compose.yaml, and see that they are locked down and lose no job.

    python -m scripts.places.compose BASE

It runs the image that `scripts.places.image` has built, and a Redis that is installed on BASE, the
bare Debian of `scripts/base-image`. It needs podman, as `ENGINE` says it, and fetches
podman-compose for the time that it runs.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from scripts.places.image import ENGINE, IMAGE, ROOT
from scripts.places.service import (
    WAIT_SECONDS,
    check_video,
    count_workers,
    find_free_port,
    is_rendering,
    order_long_slideshow,
    read_status,
    wait_until,
)

PODMAN = [*ENGINE, "--network-backend=netavark"]  # which knows services by their names
COMPOSE = "podman-compose==1.6.0"  # its packages are among those of requirements-dev.txt
REDIS = "localhost/reelqueue-check-redis"
# As in the image that compose.yaml names, strangers are let in, and /data is the user's.
REDIS_FILE = r"""
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server \
    && install -d -o redis -g redis /data \
    && printf '#!/bin/sh\nexec /usr/bin/redis-server "$@" --protected-mode no\n' \
        >/usr/local/bin/redis-server \
    && chmod 755 /usr/local/bin/redis-server
WORKDIR /data
"""
ULIMITS = {"nofile": {"soft": 1024, "hard": 4096}, "nproc": 4096}
MEMORY_BYTES = 1 << 30
# What a container may do and take, and whether it can change its own files, as JSON.
LOOK = """
import json, os
from pathlib import Path
status = dict(line.split(":\\t", 1) for line in Path("/proc/1/status").read_text().splitlines())
limits = Path("/sys/fs/cgroup")
def read(*names):
    return next(int((limits / name).read_text()) for name in names if (limits / name).exists())
print(json.dumps({
    "uid": int(status["Uid"].split()[0]),
    "capabilities": [int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")],
    "gains rights": status["NoNewPrivs"] != "1",
    "writable": [name for name in ("/", "/app", "/etc", "/usr") if os.access(name, os.W_OK)],
    "mounted": [line.split()[3].split(",")[0] for line in open("/proc/mounts") if " / " in line],
    "memory": read("memory.max", "memory/memory.limit_in_bytes"),
    "processes": read("pids.max", "pids/pids.max"),
}))
"""


def main() -> None:
    """Run all checks; stop with an error at the first that fails."""
    build_redis(sys.argv[1])
    with brought_up() as project:
        address = f"http://127.0.0.1:{project.port}"
        with httpx.Client(base_url=address, timeout=WAIT_SECONDS) as client:
            wait_until(lambda: count_workers(client) == 1)
            check_health(project)
            check_locks(project)
            check_restarts(project, client)
            project.run("up", "--detach", "--no-build", "--scale", "worker=3")
            wait_until(lambda: count_workers(client) == 3)
            told = project.run("exec", "-T", "web", "python", "-m", "reelqueue", "doctor")
            assert "problem" not in told, told
            project.run("restart", "redis")
            wait_until(lambda: count_workers(client) == 3)
    print("The services of compose.yaml run.")


class Project:
    """The services of compose.yaml under a name of their own, from a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.name = f"reelqueue-{uuid4()}"
        self.port = find_free_port()
        self._folder = folder
        shutil.copy(ROOT / "compose.yaml", folder)
        settings = (ROOT / ".env.example").read_text()
        for name, value in {"PORT": self.port, "DRAIN_SECONDS": 1}.items():
            settings = re.sub(rf"(?m)^{name}=.*$", f"{name}={value}", settings)
        (folder / ".env").write_text(settings)
        own = {name: {"ulimits": ULIMITS, "image": IMAGE} for name in ("web", "worker")}
        own["redis"] = {"ulimits": ULIMITS, "image": REDIS}
        (folder / "own.yaml").write_text(json.dumps({"services": own}))
        fetch = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*fetch, "--target", folder / "packages", COMPOSE], check=True)

    def run(self, *command: str) -> str:
        """Run a command of podman-compose and return what it prints."""
        environment = os.environ | {
            "PYTHONPATH": str(self._folder / "packages"),
            "MEMORY": str(MEMORY_BYTES),
        }
        if not Path("/run/systemd/system").exists():
            environment["DISABLE_HC_SYSTEMD"] = "true"  # which would repeat health checks
        options = ["--podman-path", PODMAN[0], f"--podman-args={shlex.join(PODMAN[1:])}"]
        files = ["--file", "compose.yaml", "--file", "own.yaml", "--project-name", self.name]
        done = subprocess.run(
            [sys.executable, "-m", "podman_compose", *options, *files, *command],
            check=False,
            cwd=self._folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}"
        return done.stdout

    def find(self, *listing: str) -> list[str]:
        """Return the names of what podman has of this project: containers, volumes or networks."""
        named = ["--filter", f"label=io.podman.compose.project={self.name}", "--quiet"]
        return ask(*listing, *named).split()

    def find_container(self, service: str) -> str:
        """Return the id of a container of a service."""
        named = ["--filter", f"label=com.docker.compose.service={service}"]
        return self.find("ps", *named)[0]


@contextmanager
def brought_up() -> Iterator[Project]:
    """Bring all services up for the block; check that nothing of them stays."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        try:
            project.run("up", "--detach", "--no-build")
            yield project
        except BaseException:
            subprocess.run([*PODMAN, "ps", "--all"], check=False)
            print(project.run("logs"), file=sys.stderr)
            raise
        finally:
            project.run("down", "--remove-orphans")  # to podman-compose, workers but the first are
            project.run("down", "--volumes")
        left = [project.find("ps", "--all"), project.find("volume", "ls")]
        left.append(project.find("network", "ls"))
        assert left == [[], [], []], left


def ask(*command: str) -> str:
    """Return what a command of podman prints."""
    return subprocess.run([*PODMAN, *command], check=True, stdout=subprocess.PIPE, text=True).stdout


def build_redis(base: str) -> None:
    """Build an image that stands in for Redis' own."""
    command = [*PODMAN, "build", "--network", "host", "--tag", REDIS, "--file", "-"]
    text = f"FROM {base}\n{REDIS_FILE}"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*command, folder], check=True, input=text, text=True)


def check_health(project: Project) -> None:
    """Check what the services that have a health check answer to it."""
    for service in ("web", "redis"):
        ask("healthcheck", "run", project.find_container(service))


def check_locks(project: Project) -> None:
    """Check that containers have no rights, cannot change themselves, and have limits."""
    for service in ("web", "worker", "redis"):
        found = json.loads(ask("exec", project.find_container(service), "python", "-c", LOOK))
        assert found["uid"] != 0, found
        assert found["capabilities"] == [0, 0, 0], found
        assert not found["gains rights"], found
        assert found["writable"] == [], found
        assert found["mounted"] == ["ro"], found
        is_redis = service == "redis"
        assert found["memory"] == (512 << 20 if is_redis else MEMORY_BYTES), found
        assert found["processes"] == (64 if is_redis else 512), found


def check_restarts(project: Project, client: httpx.Client) -> None:
    """Restart the worker within a render, and kill it within the next; the video comes."""
    url = order_long_slideshow(client)
    project.run("restart", "worker")
    assert read_status(client, url)["status"] != "finished"
    wait_until(lambda: count_workers(client) == 1 and is_rendering(client, url))
    found = json.loads(ask("inspect", project.find_container("worker")))
    os.kill(found[0]["State"]["Pid"], signal.SIGKILL)
    assert read_status(client, url)["status"] != "finished"
    check_video(client, url)
    wait_until(lambda: count_workers(client) == 1)  # the killed are counted for a while


if __name__ == "__main__":
    main()
