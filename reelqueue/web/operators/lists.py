"""The processes of the service, and what operators did: the short lists of /admin."""

from __future__ import annotations

import time
from collections.abc import Callable, Set
from functools import partial
from typing import Any

from reelqueue import __version__
from reelqueue.errors import NotFoundError, UnreadableRecordError
from reelqueue.services import Services
from reelqueue.submission.batches.state import find_status
from reelqueue.upkeep.audit import AuditLog
from reelqueue.web.answers import PageQuery
from reelqueue.web.operators.answers import (
    Audited,
    AuditList,
    ListedBatch,
    ListedBatches,
    Process,
    Processes,
)

_KEPT_SECONDS = 10.0


def list_processes(services: Services) -> Processes:
    """Return the workers as the queue knows them, and the web as it has announced itself.

    Raises:
        UnavailableError: if the queue does not answer.
    """
    queue = services.queue
    told = queue.list_services()
    load = queue.describe_load()
    workers = [
        Process(role="worker", version=told.get(worker.name, {}).get("version"), **worker._asdict())
        for worker in queue.control.describe_workers()
    ]
    web = [
        Process(name=name, role="web", state="serving", **_pick_times(facts))
        for name, facts in told.items()
        if facts.get("role") == "web"
    ]
    if load["mode"] == "inline":
        workers = [each.model_copy(update={"version": __version__}) for each in workers]
    return Processes(mode=load["mode"], suspended=load["suspended"], workers=[*workers, *web])


def _pick_times(facts: dict[str, Any]) -> dict[str, Any]:
    """Return what a service has told of its version and its start; earlier versions told less."""
    return {name: facts[name] for name in ("version", "since") if name in facts}


class EndedBatches:
    """Keeps for a while how batches ended: to look at all their jobs each second takes too long."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, ListedBatch]] = {}

    def list(self, services: Services, query: PageQuery, unended: Set[str]) -> ListedBatches:
        """Return what `list_batches` does; a batch may be some seconds old, see below.

        Args:
            services: the opened services.
            query: which page.
            unended: the ids of all jobs that run or wait. A batch with none of these changes only
                if a job is deleted, or ran in between.
        """
        moment = time.monotonic()
        kept = {
            batch_id: (since, batch)
            for batch_id, (since, batch) in self._kept.items()
            if moment - since < _KEPT_SECONDS
            and unended.isdisjoint(job.job_id for job in batch.jobs)
        }

        def find(batch_id: str) -> ListedBatch | None:
            return kept[batch_id][1] if batch_id in kept else _find_batch(services, batch_id)

        page = _list_batches(services, query, find)
        ended = {batch.batch_id: batch for batch in page.batches if batch.ended_at}
        self._kept = {name: kept.get(name, (moment, batch)) for name, batch in ended.items()}
        return page


def list_batches(services: Services, query: PageQuery) -> ListedBatches:
    """Return a page of the batches of all owners, newest first; unreadable ones are left out."""
    return _list_batches(services, query, partial(_find_batch, services))


def _list_batches(
    services: Services, query: PageQuery, find: Callable[[str], ListedBatch | None]
) -> ListedBatches:
    ids = services.batches.list_newest()
    batches = [batch for batch in map(find, query.cut(ids)) if batch]
    return ListedBatches(batches=batches, total=len(ids), page=query.page, per_page=query.per_page)


def _find_batch(services: Services, batch_id: str) -> ListedBatch | None:
    try:
        status = find_status(services, services.batches.read(batch_id))
    except (NotFoundError, UnreadableRecordError):  # deleted meanwhile, or of a later version
        return None
    return ListedBatch.model_validate(status)


def list_audit(services: Services, query: PageQuery) -> AuditList:
    """Return a page of what operators did, newest first."""
    records, total = AuditLog(services.store).list(query.first, query.per_page)
    shown = [Audited(**record.model_dump()) for record in records]
    return AuditList(records=shown, total=total, page=query.page, per_page=query.per_page)
