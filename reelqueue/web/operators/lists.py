"""The processes of the service, and what operators did: the short lists of /admin."""

from __future__ import annotations

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


def list_batches(services: Services, query: PageQuery) -> ListedBatches:
    """Return a page of the batches of all owners, newest first; unreadable ones are left out."""
    ids = services.batches.list_newest()
    batches = [batch for batch in map(partial(_find_batch, services), query.cut(ids)) if batch]
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
