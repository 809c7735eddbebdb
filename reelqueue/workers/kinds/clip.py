"""The renderer of the job kind "clip"."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reelqueue.jobs.model import Job
from reelqueue.media.facts import OnProgress
from reelqueue.media.subtitles import load_cues
from reelqueue.planning.soundtrack import Track
from reelqueue.render.clip import render_clip
from reelqueue.render.focus.faces import MISSING
from reelqueue.services import Services
from reelqueue.submission.kinds.clip import ClipWork
from reelqueue.workers.inputs import fetch_inputs
from reelqueue.workers.kinds.base import Result, finish_video


def render_clip_work(
    services: Services, _job: Job, work: ClipWork, folder: Path, on_progress: OnProgress
) -> Result:
    """Render a clip of a stored video.

    A result for which faces were not found is not reusable: the next render may find them.
    """
    inputs = [work.source, *work.tracks, *([work.captions] if work.captions else [])]
    source, *others = fetch_inputs(services.store, inputs, folder, on_progress)
    cues = others[len(work.tracks) :]
    facts = render_clip(
        source,
        work.add_captions(load_cues(cues[0].read_bytes())) if cues else work.spec,
        folder / "video.mp4",
        tracks=[
            Track(path, track.duration, track.start, track.end)
            for path, track in zip(others, work.tracks, strict=False)
        ],
        poster=folder / "poster.jpg",
        on_progress=on_progress,
    )
    result = finish_video(folder, facts, on_progress)
    return replace(result, is_reusable=MISSING not in (facts.warnings or ()))
