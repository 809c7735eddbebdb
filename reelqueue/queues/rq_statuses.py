"""The statuses of RQ's jobs, and what they mean for a run."""

from __future__ import annotations

from rq.job import JobStatus

from reelqueue.jobs.model import Status

STATUSES = {
    JobStatus.CREATED: Status.QUEUED,
    JobStatus.QUEUED: Status.QUEUED,
    JobStatus.READY_TO_ENQUEUE: Status.QUEUED,
    JobStatus.STARTED: Status.STARTED,
    JobStatus.FINISHED: Status.STARTED,  # a job finishes by its outcome, which is written next
    JobStatus.FAILED: Status.FAILED,
    JobStatus.STOPPED: Status.STOPPED,
    JobStatus.CANCELED: Status.CANCELED,
    JobStatus.SCHEDULED: Status.SCHEDULED,
    JobStatus.DEFERRED: Status.DEFERRED,
    JobStatus.RATE_LIMITED: Status.DEFERRED,
}
GIVEN_UP = (JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED)
