"""The ends of batches, which are announced: one each time that all jobs of a batch have ended."""

from __future__ import annotations

from reelqueue.errors import NotFoundError
from reelqueue.jobs.batches import Batch
from reelqueue.jobs.model import Record
from reelqueue.jobs.outbox import EventKey
from reelqueue.services import Services
from reelqueue.submission.batches.state import list_members


def expect_first_end(services: Services, batch: Batch) -> None:
    """Have the end of a batch announced; before its jobs are accepted."""
    if batch.callback_url:
        services.outbox.expect(EventKey("batch", batch.id, 1))


def expect_next_end(services: Services, batch: Batch, runs_again: int) -> None:
    """Have the end of a batch announced whose jobs run again; while one of them is held or open.

    Args:
        services: the opened services.
        batch: the batch.
        runs_again: how often its jobs have been run again, which numbers the events.
    """
    if not batch.callback_url:
        return
    number = 1 + runs_again
    while services.outbox.is_known(EventKey("batch", batch.id, number)):
        number += 1  # it counts less than before if jobs that ran again have been deleted
    services.outbox.expect(EventKey("batch", batch.id, number))


def expect_end_with(services: Services, record: Record) -> None:
    """Have the end of a job's batch announced, if it had ended before this run was opened."""
    batch_id = record.job.batch_id
    if not batch_id or services.outbox.is_expected("batch", batch_id):
        return
    try:
        batch = services.batches.read(batch_id)
        members = list_members(services, batch)
    except NotFoundError:  # all of it has just been deleted
        return
    expect_next_end(services, batch, sum(member.run - 1 for member in members))
