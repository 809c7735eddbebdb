"""What `make` needs is installed where the user may, and else named."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from shlex import quote

import httpx
import psutil
import pytest
from redis import Redis

from tests.conftest import PATIENCE_SECONDS, ROOT, find_free_port, wait_until

pytestmark = pytest.mark.process

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a program with nothing but sh, grep, env, python3 and these others to be found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "env", "grep"):
        (folder / name).symlink_to(shutil.which(name) or "")
    (folder / "python3").symlink_to(sys.executable)

    def run(*command: str | Path, **others: str) -> subprocess.CompletedProcess[str]:
        for name, script in others.items():
            (folder / name.replace("_", "-")).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name.replace("_", "-")).chmod(0o755)
        return subprocess.run(
            command,
            cwd=ROOT,
            env={"PATH": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_user_who_may_not_install_is_told_all_that_is_missing(run: Run) -> None:
    user = {"id": "echo 1000", "sudo": "exit 1", "apt_get": "echo never", "there": ""}
    done = run("scripts/require", "there", "python3-venv", "curl", "redis-server", **user)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Please install first: curl redis-server   "
        "(Debian, Ubuntu: sudo apt-get install curl redis-server)\n"
    )


def test_nothing_is_said_where_all_is_there(run: Run) -> None:
    done = run("scripts/require", "there", "python3-venv", there="", id="echo 1000")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "user", [{"id": "echo 0"}, {"id": "echo 1000", "sudo": 'shift; exec "$@"'}], ids=str
)
def test_who_may_has_it_installed(run: Run, tmp_path: Path, user: dict[str, str]) -> None:
    calls = tmp_path / "calls"
    done = run("scripts/require", "curl", apt_get=f'echo "$@" >>{calls}', **user)
    assert (done.returncode, done.stdout) == (0, "Installing curl ...\n")
    assert calls.read_text() == "update -qq\ninstall -y -qq --no-install-recommends curl\n"


def test_old_python_is_refused_in_a_sentence_before_anything_is_made(
    run: Run, tmp_path: Path
) -> None:
    make = shutil.which("make") or ""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "requirements-moviepy.txt"):
        (tmp_path / name).touch()
    before = sorted(tmp_path.iterdir())
    old = "import sys; sys.version_info = (3, 10, 2); exec(sys.argv.pop(1))"
    done = run(
        *(make, "--silent", "--directory", tmp_path, "install", "PYTHON=python3.10"),
        **{"python3.10": f'shift; exec python3 -c "{old}" "$@"'},
    )
    assert done.returncode == 2
    assert done.stderr.startswith(
        "Python 3.11 or newer is needed, and python3.10 is 3.10: install one, then say "
    )
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.redis
@pytest.mark.render
def test_stack_makes_a_slideshow_and_leaves_nothing_once_it_is_interrupted(
    tmp_path: Path, photo_paths: list[Path]
) -> None:
    """Its worker hands back its job before Redis stops."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    for name in ("app.py", "worker.py", "tasks.py", "gunicorn.conf.py", "reelqueue"):
        (tmp_path / name).symlink_to(ROOT / name)
    ports = {"PORT": str(find_free_port()), "REDIS_PORT": str(find_free_port())}
    storage = {"STORAGE_URL": (tmp_path / "data").as_uri()}
    log = tmp_path / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            # Whoever runs the tests in the background has this signal ignored.
            [
                "env",
                "--default-signal=INT",
                ROOT / "scripts" / "stack",
                Path(sys.executable).parent,
            ],
            cwd=tmp_path,
            env={**os.environ, **ports, **storage, "TMPDIR": str(temporary)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as stack,
    ):
        processes = psutil.Process(stack.pid)
        try:
            wait_until(lambda: "Listening on high" in log.read_text())
            with Redis(port=int(ports["REDIS_PORT"])) as connection:
                assert connection.scard("rq:workers") == 1
            make_slideshow(f"http://127.0.0.1:{ports['PORT']}", photo_paths[:2])
            started = processes.children(recursive=True)
            os.killpg(stack.pid, signal.SIGINT)
            stack.wait(PATIENCE_SECONDS)
            assert [process for process in started if process.is_running()] == []
        finally:
            for process in [] if stack.poll() is not None else processes.children(recursive=True):
                process.kill()
            stack.kill()
    told = log.read_text()
    assert stack.returncode == 130
    assert told.index("is now ready to exit") > told.rindex("rq.worker")
    assert "ConnectionError" not in told
    left = [path for path in temporary.rglob("*") if path.is_file() and path.stat().st_size]
    assert left == []  # but for locks, which are empty


def is_well(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):  # it is not up yet
        return bool(client.get("/health").json()["status"] == "ok")
    return False


def make_slideshow(server: str, photo_paths: list[Path]) -> None:
    with httpx.Client(base_url=server, timeout=PATIENCE_SECONDS) as client:
        wait_until(lambda: is_well(client))
        files = [("images", (path.name, path.read_bytes())) for path in photo_paths]
        session = client.post("/upload_images", files=files).json()["session_id"]
        order = {"session_id": session, "duration": 0.5, "resolution": "160x90", "fps": 15}
        job = client.post("/generate_video", json=order).json()
        wait_until(lambda: "ended_at" in client.get(job["status_url"]).json())
        result = client.get(job["status_url"]).json()["result"]
        assert client.get(result["download_url"]).content[4:8] == b"ftyp"


def test_redis_and_web_of_compose_are_reached_from_this_machine_only() -> None:
    ports = re.findall(r"ports:\n(?: +#.*\n)* +- (.*)\n", (ROOT / "compose.yaml").read_text())
    assert ports == ['"${BIND:-127.0.0.1}:${PORT:-5000}:5000"']


@pytest.mark.parametrize("target", ["run", "stack"])
def test_web_that_make_starts_is_reached_from_this_machine_only(
    tmp_path: Path, target: str
) -> None:
    called = tmp_path / "called"
    for name in ("gunicorn", "python", "redis-server"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@" >>{called}\n')
        (tmp_path / name).chmod(0o755)
    make = ["make", "--no-print-directory", "--dry-run", target, f"BIN={tmp_path}"]
    steps = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    start = steps.splitlines()[-1].replace("scripts/stack", quote(str(ROOT / "scripts" / "stack")))
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", start], cwd=tmp_path, env=path, check=False)
    assert "gunicorn --bind 127.0.0.1:5000 app:app\n" in called.read_text()
