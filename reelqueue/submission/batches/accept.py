"""Accept batches, go on with those whose acceptance was interrupted, and cancel them.

A batch is accepted when its arrival is written, with all its jobs in it. Whatever is killed then,
upkeep accepts the rest of the jobs, and a repeated request does so, too. All are held at first:
`reelqueue.upkeep.holding` queues those that need no other, whether Redis is there or not.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any, NamedTuple
from uuid import UUID, uuid4, uuid5

from reelqueue.errors import (
    ConflictError,
    InvalidSpecError,
    NotFoundError,
    ReelqueueError,
    ReusedKeyError,
)
from reelqueue.jobs.batches import Arrival, Batch, Member
from reelqueue.jobs.model import Job, Record, Status, now
from reelqueue.services import Services
from reelqueue.storage.parallel import call_each
from reelqueue.submission.accept import cancel_job, check_key, expect_end
from reelqueue.submission.batches.ends import expect_first_end, expect_next_end
from reelqueue.submission.batches.planning import BatchPlanner, Origin
from reelqueue.submission.batches.requests import BatchRequest
from reelqueue.submission.batches.state import list_members
from reelqueue.submission.batches.workflow import Step, name_job, read_workflow
from reelqueue.submission.callbacks import check_callback
from reelqueue.submission.kinds import read_work

log = logging.getLogger(__name__)

_KEY_NAMESPACE = UUID("0f6c5c0e-6a53-4c3b-9a0e-4a1f0a7a9d27")


class CheckedBatch(NamedTuple):
    """A batch request whose names and values were checked, but not what it refers to.

    `steps` are in the order in which they can run, with the order of each.
    """

    batch_id: str
    request: BatchRequest
    steps: list[tuple[Step, Any]]


def check_batch(owner: str, request: BatchRequest, key: str | None) -> CheckedBatch:
    """Check the names and the values of a batch.

    Raises:
        InputError: for the first thing that is wrong; it names the entry.
    """
    batch_id = _choose_id(request, owner, key)
    steps = read_workflow(request, batch_id)
    return CheckedBatch(batch_id, request, [(step, step.parse()) for step in steps])


def estimate_batch(
    services: Services, owner: str, checked: CheckedBatch
) -> list[tuple[Step, Mapping[str, Any]]]:
    """Check a batch without accepting it; return its jobs with the estimates of their results.

    They are in the order of the request.

    Raises:
        InputError: if a job cannot be rendered as requested.
    """
    check_callback(services.settings, checked.request.callback_url)
    planner = _open_planner(services, _make_batch(owner, checked))
    for step, order in checked.steps:
        planner.plan(step, order)
    return [(step, planner.estimates[step.name]) for step in _list_steps(checked)]


def accept_batch(services: Services, owner: str, checked: CheckedBatch) -> Batch:
    """Accept a batch and all its jobs.

    The same request with the same idempotency key (or the same `batch_id`) gives the same batch.

    Raises:
        InputError: if a job cannot be rendered as requested; nothing is accepted then.
        ReusedKeyError: if the key or the id was used for another request.
        NoRoomError: if the disk has no room for the orders.
        UnavailableError: if the storage does not answer.
    """
    check_callback(services.settings, checked.request.callback_url)
    batch = _make_batch(owner, checked)
    earlier = services.batches.find_same(batch)
    if earlier is None:
        arrival = Arrival(batch=batch, jobs=_plan_jobs(services, batch, checked))
        _check_ids(services, arrival.jobs)
        services.quota.check_room(2 * len(arrival.to_json()))
        _announce(services, arrival)
    complete_arrival(services, batch.id)
    accepted = services.batches.find_same(batch)
    if accepted is None:
        raise NotFoundError(f"There is no batch {batch.id}.")
    return accepted


def complete_arrival(services: Services, batch_id: str) -> None:
    """Accept those jobs of a batch that are not accepted yet; an interrupted call did not."""
    arrival = services.batches.find_arrival(batch_id)
    if arrival is None:
        return
    if services.batches.keep(arrival.batch).is_same(arrival.batch):
        expect_first_end(services, arrival.batch)
        for job in arrival.jobs:
            expect_end(services, job, 1)
            try:
                services.ledger.accept(job)
            except ReusedKeyError:
                log.warning("job %s: was deleted before its batch was accepted", job.id)
    services.batches.close_arrival(batch_id)


def find_batch(services: Services, batch_id: str) -> Batch:
    """Return a batch, even one whose acceptance was interrupted.

    Raises:
        NotFoundError: if there is none.
        UnreadableRecordError: if this version cannot read it.
    """
    complete_arrival(services, batch_id)
    return services.batches.read(batch_id)


def cancel_batch(services: Services, batch: Batch) -> None:
    """Cancel all jobs of a batch that have not ended, those first that may need others."""
    for record in reversed(list_members(services, batch)):
        if record.outcome is None:
            cancel_job(services, record)


def retry_batch(services: Services, batch: Batch) -> None:
    """Run all jobs of a batch again that failed or were cancelled, each after those that it needs.

    If this process dies on the way, the same call runs the rest.

    Raises:
        ConflictError: if there are none, or their inputs have been deleted.
        UnavailableError: if the storage does not answer, or only another version can render one.
    """
    records = {record.job.id: record for record in list_members(services, batch)}
    ended = [record for record in _sort(records) if _has_failed(record)]
    if not ended:
        raise ConflictError("No job of this batch has failed or was cancelled.")
    for record in ended:
        read_work(record.job)
    keys = {source.key for record in ended for source in record.job.inputs}
    services.uploads.check_available(sorted(keys))
    for record in ended:  # while one is held, the batch has not ended
        services.ledger.marks.hold(record.job.id, record.run + 1)
    again = len(ended) + sum(record.run - 1 for record in records.values())
    expect_next_end(services, batch, again)
    for record in ended:
        expect_end(services, record.job, record.run + 1)
        services.ledger.start_again(record, is_held=True)


def _sort(records: Mapping[str, Record]) -> list[Record]:
    """Return records so that each comes after those of the jobs that it needs."""
    needs = {
        job_id: [need.job_id for need in record.job.needs if need.job_id in records]
        for job_id, record in records.items()
    }
    return [records[job_id] for job_id in TopologicalSorter(needs).static_order()]


def _has_failed(record: Record) -> bool:
    outcome = record.outcome
    return outcome is not None and outcome.status is not Status.FINISHED


def _make_batch(owner: str, checked: CheckedBatch) -> Batch:
    """Return the record of a batch; its members are in the order of the request."""
    members = [
        Member(name=step.name, job_id=name_job(checked.batch_id, step.name))
        for step in _list_steps(checked)
    ]
    ordered = checked.request.model_dump_json(by_alias=True, exclude={"dry_run"})
    return Batch(
        id=checked.batch_id,
        owner=owner,
        created_at=now(),
        request_hash=hashlib.sha256(ordered.encode()).hexdigest(),
        members=tuple(members),
        callback_url=str(url) if (url := checked.request.callback_url) else None,
    )


def _list_steps(checked: CheckedBatch) -> list[Step]:
    """Return the jobs in the order of the request."""
    return sorted((step for step, _ in checked.steps), key=_find_place)


def _find_place(step: Step) -> tuple[int, int]:
    return int(step.path.rpartition(".")[2]), step.highlight


def _plan_jobs(services: Services, batch: Batch, checked: CheckedBatch) -> tuple[Job, ...]:
    planner = _open_planner(services, batch)
    return tuple(planner.plan(step, order) for step, order in checked.steps)


def _open_planner(services: Services, batch: Batch) -> BatchPlanner:
    origin = Origin(batch.id, batch.owner, batch.created_at, batch.request_hash)
    return BatchPlanner(services, origin)


def _check_ids(services: Services, jobs: Sequence[Job]) -> None:
    """Check that no other job has or had the id of one of these.

    Raises:
        ReusedKeyError: if one has, or was deleted in the last day.
    """

    def check(job: Job) -> None:
        services.ledger.find_same(job)
        if services.ledger.deletions.is_announced(job.id):
            raise ReusedKeyError(
                f'The job "{job.name}" of this batch was deleted: choose a new idempotency key or '
                "batch id."
            )

    call_each(check, jobs)


def _announce(services: Services, arrival: Arrival) -> None:
    """Write an arrival, unless the batch has one; take it back if an upload is being deleted.

    Retention first marks what it deletes, and then looks for arrivals that read it.
    """
    if services.batches.announce(arrival) != arrival:
        return
    keys = {source.key for job in arrival.jobs for source in job.inputs}
    try:
        services.uploads.check_available(sorted(keys))
    except ReelqueueError:
        services.batches.close_arrival(arrival.batch.id)
        raise


def _choose_id(request: BatchRequest, owner: str, key: str | None) -> str:
    """Return the batch's id: the caller's `batch_id`, else one made of the idempotency key."""
    if key is None:
        return request.batch_id or str(uuid4())
    check_key(key)
    if request.batch_id not in (None, key):
        raise InvalidSpecError(
            "batch_id: must equal the Idempotency-Key if both are given.", "batch_id"
        )
    session = request.jobs[0].body.get("session_id")
    return request.batch_id or str(uuid5(_KEY_NAMESPACE, f"{owner}\n{session}\n{key}"))
