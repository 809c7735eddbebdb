"""Drafts: what is stored of an order that can be planned only when other jobs have finished.

A job that uses their results has a draft in the place of its work. The attempt that renders it
plans it then, and `jobs/<id>/work.json` has the work from that on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict

from reelqueue.jobs.model import Input
from reelqueue.jobs.records import Stored


class UsedVideo(Stored):
    """The video of another job; it becomes the upload `media_id` of the session."""

    job_id: str
    name: str
    media_id: str


class UsedHighlight(Stored):
    """A highlight that another job proposes; `number` counts from 1."""

    job_id: str
    name: str
    number: int


class Draft(Stored):
    """An order that uses the results of other jobs.

    `request` is the body of the kind's order, with the ids of uploads to come. `sources` are the
    uploads that it reads, and those that the jobs read whose results it uses: they are kept as long
    as it waits.
    """

    model_config = ConfigDict(extra="forbid")

    request: Mapping[str, Any]
    videos: tuple[UsedVideo, ...] = ()
    highlight: UsedHighlight | None = None
    sources: tuple[Input, ...] = ()

    def to_work(self, kind: str) -> dict[str, Any]:
        """Return what a job of this kind stores in the place of its work."""
        return {"kind": kind, "draft": self.model_dump(mode="json", exclude_defaults=True)}
