"""What renders one kind of job, and what it leaves."""

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
    """What a render has made.

    `files` are named paths; the first is what a download is. `facts` go into the status as JSON.
    """

    files: Mapping[str, Path]
    facts: Mapping[str, Any]
    is_reusable: bool = True


Render = Callable[[Services, Job, Any, Path, OnProgress], Result]
"""Renders a job's work in a folder of its own: `render(services, job, work, folder, on_progress)`.

It raises InputError where the files are at fault, and whatever else where we are.
"""


def finish_video(folder: Path, facts: RenderFacts, on_progress: OnProgress) -> Result:
    """Return `video.mp4` and `poster.jpg` of a folder as a result, after a look at the video.

    A result that lacks photos is not given out again: the next render may be able to read them.

    Raises:
        RenderError: if the video is not whole.
    """
    on_progress(facts.frames, facts.frames, "saving")
    check_video(folder / "video.mp4", facts.frames)
    files = {"video": folder / "video.mp4", "poster": folder / "poster.jpg"}
    return Result(files, facts.model_dump(mode="json", exclude_none=True), not facts.skipped_photos)
