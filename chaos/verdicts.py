"""Verdicts: what was expected, what was found, and whether it holds."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from chaos.client import Client
from chaos.media import count_frames
from chaos.orders import Order
from chaos.site import Site
from reelqueue.upkeep.recovery import KILLED_TOO_OFTEN

Status = dict[str, Any]
POLL_SECONDS = 0.2
NAMED = 3


class Row(NamedTuple):
    """One line of the table."""

    what: str
    asked: str
    found: str
    holds: bool


def expect_count(what: str, found: int, asked: int) -> Row:
    """Judge a count that must be exact."""
    return Row(what, str(asked), str(found), found == asked)


def expect_none(what: str, found: Iterable[str]) -> Row:
    """Judge a list that must be empty; the verdict names its first entries."""
    names = sorted(found)
    named = f"{len(names)}: {', '.join(names[:NAMED])}" if names else "none"
    return Row(what, "none", named, not names)


def expect_at_least(what: str, found: int, asked: int) -> Row:
    """Judge a count with a lower limit."""
    return Row(what, f"at least {asked}", str(found), found >= asked)


def expect_at_most(what: str, found: float, asked: float, unit: str = "s") -> Row:
    """Judge a number with an upper limit."""
    return Row(what, f"at most {asked:g} {unit}", f"{found:.1f} {unit}", found <= asked)


def await_ends(client: Client, jobs: Iterable[str], seconds: float) -> dict[str, Status]:
    """Poll jobs until all have ended or `seconds` are over; return the statuses of ended jobs."""
    ends: dict[str, Status] = {}
    waiting = set(jobs)
    deadline = time.monotonic() + seconds
    while waiting and time.monotonic() < deadline:
        for job in sorted(waiting):
            status = client.find_status(job)
            if status and "ended_at" in status:
                ends[job] = status
        waiting -= ends.keys()
        time.sleep(POLL_SECONDS)
    return ends


def judge_jobs(
    site: Site, ordered: Mapping[str, Order], ends: Mapping[str, Status], *, poison_after: int = 0
) -> list[Row]:
    """Judge the ends of all jobs of a site.

    Args:
        site: the deployment.
        ordered: the orders, by job id.
        ends: the first status of each job that had `ended_at`.
        poison_after: the number of attempts after which a job may be given up; 0: never.
    """
    latest = {job: site.client.read_status(job) for job in ordered}
    finished = {job for job, status in latest.items() if status["status"] == "finished"}
    failed = {job for job, status in latest.items() if status["status"] == "failed"}
    poison = {job for job in failed if is_poison(latest[job], poison_after)}
    what = f"jobs given up after {poison_after} renders"
    allowed = [Row(what, "any", str(len(poison)), holds=True)] if poison_after else []
    return [
        *allowed,
        expect_count("jobs with one outcome", count_outcomes(site, latest), len(ordered)),
        expect_none("jobs without an order", list_jobs(site) - ordered.keys()),
        *judge_monitor(site),
        expect_none("outcomes that changed", (job for job in ends if ends[job] != latest[job])),
        expect_none("jobs that failed", (_describe(latest[job]) for job in failed - poison)),
        expect_count(
            f"of {len(finished)} videos, those that decode to their exact frames",
            sum(
                count_frames(site.client.download(latest[job])) == ordered[job].frames
                for job in finished
            ),
            len(finished),
        ),
    ]


def judge_monitor(site: Site) -> list[Row]:
    """Judge what operators and users saw since the site began."""
    return [
        *judge_answers(site),
        expect_none("jobs whose progress went back", site.monitor.setbacks),
    ]


def judge_answers(site: Site) -> list[Row]:
    """Judge what operators saw since the site began."""
    return [
        expect_at_least("answers of /health and /metrics", site.monitor.answers, 1),
        expect_none("answers of /health and /metrics that were errors", site.monitor.faults),
    ]


def is_poison(status: Status, attempts: int) -> bool:
    """Tell whether a job was given up after enough of its renders were killed."""
    return bool(attempts) and status["error"] == KILLED_TOO_OFTEN and status["attempts"] >= attempts


def count_outcomes(site: Site, statuses: Mapping[str, Status]) -> int:
    """Count the jobs whose only outcome in the ledger is the one in the status."""
    ledger = site.services.ledger
    count = 0
    for job, status in statuses.items():
        record = ledger.read(job)
        keys = [entry.key for entry in site.services.store.list(f"jobs/{job}/runs")]
        written = sum(key.endswith("/outcome.json") for key in keys)
        if record.outcome and written == record.run:
            count += record.outcome.status == status["status"]
    return count


def list_jobs(site: Site) -> set[str]:
    """Return the ids of all accepted jobs in storage."""
    keys = [entry.key.split("/") for entry in site.services.store.list("jobs")]
    return {key[1] for key in keys if key[2:] == ["job.json"]}


def judge_attempts(ends: Mapping[str, Status]) -> Row:
    """Judge that each job needed one attempt."""
    spent = [f"{job} ({end['attempts']})" for job, end in ends.items() if end["attempts"] != 1]
    return expect_none("jobs of more than one attempt", spent)


def judge_takeovers(site: Site, jobs: Iterable[str]) -> Row:
    """Judge that no job was taken from its worker, which is alive."""
    ledger = site.services.ledger
    taken = [job for job in jobs if ledger.read(job).takeovers]
    return expect_none("jobs taken from a living worker", taken)


def format_table(rows: Sequence[tuple[str, Row]]) -> str:
    """Return rows, each with the name of its scenario, as a Markdown table."""
    head = ("scenario", "what", "asked", "found", "holds")
    lines: list[Sequence[str]] = [head, ["---"] * len(head)]
    for scenario, row in rows:
        lines.append((scenario, row.what, row.asked, row.found, "yes" if row.holds else "**no**"))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _describe(status: Status) -> str:
    return f"{status['job_id']} ({status['attempts']} attempts: {status['error']})"
