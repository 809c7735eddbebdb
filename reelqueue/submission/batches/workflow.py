"""Workflows: the jobs of a batch, what each needs of others, and in which order they can run.

A job refers to the video of another by its name, where the order of one job has the id of an
upload. The reference becomes the id that this video will have as an upload, which follows from the
ids of batch and job. So all of an order can be checked before the video exists.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any
from uuid import UUID, uuid5

from reelqueue.errors import InputError, InvalidSpecError, UnavailableError
from reelqueue.specs.limits import MAX_BATCH_JOBS, MAX_BATCH_REFERENCES, MAX_HIGHLIGHTS
from reelqueue.specs.parsing import parse_json
from reelqueue.submission.batches.requests import BatchEntry, BatchRequest
from reelqueue.submission.kinds import KINDS
from reelqueue.submission.kinds.base import Kind
from reelqueue.submission.requests import JobRequest

_OF_THE_BATCH = ("job_id", "dry_run")
_OF_THE_HIGHLIGHT = ("start", "end", "segments")


@dataclass(frozen=True)
class Step:
    """One job of a batch.

    Args:
        name: of the job in its batch.
        path: of its entry in the body, for errors.
        kind: of the job.
        body: of the kind's order; once linked, without references.
        source: the name in `from`, if it has one.
        highlight: which highlight of `source` it cuts, from 1; 0 if it cuts none.
        depends_on: the names of jobs that it only waits for.
        videos: the names of jobs whose videos it uses.
    """

    name: str
    path: str
    kind: Kind
    body: Mapping[str, Any]
    source: str | None = None
    highlight: int = 0
    depends_on: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the jobs that must have finished before this one starts."""
        sources = (self.source,) if self.source else ()
        return tuple(dict.fromkeys((*sources, *self.videos, *self.depends_on)))

    @property
    def uses_results(self) -> bool:
        """Whether its plan depends on the result of another job."""
        return bool(self.highlight or self.videos)

    def parse(self) -> JobRequest:
        """Return the order of a linked step.

        Raises:
            InvalidSpecError: if a value is missing, unknown or outside its limits.
        """
        with name_entry(self.path):
            return parse_json(self.kind.request, json.dumps(self.body))


def name_job(batch_id: str, name: str) -> str:
    """Return the id of a job of a batch."""
    return str(uuid5(UUID(batch_id), name))


def name_video(job_id: str) -> str:
    """Return the id that a job's video has as an upload."""
    return str(uuid5(UUID(job_id), "video"))


def read_workflow(request: BatchRequest, batch_id: str) -> list[Step]:
    """Return the jobs of a batch, each after those that it needs.

    Raises:
        InvalidSpecError: if a name is unknown or used twice, a job cannot use what it refers to,
            jobs wait for each other, or there are too many.
    """
    groups = [_expand(entry, number) for number, entry in enumerate(request.jobs)]
    steps = {step.name: step for group in groups for step in group}
    _check_names(step for group in groups for step in group)
    names = {_name(entry, n): groups[n] for n, entry in enumerate(request.jobs)}
    linker = _Linker(batch_id, steps, {n: [step.name for step in g] for n, g in names.items()})
    linked = {step.name: linker.link(step) for step in steps.values()}
    return [linked[name] for name in _sort({name: step.needs for name, step in linked.items()})]


@contextmanager
def name_entry(path: str) -> Iterator[None]:
    """Name the entry in the error that the block raises about it."""
    try:
        yield
    except InvalidSpecError as error:
        if error.field:
            raise InvalidSpecError(f"{path}.{error}", f"{path}.{error.field}") from None
        raise InvalidSpecError(f"{path}: {error}", path) from None
    except InputError as error:
        raise type(error)(f"{path}: {error}") from None
    except UnavailableError as error:
        if not error.field:  # it is not about this entry
            raise
        field = f"{path}.{error.field}"
        raise UnavailableError(f"{path}.{error}", error.retry_after, field) from None


def _name(entry: BatchEntry, number: int) -> str:
    return entry.name or f"{entry.kind}-{number + 1}"


def _expand(entry: BatchEntry, number: int) -> list[Step]:
    """Return the steps of an entry: several if it asks for several highlights."""
    path, body = f"jobs.{number}", entry.body
    if entry.kind not in KINDS:
        raise _refuse(f"{path}.kind", f"must be one of {', '.join(KINDS)}.")
    for name in _OF_THE_BATCH:
        if name in body:
            raise _refuse(f"{path}.{name}", "is not for a job of a batch: remove it here.")
    kind = KINDS[entry.kind]
    wanted = body.pop("highlights", None) if kind.cuts_highlights else None
    step = Step(
        name=_name(entry, number),
        path=path,
        kind=kind,
        body=body,
        source=entry.source,
        depends_on=entry.depends_on,
    )
    if wanted is None:
        return [step]
    _check_highlights(step, wanted)
    return [
        replace(step, name=f"{step.name}-{highlight}", highlight=highlight)
        for highlight in range(1, wanted + 1)
    ]


def _check_highlights(step: Step, wanted: object) -> None:
    path = f"{step.path}.highlights"
    is_number = isinstance(wanted, int) and not isinstance(wanted, bool)
    if not (is_number and wanted in range(1, MAX_HIGHLIGHTS + 1)):
        raise _refuse(path, f"must be a whole number from 1 to {MAX_HIGHLIGHTS}.")
    if step.source is None:
        raise _refuse(path, 'name the analysis that proposes them as "from".')
    for name in _OF_THE_HIGHLIGHT:
        if name in step.body:
            raise _refuse(f"{step.path}.{name}", "the highlight says that: leave it out.")


def _check_names(steps: Iterable[Step]) -> None:
    paths: dict[str, str] = {}
    for number, step in enumerate(steps, 1):
        if step.name in paths:
            raise _refuse(f"{step.path}.name", f'"{step.name}" is the name of another job, too.')
        if number > MAX_BATCH_JOBS:
            raise _refuse("jobs", f"at most {MAX_BATCH_JOBS} jobs are allowed in a batch.")
        paths[step.name] = step.path


class _Linker:
    """Replaces the references in the orders of a batch."""

    def __init__(
        self, batch_id: str, steps: Mapping[str, Step], groups: Mapping[str, Sequence[str]]
    ) -> None:
        """Take the steps by name, and by the name of each entry those that it became."""
        self._batch_id, self._steps, self._groups = batch_id, steps, groups
        self._references = 0

    def link(self, step: Step) -> Step:
        """Return a step without references."""
        path = f"{step.path}.depends_on"
        named = [self._find_all(name, path) for name in step.depends_on]
        step = replace(step, depends_on=tuple(name for names in named for name in names))
        if step.source is not None:
            step = self._link_source(step, step.source)
        return self._link_photos(step) if "photos" in step.kind.video_fields else step

    def _link_source(self, step: Step, name: str) -> Step:
        path = f"{step.path}.from"
        if "source_id" not in step.kind.video_fields:
            raise _refuse(path, f'a {step.kind.name} has no "source_id" that this could replace.')
        if "source_id" in step.body:
            raise _refuse(f"{step.path}.source_id", 'leave it out beside "from".')
        source = self._find_one(name, path)
        self._check_session(step, source, path)
        if not step.highlight:
            self._check_video(source, path)
            return self._take(step, {"source_id": self._name_video(source)}, [source.name])
        if "highlights" not in source.kind.yields:
            raise _refuse(path, f'"{name}" proposes no highlights: name an analysis.')
        if source.source is None:
            return self._take(step, {"source_id": source.body.get("source_id")}, [])
        made = self._find_one(source.source, f"{source.path}.from")
        return self._take(step, {"source_id": self._name_video(made)}, [made.name])

    def _link_photos(self, step: Step) -> Step:
        """Replace the references among the photos; one to several jobs becomes several photos."""
        photos = step.body.get("photos")
        if not isinstance(photos, list):
            return step
        linked: list[Any] = []
        used: list[str] = []
        for number, photo in enumerate(photos):
            if not (isinstance(photo, dict) and "from" in photo):
                linked.append(photo)
                continue
            path = f"{step.path}.photos.{number}"
            if "id" in photo:
                raise _refuse(f"{path}.id", 'leave it out beside "from".')
            settings = {key: value for key, value in photo.items() if key != "from"}
            names = self._find_all(photo["from"], f"{path}.from")
            self._count_references(len(names), path)
            for name in names:
                source = self._steps[name]
                self._check_session(step, source, f"{path}.from")
                self._check_video(source, f"{path}.from")
                linked.append({"id": self._name_video(source), **settings})
                used.append(name)
        return self._take(step, {"photos": linked}, used)

    def _take(self, step: Step, values: Mapping[str, Any], videos: Sequence[str]) -> Step:
        used = dict.fromkeys((*step.videos, *videos))
        return replace(step, body={**step.body, **values}, videos=tuple(used))

    def _count_references(self, count: int, path: str) -> None:
        """Refuse a small body that would become millions of photos."""
        self._references += count
        if self._references > MAX_BATCH_REFERENCES:
            reason = f"a batch may use videos of its jobs {MAX_BATCH_REFERENCES} times at most."
            raise _refuse(path, reason)

    def _find_all(self, name: object, path: str) -> Sequence[str]:
        """Return the names of the jobs that an entry of this name became, or of the one job."""
        if isinstance(name, str) and name in self._groups:
            return self._groups[name]
        if isinstance(name, str) and name in self._steps:
            return [name]
        raise _refuse(path, f"there is no job {str(name)[:64]!r} in this batch.")

    def _find_one(self, name: str, path: str) -> Step:
        found = self._find_all(name, path)
        if len(found) > 1:
            raise _refuse(path, f'"{name}" is {len(found)} jobs: name one, such as "{found[0]}".')
        return self._steps[found[0]]

    def _name_video(self, step: Step) -> str:
        return name_video(name_job(self._batch_id, step.name))

    def _check_session(self, step: Step, source: Step, path: str) -> None:
        if step.body.get("session_id") != source.body.get("session_id"):
            raise _refuse(path, f'"{source.name}" has another session_id: use one for both.')

    def _check_video(self, source: Step, path: str) -> None:
        if "video" not in source.kind.yields:
            raise _refuse(path, f'"{source.name}" makes no video that could be used here.')


def _sort(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the names so that each comes after those that it needs."""
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        names = list(dict.fromkeys(error.args[1]))
        if len(names) == 1:
            raise _refuse("jobs", f'"{names[0]}" waits for itself.') from None
        listed = ", ".join(f'"{name}"' for name in names)
        raise _refuse("jobs", f"{listed} wait for each other.") from None


def _refuse(path: str, reason: str) -> InvalidSpecError:
    return InvalidSpecError(f"{path}: {reason}", path)
