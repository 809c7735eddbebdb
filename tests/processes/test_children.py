"""Real child processes: what ends them, and what limits them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from reelqueue.processes import children
from reelqueue.processes.children import Limits, run_child, running_child
from tests.conftest import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "sys.stdout.write('deaf\\n'); sys.stdout.flush()\n"
    "time.sleep(60)\n",
]
# A parent starts a child in a new process group, the child starts a grandchild; both print ids.
FAMILY = """
import subprocess, sys, time
from reelqueue.processes.children import running_child

if len(sys.argv) > 1:
    with running_child([sys.executable, "-c", "import time; time.sleep(60)"]) as grandchild:
        sys.stdout.write(f"{grandchild.pid}\\n")
        sys.stdout.flush()
        time.sleep(60)
with running_child([sys.executable, __file__, "child"], own_group=True, stdout=sys.stdout) as child:
    sys.stdout.write(f"{child.pid}\\n")
    sys.stdout.flush()
    time.sleep(60)
"""


class TimeUpError(Exception):
    """Raised by a signal handler, as RQ does when the time of a job is up."""


def is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_child_and_grandchild_die_when_the_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "family.py"
    script.write_text(FAMILY)
    parent = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}
    )
    assert parent.stdout is not None
    with parent, parent.stdout as stdout:
        child, grandchild = (int(stdout.readline()) for _ in range(2))
        assert is_running(child)
        assert is_running(grandchild)
        parent.kill()
        parent.wait()
        wait_until(lambda: not is_running(child) and not is_running(grandchild))


def test_child_ends_when_the_block_is_left() -> None:
    with running_child(SLEEP) as process:
        assert is_running(process.pid)
    assert process.returncode == -signal.SIGTERM


def test_child_ends_when_the_block_is_left_by_an_exception() -> None:
    with pytest.raises(KeyboardInterrupt), running_child(SLEEP) as process:
        raise KeyboardInterrupt
    assert process.returncode == -signal.SIGTERM


def test_child_that_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "GRACE_SECONDS", 0.1)
    with running_child(DEAF, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
    assert process.returncode == -signal.SIGKILL


def test_child_does_not_outlive_an_exception_that_comes_while_it_is_being_ended() -> None:
    def interrupt(*_: object) -> None:
        raise TimeUpError

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        with running_child(DEAF, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            signal.setitimer(signal.ITIMER_REAL, 0.2)
    except TimeUpError:
        assert child.returncode == -signal.SIGKILL
    else:
        pytest.fail("the exception was lost")
    finally:
        signal.signal(signal.SIGALRM, previous)


def test_own_group_ends_the_childs_children_too() -> None:
    script = (
        "import subprocess, sys, time\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "sys.stdout.write(f'{other.pid}\\n'); sys.stdout.flush()\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script]
    with running_child(command, own_group=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        grandchild = int(process.stdout.readline())
        assert os.getpgid(grandchild) == process.pid
    wait_until(lambda: not is_running(grandchild))


def test_child_stays_in_our_process_group_by_default() -> None:
    with running_child(SLEEP) as process:
        assert os.getpgid(process.pid) == os.getpgid(0)


@pytest.mark.parametrize(
    ("limits", "script", "sign"),
    [
        (Limits(memory_bytes=200 << 20), "bytearray(300 << 20)", b"MemoryError"),
        (Limits(cpu_seconds=1), "while True: pass", b""),
        (
            Limits(file_bytes=1000),
            "open('big', 'wb', 0).write(bytes(5000)); open('big', 'ab', 0).write(b'x')",
            b"large",
        ),
        (Limits(open_files=16), "[open('/dev/null') for _ in range(20)]", b"Too many open files"),
    ],
)
def test_limit_ends_a_greedy_child(
    tmp_path: Path, limits: Limits, script: str, sign: bytes
) -> None:
    code, _, err = run_child(
        [sys.executable, "-c", script], timeout=PATIENCE_SECONDS, limits=limits, cwd=tmp_path
    )
    assert code != 0
    assert sign in err
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 1000


def test_child_has_no_input_no_core_file_and_the_niceness_it_was_given() -> None:
    script = (
        "import os, resource, sys\n"
        "sys.stdout.write(f'{sys.stdin.read()!r} {resource.getrlimit(resource.RLIMIT_CORE)}'\n"
        "                 f' {os.nice(0)} {dict(os.environ)}')\n"
    )
    code, out, _ = run_child(
        [sys.executable, "-I", "-c", script],
        timeout=PATIENCE_SECONDS,
        limits=Limits(niceness=os.nice(0) + 3),
        environment={"ONLY": "this", "LC_ALL": "C.UTF-8"},
    )
    assert code == 0
    assert out.decode() == f"'' (0, 0) {2 * os.nice(0) + 3} {{'ONLY': 'this', 'LC_ALL': 'C.UTF-8'}}"


def test_child_ends_before_its_parent_when_memory_runs_out() -> None:
    """The kernel kills the process with the highest score (proc(5), oom_score_adj)."""
    own = int(Path("/proc/self/oom_score_adj").read_text())
    _, out, _ = run_child(["cat", "/proc/self/oom_score_adj"], timeout=PATIENCE_SECONDS)
    assert int(out) == 500 > own


def test_sigpipe_and_sigxfsz_end_the_child_as_in_a_shell() -> None:
    command = ["grep", "^SigIgn:", "/proc/self/status"]
    _, out, _ = run_child(command, timeout=PATIENCE_SECONDS)
    ignored = int(out.split()[1], 16)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        assert not ignored & 1 << number - 1


def test_limit_never_rises_above_the_parents() -> None:
    inner = (
        "import resource, sys\n"
        "from reelqueue.processes.children import Limits, run_child\n"
        "print_limit = 'import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[1])'\n"
        "code, out, err = run_child([sys.executable, '-c', print_limit], timeout=180,"
        " limits=Limits(open_files=200))\n"
        "sys.stdout.buffer.write(out + err)\n"
    )
    code, out, _ = run_child(
        [sys.executable, "-c", inner],
        timeout=PATIENCE_SECONDS,
        limits=Limits(open_files=100),
        cwd=ROOT,
    )
    assert (code, out) == (0, b"100\n")


def test_run_child_ends_a_child_that_takes_too_long() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run_child(SLEEP, timeout=0.2)
    assert not [child for child in psutil.Process().children() if child.cmdline() == SLEEP]


def test_missing_program_gives_an_exit_code_and_a_reason() -> None:
    code, _, err = run_child(["/no/such/program"], timeout=PATIENCE_SECONDS)
    assert code != 0
    assert b"/no/such/program" in err
