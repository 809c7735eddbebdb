"""Children that a server forks: what bounds each, what it leaves, and what ends the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from reelqueue.errors import UnavailableError
from reelqueue.processes import forks
from reelqueue.processes.children import (
    ChildTimeoutError,
    Limits,
    Sandbox,
    build_python_sandbox,
)
from reelqueue.processes.forks import Forks
from reelqueue.processes.landlock import find_version
from tests.conftest import PATIENCE_SECONDS, ROOT, wait_until

pytestmark = pytest.mark.process

NO_LIMITS = Limits()

# A child runs the statements of its argument.
SERVER = """
import ctypes, os, pathlib, signal, socket, subprocess, sys, time
from reelqueue.processes.fork_server import serve

loaded = []

def work(arguments):
    exec(arguments[0], globals())

def load(arguments):
    if arguments[0] == "unloadable":
        raise OSError("no memory")
    if arguments[0] == "slow":
        time.sleep(600)
    loaded.append(os.getpid())

serve(load, work)
"""
PARENT = """
import sys
from pathlib import Path
from reelqueue.processes.children import Limits, Sandbox
from reelqueue.processes.forks import Forks

script = "pathlib.Path('ids').write_text(f'{os.getppid()} {os.getpid()}'); time.sleep(600)"
Forks("server", Path.cwd(), {"PYTHONPATH": sys.argv[1]}).run(
    [script], timeout=600, limits=Limits(), sandbox=Sandbox(writes=(Path.cwd(),))
)
"""
PATH = f"{ROOT}{os.pathsep}."


class Site:
    """A server's module in a folder, and its children."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "server.py").write_text(SERVER)
        self.forks = Forks("server", folder, {"PYTHONPATH": PATH})

    def run(
        self, script: str, timeout: float = PATIENCE_SECONDS, limits: Limits = NO_LIMITS
    ) -> tuple[int, bytes, bytes]:
        sandbox = build_python_sandbox(self.folder)
        return self.forks.run([script], timeout=timeout, limits=limits, sandbox=sandbox)

    def get(self, expression: str) -> str:
        """Return the value of an expression in a child, or the name of its exception."""
        code, out, err = self.run(
            f"try: print(str({expression}))\nexcept Exception as error: print(type(error).__name__)"
        )
        assert code == 0, err
        return out.decode().strip()

    def find_server(self) -> int:
        return int(self.get("os.getppid()"))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("SECRET_KEY", "secret")
    site = Site(tmp_path)
    yield site
    server = site.forks._server
    if server:
        site.forks._retire(server)
        with site.forks._changed:
            site.forks._changed.notify_all()


def is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_children_of_one_server_answer_with_code_output_and_errors(site: Site) -> None:
    code, out, err = site.run("print('said'); sys.stderr.write('failed'); sys.stdout.flush()")
    assert (code, out, err) == (0, b"said\n", b"failed")
    code, out, err = site.run("raise ValueError('odd')")
    assert (code, out) == (1, b"")
    assert b"ValueError: odd" in err
    assert site.get("(len(set(loaded)), os.getppid() in loaded)") == "(1, True)"


def test_nothing_of_a_child_is_left_for_the_next(site: Site) -> None:
    server = site.find_server()
    site.run("loaded.clear(); os.environ['LEFT'] = 'over'; os.chdir('/usr')")
    assert site.get("(len(loaded) > 1, 'LEFT' in os.environ, os.getcwd())") == str(
        (True, False, str(site.folder))
    )
    assert site.find_server() == server


def test_child_has_no_secret_no_input_and_no_file_but_its_output(site: Site) -> None:
    is_open = "[number for number in range(100) if ctypes.CDLL(None).fcntl(number, 1) >= 0]"
    with ThreadPoolExecutor() as pool:
        other = pool.submit(site.run, "open('runs', 'w').close(); time.sleep(1)")
        wait_until((site.folder / "runs").exists)  # the server has the files of that call, too
        assert site.get("('secret' in os.environ.values(), sys.stdin.read())") == "(False, '')"
        assert site.get(is_open) == "[0, 1, 2]"
        assert other.result()[0] == 0


@pytest.mark.skipif(not find_version(), reason="this kernel has no Landlock")
def test_child_opens_the_files_of_its_call_and_no_others(site: Site, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        folder.mkdir()
        (folder / "file").write_text(folder.name)
    for own, other in ((ours, theirs), (theirs, ours)):
        script = f"print(open({str(own / 'file')!r}).read(), flush=True)"
        code, out, err = site.forks.run(
            [f"{script}; open({str(other / 'file')!r})"],
            timeout=PATIENCE_SECONDS,
            limits=NO_LIMITS,
            sandbox=build_python_sandbox(own),
        )
        assert (code, out.decode()) == (1, f"{own.name}\n")
        assert b"PermissionError" in err


@pytest.mark.skipif(os.uname().machine not in ("x86_64", "aarch64"), reason="no filter for it")
def test_child_has_no_network_hides_and_gets_no_privilege(site: Site) -> None:
    assert site.get("socket.socket()") == "PermissionError"
    assert site.get("ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)") == "1"  # PR_GET_NO_NEW_PRIVS
    assert site.get("ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)") == "0"  # PR_GET_DUMPABLE


@pytest.mark.parametrize(
    ("limits", "script", "codes", "sign"),
    [
        (Limits(memory_bytes=200 << 20), "bytearray(300 << 20)", (1,), b"MemoryError"),
        (Limits(cpu_seconds=1), "while True: pass", (-signal.SIGXCPU, -signal.SIGKILL), b""),
        (Limits(file_bytes=1000), "print('x' * 5000, flush=True)", (1,), b"large"),
    ],
)
def test_limits_of_a_child_are_not_those_of_the_next(
    site: Site, limits: Limits, script: str, codes: tuple[int, ...], sign: bytes
) -> None:
    code, out, err = site.run(script, limits=limits)
    assert code in codes
    assert sign in err
    assert len(out) <= 1000
    assert site.get("len(bytearray(300 << 20))") == str(300 << 20)


def test_child_that_takes_too_long_is_killed_with_what_it_has_started(site: Site) -> None:
    script = (
        "other = subprocess.Popen(['sleep', '60'])\n"
        "print(os.getpid(), other.pid, flush=True)\n"
        "time.sleep(60)"
    )
    with pytest.raises(ChildTimeoutError) as caught:
        site.run(script, timeout=2)
    assert caught.value.stdout is not None
    started = [int(pid) for pid in caught.value.stdout.split()]
    assert len(started) == 2
    wait_until(lambda: not any(is_running(pid) for pid in started))


def test_what_a_child_has_started_ends_with_it(site: Site) -> None:
    other = int(site.get("subprocess.Popen(['sleep', '60']).pid"))
    wait_until(lambda: not is_running(other))


def test_child_that_leaves_its_group_is_killed(site: Site) -> None:
    server = site.find_server()
    script = "os.setpgid(0, os.getppid()); print(os.getpid(), flush=True); time.sleep(600)"
    with pytest.raises(ChildTimeoutError) as caught:
        site.run(script, timeout=2)
    assert caught.value.stdout is not None
    assert not is_running(int(caught.value.stdout))
    assert site.find_server() == server


def test_several_threads_share_the_server(site: Site) -> None:
    with ThreadPoolExecutor(4) as pool:
        servers = set(pool.map(site.get, ["time.sleep(0.2) or os.getppid()"] * 8))
    assert len(servers) == 1


def test_child_that_a_signal_ended_is_the_last_of_its_server(site: Site) -> None:
    server = site.find_server()
    code, _, _ = site.run("os.kill(os.getpid(), signal.SIGSEGV)")
    assert code == -signal.SIGSEGV
    assert site.find_server() != server
    wait_until(lambda: not is_running(server))


def test_call_starts_a_server_after_the_old_one_was_killed(site: Site) -> None:
    server = site.find_server()
    os.kill(server, signal.SIGKILL)
    assert site.find_server() != server


def test_server_that_does_not_start_is_an_error_of_the_service(tmp_path: Path) -> None:
    broken = Forks("no_such_module", tmp_path, {})
    with pytest.raises(UnavailableError, match="try again later"):
        broken.run([], timeout=PATIENCE_SECONDS, limits=NO_LIMITS, sandbox=Sandbox())


def test_call_that_cannot_start_ends_no_other(site: Site) -> None:
    wait = "pathlib.Path('began').touch(); exec(\"while not os.path.exists('failed'): pass\")"
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(site.run, wait)
        wait_until((site.folder / "began").exists)
        with pytest.raises(UnavailableError, match="try again later"):
            site.run("unloadable")
        (site.folder / "failed").touch()
        assert other.result()[0] == 0


def test_server_that_hangs_is_left_and_ends(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    server = site.find_server()
    monkeypatch.setattr(forks, "GRACE_SECONDS", 0.5)
    with pytest.raises(ChildTimeoutError):
        site.run("slow", timeout=0.5)
    assert site.find_server() != server
    wait_until(lambda: not is_running(server))


def test_server_ends_when_it_is_idle(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "IDLE_SECONDS", 0.1)
    server = site.find_server()
    wait_until(lambda: not is_running(server))
    assert site.find_server() != server


def test_server_and_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, PATH], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}
    )
    ids = tmp_path / "ids"
    wait_until(lambda: ids.exists() and len(ids.read_text().split()) == 2)
    server, child = map(int, ids.read_text().split())
    assert is_running(server)
    assert is_running(child)
    parent.kill()
    parent.wait()
    wait_until(lambda: not is_running(server) and not is_running(child))
