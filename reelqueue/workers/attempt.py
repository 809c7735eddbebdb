"""One attempt at a job: the task that every worker runs, whatever the job's kind.

It reads the job from the ledger, renders in a workspace of its own, stores the result and writes
the outcome. What fails is raised: the queue decides whether it is tried again.
"""

from __future__ import annotations

import errno
import logging
import time
from functools import cache

from reelqueue.config import Settings
from reelqueue.errors import (
    FINAL_ERRORS,
    RenderCanceledError,
    RenderTimeoutError,
    UnavailableError,
)
from reelqueue.jobs.attempt_log import kept_log
from reelqueue.jobs.ledger import name_outputs
from reelqueue.jobs.model import (
    TOO_LATE,
    Job,
    Outcome,
    Output,
    OutputFile,
    Record,
    Status,
)
from reelqueue.media.facts import RenderStage
from reelqueue.processes.workspace import open_workspace
from reelqueue.services import Services, open_services
from reelqueue.submission.kinds import read_work
from reelqueue.submission.result_cache import note_rendered
from reelqueue.workers.kinds import RENDERERS
from reelqueue.workers.kinds.base import Result

log = logging.getLogger(__name__)

REPORT_SECONDS = 0.5
LOOK_SECONDS = 2.0
_FULL = (errno.ENOSPC, errno.EDQUOT)


def run_job(job_id: str, run: int, takeovers: int) -> None:
    """Render an accepted job and write its outcome.

    Nothing happens if the run has ended, or was taken over since it was queued.
    """
    services = _open_services()
    record = services.ledger.read(job_id)
    if (record.run, record.takeovers) != (run, takeovers) or record.outcome is not None:
        log.info("job %s: run %s has ended, or is in other hands", job_id, run)
        services.queue.abandon()
        return
    services.ledger.begin(record)
    progress = _Progress(services, record)
    try:
        with kept_log(services.ledger, record):
            output = _make_output(services, record, progress)
    except RenderCanceledError:
        log.info("job %s: cancelled", job_id)
        services.queue.abandon()
        return
    except FINAL_ERRORS as error:
        log.info("job %s: %s", job_id, error)
        if not services.ledger.has_passed_on(record):
            outcome = Outcome.from_live(progress.live, Status.FAILED, error=str(error))
            services.ledger.end(job_id, run, outcome)
        raise
    except Exception as error:
        progress.note_fault(_explain_fault(error))
        raise
    finished = Outcome.from_live(progress.live, Status.FINISHED, output=output)
    if services.ledger.end(job_id, run, finished).output != output:
        services.store.delete(*(file.key for file in output.files.values()))
        services.queue.abandon()


def _make_output(services: Services, record: Record, progress: _Progress) -> Output:
    """Render a job and store what that leaves."""
    job = record.job
    work = read_work(job)
    with open_workspace() as folder:
        result = RENDERERS[job.kind](services, job, work, folder, progress)
        output = _store_output(services, job, result)
    if result.is_reusable:  # before the outcome: who sees that may ask for the same again
        note_rendered(services, job, output)
    return output


def _explain_fault(error: Exception) -> str | None:
    """Return what went wrong as far as it concerns a user; the log has the rest."""
    if isinstance(error, UnavailableError):
        return str(error)
    if isinstance(error, MemoryError):
        return "The render ran out of memory: use a smaller size."
    if isinstance(error, OSError) and error.errno in _FULL:
        return "The disk is full where the video is rendered."
    return None


def _store_output(services: Services, job: Job, result: Result) -> Output:
    """Store a result under keys of this attempt alone."""
    folder = name_outputs(job.id)
    files = {}
    for name, path in result.files.items():
        key = f"{folder}/{name}{path.suffix}"
        services.store.write(key, path)
        files[name] = OutputFile(key=key, size=path.stat().st_size)
    return Output(files=files, facts=result.facts)


class _Progress:
    """Passes progress on, twice a second at most; ends a render that is late or not wanted."""

    def __init__(self, services: Services, record: Record) -> None:
        self.live = services.queue.begin_attempt(record)
        self._services = services
        self._record = record
        self._limit = services.settings.job_timeout_seconds
        self._started = time.monotonic()
        self._reported = self._looked = float("-inf")

    def __call__(self, done: int, total: int, stage: RenderStage) -> None:
        clock = time.monotonic()
        if clock - self._started > self._limit:
            raise RenderTimeoutError(TOO_LATE)
        if clock - self._looked >= LOOK_SECONDS:
            self._looked = clock
            self._check_wanted()
        if stage == self.live.stage and clock - self._reported < REPORT_SECONDS:
            return
        self._reported = clock
        # 100 % is kept for the outcome: a video that is not stored yet is not done.
        progress = max(self.live.progress, 99 * done // total if total else 0)
        self.live = self.live.model_copy(update={"progress": progress, "stage": stage})
        self._services.queue.report(self._record, self.live)

    def note_fault(self, fault: str | None) -> None:
        """Note what the attempt failed of, for whoever asks before the next one."""
        self.live = self.live.model_copy(update={"fault": fault})
        self._services.queue.report(self._record, self.live)

    def _check_wanted(self) -> None:
        """End the render if the job has ended elsewhere; a storage that is silent does not."""
        job_id = self._record.job.id
        try:
            ended = self._services.ledger.find_outcome(job_id, self._record.run)
        except UnavailableError:
            log.warning("job %s: its outcome could not be looked up", job_id, exc_info=True)
            return
        if ended:
            raise RenderCanceledError("The job has ended elsewhere.")


@cache
def _open_services() -> Services:
    return open_services(Settings.from_env())


def run_once(job_id: str, run: str, takeovers: str) -> int:
    """Run one job in this process; return 1 if its input was at fault, 2 if we were, else 0."""
    logging.basicConfig(level=_open_services().settings.log_level)
    try:
        run_job(job_id, int(run), int(takeovers))
    except FINAL_ERRORS:
        return 1
    except Exception:
        log.exception("job %s failed", job_id)
        return 2
    return 0
