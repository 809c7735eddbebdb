"""The scenario of a full disk: a storage of 20 MB is filled, and then has room again."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import httpx

from chaos.media import is_whole
from chaos.orders import SMALL, TINY, draw_id
from chaos.site import Site, wait_until
from chaos.verdicts import Row, Status, await_ends, expect_none, judge_jobs

SIZE_BYTES = 20_000_000
SPARE_BYTES = 100_000
"""Enough room for the records of a job, but not for its video."""
END_SECONDS = 120
"""A job waits one minute for its second attempt."""
FILLER_BYTES = 1 << 16


def fill_disk(folder: Path, random: Random, short: bool) -> list[Row]:
    """Fill the storage while a job waits, free it, and judge the statuses and the files."""
    (folder / "disk").mkdir(parents=True)
    with mounted(folder / "disk") as is_mounted:
        if not is_mounted:
            return [Row("a tmpfs as storage", "20 MB", "skipped: not for this user", holds=True)]
        with Site(folder / "site", workers=1, storage=folder / "disk" / "data") as site:
            return _suffer(site, folder / "disk" / "filler", random, short)


def _suffer(site: Site, filler: Path, random: Random, short: bool) -> list[Row]:
    session = site.client.upload()
    stranded, later = draw_id(random), draw_id(random)
    (worker,) = site.workers
    worker.leave()
    site.client.order(session, SMALL, stranded)  # while there is room
    before = list_files(site.storage)
    fill(filler)
    answers = [site.client.send_photos(), site.client.send_order(session, TINY)]
    rows = [_judge_refusal(answer) for answer in answers]
    rows.append(expect_none("files left by refused calls", list_files(site.storage) - before))

    free(filler, SPARE_BYTES)
    worker.start()
    rows.append(_judge_stranded(_await_failure(site, stranded)))
    rows.append(expect_none("files that are not whole", find_partial(site.storage)))

    filler.unlink()
    site.client.order(session, SMALL, later)
    if short:
        site.client.cancel(stranded)
        site.client.retry(stranded)
    jobs = dict.fromkeys((stranded, later), SMALL)
    ends = await_ends(site.client, jobs, END_SECONDS)
    finished = [job for job, end in ends.items() if end["status"] == "finished"]
    rows.append(expect_none("jobs not finished with room again", jobs.keys() - finished))
    return rows + judge_jobs(site, jobs, ends)


def _await_failure(site: Site, job: str) -> Status:
    """Wait until an attempt at the job has failed, or the job has ended."""
    wait_until(lambda: _has_failed(site.client.read_status(job)), 60)
    return site.client.read_status(job)


def _has_failed(status: Status) -> bool:
    return status["status"] == "scheduled" or "ended_at" in status


def _judge_refusal(answer: httpx.Response) -> Row:
    kind = answer.headers["Content-Type"]
    what = f"{answer.request.url.path} with a full disk"
    found = f"{answer.status_code} {answer.json().get('detail', '')}"
    holds = answer.status_code in (503, 507) and kind == "application/problem+json"
    return Row(what, "503 or 507, and why", found, holds)


def _judge_stranded(status: Status) -> Row:
    """Judge a job without room: it must wait for another attempt or fail, and say why."""
    reason = status.get("error") or status["message"]
    holds = status["status"] in ("scheduled", "failed") and "no room" in reason
    found = f"{status['status']}: {reason}"
    return Row("a job whose video finds no room", "scheduled or failed: no room", found, holds)


@contextmanager
def mounted(folder: Path) -> Iterator[bool]:
    """Mount a small file system in memory for the block; yield whether that was possible."""
    options = ["-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", str(folder)]
    done = subprocess.run(["mount", *options], capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(filler: Path) -> None:
    """Write a file until the file system is full."""
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(FILLER_BYTES)) == FILLER_BYTES:
                pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def free(filler: Path, size: int) -> None:
    """Make some room."""
    with filler.open("rb+") as file:
        file.truncate(filler.stat().st_size - size)


def list_files(storage: Path) -> set[str]:
    """Return all files that are not empty: the ledger uses empty files as marks."""
    files = (path for path in storage.rglob("*") if path.is_file())
    return {str(path.relative_to(storage)) for path in files if path.stat().st_size}


def find_partial(storage: Path) -> list[str]:
    """Return the files that are incomplete."""
    return [name for name in list_files(storage) if not is_whole(storage / name)]
