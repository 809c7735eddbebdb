"""The storage keys of the ledger's files.

jobs/<id>/job.json                   the accepted job; written once, before it is queued
jobs/<id>/runs/<n>/start.json        a retry started run n (run 1 has none); written once
jobs/<id>/runs/<n>/takeovers/<k>     the run was lost, and handed to another worker the k-th time;
                                     it says how far the run was
jobs/<id>/runs/<n>/begun/<k>         a render began after k takeovers
jobs/<id>/runs/<n>/outcome.json      finished, failed or canceled; written once: the first wins
jobs/<id>/runs/<n>/log.txt           the last log lines of failed attempts
jobs/<id>/outputs/<token>/video.mp4  the file of one attempt; visible only if an outcome names it
"""

from __future__ import annotations

from reelqueue.jobs.model import Record


def job_key(job_id: str) -> str:
    """Return the key of the accepted job."""
    return f"jobs/{job_id}/job.json"


def start_key(job_id: str, run: int) -> str:
    """Return the key of the start of a run after the first."""
    return f"jobs/{job_id}/runs/{run}/start.json"


def mark_key(record: Record, kind: str, number: int) -> str:
    """Return the key of a takeover of a run, or of a render that began."""
    return f"jobs/{record.job.id}/runs/{record.run}/{kind}/{number}"


def open_key(job_id: str, run: int) -> str:
    """Return the key of the mark of a run that may have no outcome."""
    return f"open/{job_id}/{run}"


def failed_key(job_id: str, run: int) -> str:
    """Return the key of the mark of a run that failed."""
    return f"failed/{job_id}/{run}"


def log_key(job_id: str, run: int) -> str:
    """Return the key of the log of a run's failed attempts."""
    return f"jobs/{job_id}/runs/{run}/log.txt"


def outcome_key(job_id: str, run: int) -> str:
    """Return the key of the outcome of a run."""
    return f"jobs/{job_id}/runs/{run}/outcome.json"
