"""The state of a batch: that of its jobs, from the queue or the ledger."""

from __future__ import annotations

from functools import partial
from typing import Any

from reelqueue.errors import NotFoundError
from reelqueue.jobs.batch_status import describe_batch
from reelqueue.jobs.batches import Batch, Member
from reelqueue.jobs.model import Record
from reelqueue.jobs.status import describe_job
from reelqueue.services import Services
from reelqueue.storage.parallel import call_each
from reelqueue.submission.kinds import find_messages
from reelqueue.submission.state import refresh_record


def list_members(services: Services, batch: Batch) -> list[Record]:
    """Return the jobs of a batch in the order of the request; deleted ones are left out.

    Raises:
        NotFoundError: if all have been deleted.
    """
    found = [record for record in call_each(partial(_find, services), batch.members) if record]
    if not found:
        raise NotFoundError(f"There is no batch {batch.id}.")
    return found


def find_status(services: Services, batch: Batch) -> dict[str, Any]:
    """Return the status of a batch as JSON; it has `ended_at` if all its jobs have ended.

    Raises:
        NotFoundError: if all its jobs have been deleted.
    """
    members = list_members(services, batch)
    refreshed = call_each(partial(refresh_record, services), members)
    statuses = [describe_job(record, live, find_messages(record.job)) for record, live in refreshed]
    return describe_batch(batch, [record for record, _ in refreshed], statuses)


def _find(services: Services, member: Member) -> Record | None:
    try:
        return services.ledger.read(member.job_id)
    except NotFoundError:
        return None
