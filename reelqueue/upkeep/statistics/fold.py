"""Folding: count the marks of accepted jobs, ended runs and sent webhooks, each exactly once.

statistics/totals/<step>   all that was counted up to a step; created once, and the highest counts

A step reads the latest totals and the marks that these do not know, and creates the totals of the
next step. That one write counts all these marks; only then are they deleted. Of two processes that
take the same step, one creates it. One that was held up finds later totals, and deletes no mark. If
a process dies at any point, the next finds marks that the totals know, and only deletes them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import datetime, timedelta

from pydantic import ValidationError

from reelqueue.errors import UnavailableError
from reelqueue.jobs.keys import job_key
from reelqueue.jobs.marks.statistics import ACCEPTED, ENDED, SENT, RunEnd
from reelqueue.jobs.model import now
from reelqueue.services import Services
from reelqueue.storage import Entry
from reelqueue.storage.parallel import call_each
from reelqueue.upkeep.statistics.tallies import Acceptance, Mark, Sending, Totals, fold_marks

log = logging.getLogger(__name__)

MAX_MARKS = 5000
"""How many marks of a sort one step counts at most."""
NEVER_ACCEPTED = timedelta(hours=1)
"""The mark of a job that does not exist after this long belongs to an order that was given up."""
OTHER = "Another process counts the jobs."
_FOLDER = "statistics/totals"
_KEPT = 2


def fold(services: Services) -> Totals:
    """Count the marks that there are; return the totals.

    Raises:
        UnavailableError: if the storage does not answer, or another process counts, too.
    """
    return _Step(services).take()


class _Step:
    """One step of the count."""

    def __init__(self, services: Services) -> None:
        self._store, self._ledger = services.store, services.ledger
        self._totals = self._read_totals()

    def take(self) -> Totals:
        """Count the new marks, and delete those that are counted."""
        found = {_name(mark): mark for mark in self._list_marks()}
        if not found:
            return self._totals
        self._close(found)
        marks = self._read(found)
        if marks:
            self._commit(fold_marks(self._totals, marks, found, now()))
        known, before = self._totals.known, now() - NEVER_ACCEPTED
        done = [mark for name, mark in found.items() if name in known or _is_stale(mark, before)]
        self._delete(mark.key for mark in done)
        return self._totals

    def _list_marks(self) -> Iterator[Entry]:
        for folder in (ACCEPTED, ENDED, SENT):
            yield from self._store.list(folder)[:MAX_MARKS]

    def _close(self, found: Mapping[str, Entry]) -> None:
        """Remove marked runs from the open runs: else recovery would mark them again.

        A job that was deleted and ordered again may have the same id, so the outcome decides.
        """
        for run in self._ledger.marks.list_open():
            if f"{run.job_id}/{run.run}" in found and self._ledger.find_outcome(*run[:2]):
                self._ledger.marks.close(*run[:2])

    def _read(self, found: Mapping[str, Entry]) -> dict[str, Mark]:
        """Return what the marks say that were not counted yet."""
        known = self._totals.known
        ids = {name.partition("/")[0] for name in (*found, *known) if not name.endswith("/0")}
        new = {name: mark for name, mark in found.items() if name not in known}
        read = call_each(lambda mark: self._read_mark(mark, ids), new.values())
        return {name: content for name, content in zip(new, read, strict=True) if content}

    def _read_mark(self, mark: Entry, ended: Set[str]) -> Mark | None:
        """Return what a mark says; None if it cannot be counted, now or here.

        Args:
            mark: the mark.
            ended: the ids of jobs of which a run has ended: they may have been deleted since.
        """
        _, folder, *names = mark.key.split("/")
        if folder == "sent":
            return Sending(outcome=names[0])
        if folder == "ended":
            return _parse_end(self._store.read(mark.key))
        exists = names[1] in ended or self._store.find(job_key(names[1]))
        return Acceptance(kind=names[0], moment=mark.modified) if exists else None

    def _commit(self, totals: Totals) -> None:
        """Create the totals of the next step, which counts its marks.

        Raises:
            UnavailableError: if another process has taken this step.
        """
        key = _step_key(totals.step)
        if not self._store.create(key, totals.to_json()):
            raise UnavailableError(OTHER)
        steps = self._list_steps()
        if steps[-1] != totals.step:  # others have counted on while this process was held up
            self._store.delete(key)
            raise UnavailableError(OTHER)
        self._totals = totals
        self._store.delete(*map(_step_key, steps[:-_KEPT]))

    def _delete(self, keys: Iterable[str]) -> None:
        call_each(self._store.delete, keys)

    def _list_steps(self) -> list[int]:
        return sorted(int(entry.key.rpartition("/")[2]) for entry in self._store.list(_FOLDER))

    def _read_totals(self) -> Totals:
        """Return the latest totals.

        Raises:
            UnavailableError: if they were replaced by later ones at this moment.
        """
        steps = self._list_steps()
        if not steps:
            return Totals()
        data = self._store.read(_step_key(steps[-1]))
        if data is None:
            raise UnavailableError(OTHER)
        return Totals.model_validate_json(data)


def _parse_end(data: bytes | None) -> RunEnd | None:
    """Read a mark; None if it was deleted meanwhile, or only another version can read it."""
    try:
        return RunEnd.model_validate_json(data) if data else None
    except ValidationError:
        log.debug("the end of a run cannot be counted: %.200r", data)
        return None


def _is_stale(mark: Entry, before: datetime) -> bool:
    """Tell whether a mark belongs to an order that was never accepted."""
    return mark.key.startswith(f"{ACCEPTED}/") and mark.modified < before


def _name(mark: Entry) -> str:
    """Return a name that only this mark has: for a job its id and run, which is 0 as it begins."""
    _, folder, *names = mark.key.split("/")
    return "/".join(names) if folder == "ended" else f"{names[1]}/0"


def _step_key(step: int) -> str:
    return f"{_FOLDER}/{step:012}"
