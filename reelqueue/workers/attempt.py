"""One attempt at a job: the task that every worker runs, whatever the job's kind.

It reads the job from the ledger, renders in its own workspace, stores the result and writes the
outcome. It raises its errors: the queue decides whether the job is tried again.
"""

from __future__ import annotations

import errno
import logging
from functools import cache
from typing import Any

from reelqueue.config import Settings
from reelqueue.errors import (
    FINAL_ERRORS,
    NotFoundError,
    RenderCanceledError,
    RenderMemoryError,
    UnavailableError,
    UnreadableRecordError,
)
from reelqueue.jobs.attempt_log import keep_failure_log
from reelqueue.jobs.draft import Draft
from reelqueue.jobs.keys import name_outputs
from reelqueue.jobs.model import (
    Job,
    LiveState,
    Outcome,
    Status,
)
from reelqueue.jobs.output import Output, OutputFile
from reelqueue.outages import OUTAGES
from reelqueue.processes.exec import hide_process
from reelqueue.processes.workspace import open_workspace
from reelqueue.services import Services, open_services
from reelqueue.storage import BRIEF, PATIENT, Patience
from reelqueue.submission.batches.drafts import find_planned, plan_draft
from reelqueue.submission.kinds import KINDS, read_work
from reelqueue.submission.result_cache import forget_rendered, note_rendered
from reelqueue.workers.kinds import RENDERERS
from reelqueue.workers.kinds.base import Result
from reelqueue.workers.render_monitor import RenderMonitor

log = logging.getLogger(__name__)
log.addFilter(OUTAGES)

_FULL = (errno.ENOSPC, errno.EDQUOT)


def run_job(job_id: str, run: int, takeovers: int) -> None:
    """Render an accepted job and write its outcome.

    Do nothing if the run has ended, was taken over since it was queued, or was stored by a version
    that knows more than this one, or if the job was deleted.

    Raises:
        ReelqueueError: if the job failed for good, or its storage does not answer.
        Exception: any other fault of ours; the queue may try again.
    """
    services = _open_services(PATIENT)
    try:
        record = services.ledger.read(job_id)
        record = find_planned(services, record)
        work = read_work(record.job)
    except NotFoundError:
        _drop_deleted(services, job_id)
        return
    except UnreadableRecordError as error:
        # Recovery requeues the job as soon as a version that can render it does recovery.
        log.warning("job %s: left to another version: %s", job_id, error)
        services.queue.drop_result()
        return
    if (record.run, record.takeovers) != (run, takeovers) or record.outcome is not None:
        log.info("job %s: run %s has ended, or another worker has it", job_id, run)
        services.queue.drop_result()
        return
    services.ledger.mark_begun(record)
    live = services.queue.begin_attempt(record)
    monitor = RenderMonitor(_open_services(BRIEF), record, live)  # no render waits for its reports
    try:
        with keep_failure_log(services.ledger, record), monitor:
            if isinstance(work, Draft):
                record = plan_draft(services, record, work)
                work = read_work(record.job)
            output = _make_output(services, record.job, work, monitor)
    except RenderCanceledError:
        log.info("job %s: cancelled", job_id)
        _drop_deleted(services, job_id)
        return
    except FINAL_ERRORS as error:
        log.info("job %s: %s", job_id, error)
        if not services.ledger.was_taken_over(record):
            outcome = Outcome.from_live(monitor.live, Status.FAILED, error=str(error))
            services.ledger.end(job_id, run, outcome)
        raise
    except Exception as error:
        monitor.note_fault(_explain_fault(error))
        raise
    finished = Outcome.from_live(monitor.live, Status.FINISHED, output=output)
    try:
        counts = services.ledger.end(job_id, run, finished)
    except NotFoundError:
        forget_rendered(services, record.job)
        _drop_deleted(services, job_id)
        return
    if counts.output != output:
        services.store.delete(*(file.key for file in output.files.values()))
        services.queue.drop_result()


def _drop_deleted(services: Services, job_id: str) -> None:
    """End a render whose outcome does not count; if its job was deleted, leave nothing of it."""
    services.queue.drop_result()
    services.ledger.deletions.clear(job_id)


def _make_output(services: Services, job: Job, work: Any, monitor: RenderMonitor) -> Output:
    """Render a job and store its result."""
    with open_workspace() as folder:
        result = RENDERERS[job.kind](services, job, work, folder, monitor)
        output = _store_output(services, job, result)
    if result.is_reusable:  # before the outcome: a user who sees that may repeat the request
        note_rendered(services, job, output)
    return output


def _explain_fault(error: Exception) -> str | None:
    """Return a sentence for the user, None if only the log can tell what went wrong."""
    if isinstance(error, UnavailableError | RenderMemoryError):
        return str(error)
    if isinstance(error, MemoryError):
        return "The render ran out of memory: use a smaller size."
    if isinstance(error, OSError) and error.errno in _FULL:
        return "The disk of the machine that renders is full."
    return None


def _store_output(services: Services, job: Job, result: Result) -> Output:
    """Store a result under keys that only this attempt uses."""
    folder = name_outputs(job.id)
    files = {}
    for name, path in result.files.items():
        key = f"{folder}/{name}{path.suffix}"
        services.store.write(key, path)
        files[name] = OutputFile(key=key, size=path.stat().st_size)
    return Output(files=files, facts=result.facts)


def open_ahead() -> None:
    """Open and build what a render needs, in the worker that will fork it, which takes a while.

    The worker itself must not use the storage: its client then has threads, which do not survive a
    fork. Opening it starts none.
    """
    for patience in (PATIENT, BRIEF):
        _open_services(patience)
    for record in (Job, LiveState, Outcome):
        record.model_rebuild()  # or each render would do so at its first use: 4 ms with its work
    for kind in KINDS.values():
        kind.work.model_rebuild()


@cache
def _open_services(patience: Patience) -> Services:
    return open_services(Settings.from_env(), patience)


def run_once(job_id: str, run: str, takeovers: str) -> int:
    """Run one job in this process; return the exit code of the process.

    0: done; 1: it failed for good, by its input or its time limit; 2: it failed on our side.
    """
    hide_process()
    logging.basicConfig(level=_open_services(PATIENT).settings.log_level)
    try:
        run_job(job_id, int(run), int(takeovers))
    except FINAL_ERRORS:
        return 1
    except Exception:
        log.exception("job %s failed", job_id)
        return 2
    return 0
