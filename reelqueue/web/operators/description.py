"""The operations for operators, as the description of the API has them."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel

from reelqueue.jobs.batch_status import BatchStatus
from reelqueue.jobs.status import JobStatus
from reelqueue.web.answers import PageQuery
from reelqueue.web.operators.actions import (
    BatchActionRequest,
    CancelRequest,
    RequeueQuery,
    RequeueRequest,
)
from reelqueue.web.operators.answers import (
    AuditList,
    CleanupRequested,
    Debug,
    FailedJobs,
    ListedBatches,
    ListedJobs,
    Logs,
    Paused,
    Processes,
    Requeued,
)
from reelqueue.web.operators.diagnostics import LogsQuery
from reelqueue.web.operators.job_list import JobsQuery
from reelqueue.web.operators.webhooks import ResendRequest, Resent, Webhooks
from reelqueue.web.statistics.answers import DailyReports, Schedules, Statistics


class Operation(NamedTuple):
    """A route, with the models of its query, its body and its answer."""

    path: str
    method: str
    summary: str
    answer: type[BaseModel]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: str = "200"


OPERATIONS = (
    Operation("/admin/jobs", "get", "List the jobs of all owners.", ListedJobs, JobsQuery),
    Operation("/admin/workers", "get", "List workers and web processes.", Processes),
    Operation("/admin/batches", "get", "List the batches of all owners.", ListedBatches, PageQuery),
    Operation("/admin/failed", "get", "List the failed jobs.", FailedJobs, PageQuery),
    Operation("/admin/audit", "get", "List what operators did.", AuditList, PageQuery),
    Operation("/admin/pause", "post", "Have the workers take no more jobs.", Paused),
    Operation("/admin/resume", "post", "Have the workers take jobs again.", Paused),
    Operation(
        "/admin/cleanup",
        "post",
        "Delete now what is no longer needed.",
        CleanupRequested,
        status="202",
    ),
    Operation(
        "/admin/requeue", "post", "Run failed jobs again.", Requeued, RequeueQuery, RequeueRequest
    ),
    Operation("/admin/cancel", "post", "Cancel a job of any owner.", JobStatus, body=CancelRequest),
    Operation(
        "/admin/batches/cancel",
        "post",
        "Cancel the jobs of a batch of any owner.",
        BatchStatus,
        body=BatchActionRequest,
    ),
    Operation(
        "/admin/batches/retry",
        "post",
        "Run the failed jobs of a batch of any owner again.",
        BatchStatus,
        body=BatchActionRequest,
    ),
    Operation(
        "/admin/webhooks",
        "get",
        "List the webhooks that were sent, or will be.",
        Webhooks,
        PageQuery,
    ),
    Operation(
        "/admin/webhooks/resend", "post", "Send a webhook again.", Resent, body=ResendRequest
    ),
    Operation("/admin/schedules", "get", "Get the periodic work.", Schedules),
    Operation("/admin/reports", "get", "Get the latest daily reports.", DailyReports),
    Operation("/admin/stats", "get", "Get statistics of the queues and jobs.", Statistics),
    Operation("/logs", "get", "Get the last log lines of all processes.", Logs, LogsQuery),
    Operation("/debug", "get", "Get versions, settings, and what doctor finds.", Debug),
)
