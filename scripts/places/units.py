"""Install Reelqueue on a machine that systemd runs, as docs/operating.md says, and use its units.

    python -m scripts.places.units BASE

The machine is a container of BASE, the bare Debian of `scripts/base-image`, in which systemd is the
first process. It needs root, and podman as `ENGINE` says it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx

from scripts.places.image import ENGINE, LIMITS, ROOT
from scripts.places.service import (
    WAIT_SECONDS,
    check_video,
    count_workers,
    find_free_port,
    order_long_slideshow,
    wait_until,
)

MACHINE = "localhost/reelqueue-check-machine"
MACHINE_FILE = r"""
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends \
    dbus sudo systemd-sysv
"""
# systemd needs a tree of control groups that it may change, and stops by SIGRTMIN+3.
FIRST_PROCESS = ("--privileged", "--systemd=false", "--cgroupns=private", "--stop-signal=37")
FOLDERS = ("--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp")
SOURCE = "/srv/reelqueue"
EDIT = "sed -i s,^REDIS_URL=.*,REDIS_URL=redis://localhost:6379/0, /etc/reelqueue.env"
SERVICES = ("reelqueue-web", "reelqueue-worker@1", "reelqueue-worker@2")
# What the main process of a service may do, and what it could write; and what its limits are.
LOOK = r"""
process=$(systemctl show --property MainPID --value $1)
grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/$process/status
nsenter --mount --target $process setpriv --reuid reelqueue --regid reelqueue --clear-groups sh -c '
    for folder in / /etc /opt/reelqueue /tmp /usr /var/lib/reelqueue /var/tmp; do
        ! touch $folder/made 2>/dev/null || echo "writes $folder"
    done
    for path in /home/someone /dev/mem /dev/fuse /proc/1/status; do
        ! test -e $path || echo "sees $path"
    done'
group=$(systemctl show --property ControlGroup --value $1)
cd /sys/fs/cgroup
echo "memory $(cat memory$group/memory.limit_in_bytes .$group/memory.max 2>/dev/null)"
echo "processes $(cat pids$group/pids.max .$group/pids.max 2>/dev/null)"
"""
LOCKED = [
    *("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"),
    *("writes /tmp", "writes /var/lib/reelqueue", "writes /var/tmp"),
]


def main() -> None:
    """Run all checks; stop with an error at the first that fails."""
    command = [*ENGINE, "build", "--network", "host", "--tag", MACHINE, "--file", "-"]
    with tempfile.TemporaryDirectory() as folder:
        text = f"FROM {sys.argv[1]}\n{MACHINE_FILE}"
        subprocess.run([*command, folder], check=True, input=text, text=True)
    with booted() as machine:
        address = f"http://127.0.0.1:{machine.port}"
        with httpx.Client(base_url=address, timeout=WAIT_SECONDS) as client:
            install(machine, client)
            check_locks(machine)
            check_kill(machine, client)
            check_stop(machine, client)
    print("The units of systemd run.")


class Machine:
    """A container in which systemd is the first process."""

    def __init__(self) -> None:
        self.name, self.port = f"reelqueue-{uuid4()}", find_free_port()
        publish = ("--publish", f"127.0.0.1:{self.port}:5000")
        options = [*FIRST_PROCESS, *FOLDERS, *LIMITS, *publish, "--name", self.name]
        start = ["run", "--detach", *options, MACHINE, "/lib/systemd/systemd"]
        subprocess.run([*ENGINE, *start], check=True, stdout=subprocess.DEVNULL)

    def run(self, script: str, *arguments: str) -> str:
        """Run a script of sh in the checkout as root, and return what it prints."""
        command = [*ENGINE, "exec", "--workdir", SOURCE, self.name, "sh", "-euc", script, "sh"]
        done = subprocess.run(
            [*command, *arguments],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{script}: {done.stdout}"
        return done.stdout

    def show(self, service: str, name: str) -> str:
        """Return a property of a service."""
        return self.run(f"systemctl show --property {name} --value {service}").strip()


@contextmanager
def booted() -> Iterator[Machine]:
    """Boot a machine for the block, with a copy of the checkout."""
    machine = Machine()
    try:
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, check=True, cwd=ROOT, stdout=subprocess.PIPE).stdout
        pack = ["tar", "--create", "--null", "--files-from=-", "--ignore-failed-read"]
        packed = subprocess.run(pack, check=True, cwd=ROOT, input=names, stdout=subprocess.PIPE)
        unpack = f"mkdir -p {SOURCE} && tar --extract --no-same-owner --directory {SOURCE}"
        put = [*ENGINE, "exec", "--interactive", machine.name, "sh", "-c", unpack]
        subprocess.run(put, check=True, input=packed.stdout)
        yield machine
    except BaseException:
        subprocess.run([*ENGINE, "exec", machine.name, "journalctl", "--no-pager"], check=False)
        raise
    finally:
        remove = [*ENGINE, "rm", "--force", "--volumes", machine.name]
        subprocess.run(remove, check=True, stdout=subprocess.DEVNULL)


def install(machine: Machine, client: httpx.Client) -> None:
    """Do what docs/operating.md says, to the letter, and edit the settings where it says so."""
    text = (ROOT / "docs" / "operating.md").read_text()
    _, _, rest = text.partition("### With systemd\n")
    steps, doctor = re.findall(r"```sh\n(.*?)```", rest.partition("\n### ")[0], re.DOTALL)
    before, edit, after = re.split(r"( # then edit it.*\n)", steps)
    machine.run(f"{before}{edit}{EDIT}\n{after}")
    wait_until(lambda: count_workers(client) == 2)
    told = machine.run(doctor)
    assert "problem" not in told, told


def check_locks(machine: Machine) -> None:
    """Check that services have no rights, write to their own folders alone, and have limits."""
    for service in SERVICES:
        seen = machine.run(LOOK, service).splitlines()
        memory = (2 if service == "reelqueue-web" else 4) << 30
        assert seen == [*LOCKED, f"memory {memory}", "processes 512"], (service, seen)


def check_kill(machine: Machine, client: httpx.Client) -> None:
    """Kill the workers within a render: they are started again, and the video comes."""
    url = order_long_slideshow(client)
    machine.run("systemctl kill --kill-whom main --signal KILL 'reelqueue-worker@*'")
    check_video(client, url)
    wait_until(lambda: count_workers(client) == 2)  # the killed are counted for a while
    for service in SERVICES[1:]:
        assert machine.show(service, "NRestarts") == "1"


def check_stop(machine: Machine, client: httpx.Client) -> None:
    """Stop the target within a render: all services end well, and no job is lost."""
    url = order_long_slideshow(client, seed=1)
    machine.run("systemctl stop reelqueue.target")
    for service in SERVICES:
        state = [machine.show(service, name) for name in ("ActiveState", "Result")]
        assert state == ["inactive", "success"], (service, state)
    assert count_workers(client) == -1
    machine.run("systemctl start reelqueue.target")
    wait_until(lambda: count_workers(client) == 2)
    check_video(client, url)


if __name__ == "__main__":
    main()
