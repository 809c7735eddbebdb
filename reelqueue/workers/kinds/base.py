"""The interface of a job kind's renderer: its arguments and its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reelqueue.jobs.model import Job
from reelqueue.media.facts import OnProgress, RenderFacts
from reelqueue.render.mp4.verify import check_video
from reelqueue.services import Services


@dataclass(frozen=True)
class Result:
    """The result of a render.

    `files` are local paths by name; `/download/<id>` answers with the first. `facts` become part
    of the status, as JSON. `is_reusable` tells whether an equal job may get a copy.
    """

    files: Mapping[str, Path]
    facts: Mapping[str, Any]
    is_reusable: bool = True


Render = Callable[[Services, Job, Any, Path, OnProgress], Result]
"""Renders a job's work in an empty folder: `render(services, job, work, folder, on_progress)`.

It raises InputError if the user's files are at fault, and any other exception if we are.
"""


def finish_video(folder: Path, facts: RenderFacts, on_progress: OnProgress) -> Result:
    """Check the video, and return `video.mp4` and `poster.jpg` of a folder as a result.

    A result that lacks photos is not reusable: the next render may be able to read them.

    Raises:
        RenderError: if the video is incomplete.
    """
    on_progress(facts.frames, facts.frames, "saving")
    check_video(folder / "video.mp4", facts.frames)
    files = {"video": folder / "video.mp4", "poster": folder / "poster.jpg"}
    return Result(files, facts.model_dump(mode="json", exclude_none=True), not facts.skipped_photos)
