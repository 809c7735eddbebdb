"""What a child in a sandbox reaches: no network, no files but its own, no secrets of its parent."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reelqueue.processes import children
from reelqueue.processes.children import (
    Sandbox,
    build_python_sandbox,
    pick_environment,
    run_child,
)
from reelqueue.processes.landlock import find_version
from tests.conftest import PATIENCE_SECONDS, ROOT

pytestmark = pytest.mark.process

HAS_LANDLOCK = find_version() > 0
needs_landlock = pytest.mark.skipif(not HAS_LANDLOCK, reason="this kernel has no Landlock")

# Tries each expression of argv[1], a list in JSON, and writes what came of each.
TRY = """
import ctypes, json, os, pathlib, socket, sys, urllib.request
tried = {}
for expression in json.loads(sys.argv[1]):
    try:
        tried[expression] = str(eval(expression))
    except Exception as error:
        tried[expression] = type(error).__name__
sys.stdout.write(json.dumps(tried))
"""


def attempt(*expressions: str, sandbox: Sandbox | None = None, **options: Any) -> list[str]:
    """Return what came of each expression in a sandboxed child, or the name of its exception."""
    command = [sys.executable, "-c", TRY, json.dumps(expressions)]
    given = build_python_sandbox() if sandbox is None else sandbox
    code, out, err = run_child(command, timeout=PATIENCE_SECONDS, sandbox=given, **options)
    assert code == 0, err
    answers: dict[str, str] = json.loads(out)
    return list(answers.values())


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    path = tmp_path / "secret" / "canary.txt"
    path.parent.mkdir()
    path.write_text("canary")
    return path


@needs_landlock
def test_child_opens_its_own_files_and_no_others(tmp_path: Path, canary: Path) -> None:
    own, given = tmp_path / "own", tmp_path / "given.txt"
    own.mkdir()
    given.write_text("given")
    link = own / "link"
    link.symlink_to(canary)
    sandbox = build_python_sandbox(own)
    sandbox = Sandbox((*sandbox.reads, given), sandbox.writes, sandbox.lists)
    assert attempt(
        f"pathlib.Path({str(given)!r}).read_text()",
        f"pathlib.Path({str(own / 'made')!r}).write_text('made')",
        f"pathlib.Path({str(own / 'made')!r}).read_text()",
        f"os.replace({str(own / 'made')!r}, {str(own / 'moved')!r})",
        f"pathlib.Path({str(canary)!r}).read_text()",
        f"pathlib.Path({str(link)!r}).read_text()",
        f"os.listdir({str(canary.parent)!r})",
        f"pathlib.Path({str(given)!r}).write_text('changed')",
        f"pathlib.Path({str(canary.with_name('new'))!r}).write_text('new')",
        f"os.rename({str(canary)!r}, {str(own / 'taken')!r})",
        "pathlib.Path('/etc/passwd').read_text()",
        sandbox=sandbox,
    ) == ["given", "4", "made", "None", *["PermissionError"] * 7]
    assert canary.read_text() == "canary"
    assert (own / "moved").read_text() == "made"


@needs_landlock
def test_files_beside_the_package_are_closed() -> None:
    """In a checkout, the settings and the files of users lie there."""
    assert attempt(
        f"pathlib.Path({str(ROOT / 'README.md')!r}).read_text()",
        f"'reelqueue' in os.listdir({str(ROOT)!r})",
        "__import__('reelqueue.media.sniff').__name__",
        cwd=ROOT,
        environment={"PYTHONPATH": str(ROOT)},
    ) == ["PermissionError", "True", "reelqueue"]


@pytest.mark.skipif(os.uname().machine not in ("x86_64", "aarch64"), reason="no filter for it")
def test_child_has_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = listener.getsockname()
        assert attempt(
            f"socket.create_connection({address})",
            "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
            "socket.socket(socket.AF_UNIX)",
            f"urllib.request.urlopen('http://127.0.0.1:{address[1]}')",
            "socket.getaddrinfo('example.org', 80)",
        ) == [*["PermissionError"] * 3, "URLError", "gaierror"]
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.skipif(os.uname().machine not in ("x86_64", "aarch64"), reason="no filter for it")
def test_child_cannot_get_round_its_sandbox() -> None:
    io_uring_setup, clone_newuser = 425, 0x10000000
    libc = "ctypes.CDLL(None, use_errno=True)"
    assert attempt(
        f"{libc}.syscall({io_uring_setup}, 8, None), ctypes.get_errno()",
        f"{libc}.unshare({clone_newuser})",
        f"{libc}.ptrace(16, os.getppid(), None, None)",
        f"{libc}.prctl(39, 0, 0, 0, 0)",  # PR_GET_NO_NEW_PRIVS
    ) == ["(-1, 1)", "-1", "-1", "1"]


@needs_landlock
def test_child_does_not_see_the_environment_and_the_memory_of_its_parent() -> None:
    assert (
        attempt(
            "open(f'/proc/{os.getppid()}/environ').read()",
            "open(f'/proc/{os.getppid()}/mem').read()",
        )
        == ["PermissionError"] * 2
    )


@pytest.mark.skipif(find_version() < 6, reason="this kernel's Landlock leaves signals alone")
def test_child_cannot_signal_its_parent() -> None:
    assert attempt("os.kill(os.getppid(), 0)") == ["PermissionError"]


def test_environment_of_a_decoder_has_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ("REDIS_URL", "API_TOKENS", "SECRET_KEY", "DASHBOARD_PASSWORD", "STORAGE_URL")
    keys = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "HOME", "SOMETHING")
    for name in (*secrets, *keys):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    seen = pick_environment()
    assert "secret" not in seen.values()
    assert {"PATH", "LC_ALL"} <= set(seen)


HIDDEN = """
import ctypes, os, subprocess, sys
from reelqueue.processes.exec import PR_SET_DUMPABLE, hide_process

if os.getuid() == 0:  # which sees everything
    os.setuid(65534)
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1)
if sys.argv[1] == "hidden":
    hide_process()
look = ["cat", f"/proc/{os.getpid()}/environ"]
ended = subprocess.run(look, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
sys.stdout.write(str(ended.returncode))
"""


@pytest.mark.parametrize(("how", "code"), [("plain", b"0"), ("hidden", b"1")])
def test_hidden_process_does_not_show_its_environment_to_its_user(how: str, code: bytes) -> None:
    """Whatever the kernel has for sandboxes."""
    command = [sys.executable, "-c", HIDDEN, how]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert ended.stdout == code


@pytest.mark.parametrize(
    "start",
    [
        "from reelqueue.web import server; server.on_starting(None)",
        "from reelqueue.workers.attempt import run_once; run_once('no-job', '1', '0')",
        "from reelqueue.workers import loop;"
        "loop.prepare_process(loop.Settings(redis_url='redis://127.0.0.1:1'))",
    ],
    ids=["web", "render", "worker"],
)
def test_service_hides_itself_when_it_starts(start: str, tmp_path: Path) -> None:
    get_dumpable = "import ctypes, sys; sys.exit(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    ended = subprocess.run(
        [sys.executable, "-c", f"{start}\n{get_dumpable}"],
        cwd=ROOT,
        env=os.environ | {"STORAGE_URL": tmp_path.as_uri()},
        check=False,
    )
    assert ended.returncode == 0


def test_kernel_without_landlock_runs_children_all_the_same(
    monkeypatch: pytest.MonkeyPatch, canary: Path
) -> None:
    away = children._LAUNCHER.replace(
        "from reelqueue.processes.exec import main;",
        "from reelqueue.processes import landlock; landlock._CREATE_RULESET = 100_000;"
        " from reelqueue.processes.exec import main;",
    )
    monkeypatch.setattr(children, "_LAUNCHER", away)
    assert attempt(f"pathlib.Path({str(canary)!r}).read_text()") == ["canary"]
