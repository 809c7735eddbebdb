"""The storage keys of the ledger's files.

jobs/<id>/job.json                   the accepted job; written once, before it is queued
jobs/<id>/work.json                  what to render, of a job that could not be planned before the
                                     jobs that it needs had finished; written once
jobs/<id>/runs/<n>/start.json        a retry started run n (run 1 has none); written once
jobs/<id>/runs/<n>/takeovers/<k>     the run was lost, and handed to another worker the k-th time;
                                     it says how far the run was
jobs/<id>/runs/<n>/begun/<k>         a render began after k takeovers
jobs/<id>/runs/<n>/outcome.json      finished, failed or canceled; written once: the first wins
jobs/<id>/runs/<n>/log.txt           the last log lines of failed attempts
jobs/<id>/outputs/<token>/video.mp4  the file of one attempt; visible only if an outcome names it
"""

from __future__ import annotations

from uuid import uuid4

from reelqueue.jobs.model import Record


def job_key(job_id: str) -> str:
    """Return the key of the accepted job."""
    return f"jobs/{job_id}/job.json"


def work_key(job_id: str) -> str:
    """Return the key of the work of a job that was accepted with a draft."""
    return f"jobs/{job_id}/work.json"


def start_key(job_id: str, run: int) -> str:
    """Return the key of the start of a run after the first."""
    return f"jobs/{job_id}/runs/{run}/start.json"


def mark_key(record: Record, kind: str, number: int) -> str:
    """Return the key of a takeover of a run, or of a render that began."""
    return f"jobs/{record.job.id}/runs/{record.run}/{kind}/{number}"


def open_key(job_id: str, run: int) -> str:
    """Return the key of the mark of a run that may have no outcome."""
    return f"open/{job_id}/{run}"


def held_key(job_id: str, run: int) -> str:
    """Return the key of the mark of a run that may not be queued yet."""
    return f"held/{job_id}/{run}"


def held_change_key(job_id: str, run: int) -> str:
    """Return a new key of the note that a run is held, or no longer."""
    return f"held-changes/{job_id}/{run}/{uuid4()}"


def ended_key(status: str, job_id: str, run: int) -> str:
    """Return the key of the mark of a run that failed or was canceled, as its status says."""
    return f"{status}/{job_id}/{run}"


def deleted_key(job_id: str) -> str:
    """Return the key of the mark of a job that its owner deleted."""
    return f"deleted/{job_id}"


def log_key(job_id: str, run: int) -> str:
    """Return the key of the log of a run's failed attempts."""
    return f"jobs/{job_id}/runs/{run}/log.txt"


def outcome_key(job_id: str, run: int) -> str:
    """Return the key of the outcome of a run."""
    return f"jobs/{job_id}/runs/{run}/outcome.json"


def name_outputs(job_id: str) -> str:
    """Return a new folder for one attempt's files; they are hidden until an outcome names them."""
    return f"jobs/{job_id}/outputs/{uuid4()}"
