"""Build the image, run it as web and as worker within tight limits, and look at what it does.

    python -m scripts.places.image [BASE]

BASE is an image that stands in for the Dockerfile's own base, such as the one that
`scripts/base-image` makes. `ENGINE` is the command that builds and runs, by default `podman`.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from scripts.places.service import (
    WAIT_SECONDS,
    count_workers,
    find_free_port,
    order_slideshow,
    wait_until,
)

ROOT = Path(__file__).resolve().parent.parent.parent
ENGINE = shlex.split(os.environ.get("ENGINE", "podman"))
IMAGE = "localhost/reelqueue-check"
LIMITS = ("--ulimit", "nofile=1024:4096", "--ulimit", "nproc=4096:4096")
SMALL_MACHINE = ("--memory", "512m", "--cpus", "1")
WORDS = "Hello, Привет, שלום, مرحبا, 世界, ไทย, नमस्ते, 😀"
USER = "10001"

Options = tuple[str, ...]


def main() -> None:
    """Run all checks; stop with an error at the first that fails."""
    build_image(*sys.argv[1:2])
    check_files()
    check_volume()
    check_words()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        volume = ("--volume", f"{folder}:/data")
        check_web(volume)
        check_services(volume)
    print(f"{IMAGE} builds and works.")


def build_image(base: str | None = None) -> None:
    """Build the Dockerfile, on another base if there is one."""
    command = [*ENGINE, "build", "--network", "host", "--tag", IMAGE]
    subprocess.run([*command, *(["--from", base] if base else []), ROOT], check=True)


def check_files() -> None:
    """Check that the service runs as a user of its own, who cannot change its files."""
    listed = run("sh", "-c", "id -u; ls -A; touch app.py 2>&- && echo changed").splitlines()
    expected = {"__pycache__", "data", "gunicorn.conf.py", "reelqueue", "requirements-moviepy.txt"}
    expected |= {"requirements-faces.txt", "requirements-narration.txt", "requirements-speech.txt"}
    expected |= {"app.py", "worker.py", "tasks.py", "requirements.txt", "static", "templates"}
    assert listed[0] == USER, listed
    assert set(listed[1:]) == expected, listed


def check_volume() -> None:
    """Check that a volume which the service may not write is named with what to do."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # of root
        told = run("python", "-m", "reelqueue", "doctor", options=("--volume", f"{folder}:/data"))
    assert "problem  storage:" in told, told
    assert "Traceback" not in told, told


def check_words() -> None:
    """Draw words of many scripts, on a root that cannot be written."""
    options = ("--read-only", "--tmpfs", "/tmp", *SMALL_MACHINE)
    draw = "from PIL import Image; Image.new('RGB', (640, 480), 'navy').save('/tmp/photo.jpg')"
    order = f'python -m reelqueue slideshow /tmp/photo.jpg -o /tmp/words.mp4 --title "{WORDS}"'
    told = run("sh", "-c", f'python -c "{draw}" && {order}', options=options)
    assert " 1920x1080, " in told, told


def check_web(volume: Options) -> None:
    """Render 20 photos of 12 megapixels in a web service on a small machine, without Redis."""
    with started(volume, PORT=find_free_port()) as (name, client):
        assert order_slideshow(client, 20, duration=1.0)["status"] == "finished"
        stop(name, seconds=10)


def check_services(volume: Options) -> None:
    """Render the same in a worker beside the web service; stop both while a page is open."""
    port = find_free_port()
    redis_url = f"redis://127.0.0.1:{port}/0"
    redis = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen([*redis, "--loglevel", "warning"]) as server:
        try:
            wait_until(lambda: is_open(int(port)))
            settings = {"REDIS_URL": redis_url, "PORT": find_free_port()}
            with (
                started(volume, **settings) as (web, client),
                running(volume, "python", "worker.py", **settings) as worker,
            ):
                url = order_slideshow(client, 20, duration=1.0)["status_url"]
                wait_until(lambda: client.get(url).json()["status"] == "finished")
                again = order_slideshow(client, 20, duration=1.0, seed=1)
                with client.stream("GET", f"/job_events/{again['job_id']}"):
                    stop(web, seconds=10)
                stop(worker, seconds=40)
        finally:
            server.terminate()


def run(*command: str, options: Options = ()) -> str:
    """Run a command in a container and return what it prints."""
    done = subprocess.run(
        [*ENGINE, "run", "--rm", *LIMITS, *options, IMAGE, *command],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.stdout.decode()


@contextmanager
def running(options: Options, *command: str, **settings: str) -> Iterator[str]:
    """Run a service in a container for the block; return the container's name."""
    name = f"reelqueue-{uuid4()}"
    variables = [f"--env={key}={value}" for key, value in settings.items()]
    container = ["run", "--detach", "--name", name, "--network", "host", *LIMITS]
    subprocess.run(
        [*ENGINE, *container, *SMALL_MACHINE, *options, *variables, IMAGE, *command],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield name
    except BaseException:
        subprocess.run([*ENGINE, "logs", name], check=False)
        raise
    finally:
        subprocess.run([*ENGINE, "rm", "--force", name], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def started(options: Options, **settings: str) -> Iterator[tuple[str, httpx.Client]]:
    """Run the web service for the block; return the container's name and a client."""
    address = f"http://127.0.0.1:{settings['PORT']}"
    with (
        running(options, **settings) as name,
        httpx.Client(base_url=address, timeout=WAIT_SECONDS) as client,
    ):
        wait_until(lambda: count_workers(client) >= 0)
        yield name, client


def stop(name: str, seconds: float) -> None:
    """Stop a service as a platform does; check that it ends by itself, in time and whole."""
    before = time.monotonic()
    subprocess.run([*ENGINE, "stop", "--time", "60", name], check=True, stdout=subprocess.DEVNULL)
    took = time.monotonic() - before
    found = subprocess.run([*ENGINE, "inspect", name], check=True, capture_output=True)
    state = json.loads(found.stdout)[0]["State"]
    assert not state["OOMKilled"], state
    assert state["ExitCode"] in (0, 128 + signal.SIGTERM), state
    assert took < seconds, f"{name} took {took:.1f} seconds to stop"


def is_open(port: int) -> bool:
    """Tell whether a port of this machine takes connections."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main()
