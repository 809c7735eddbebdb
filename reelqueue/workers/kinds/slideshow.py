"""The renderer of the job kind "slideshow"."""

from __future__ import annotations

from pathlib import Path

from reelqueue.jobs.model import Job
from reelqueue.media.facts import OnProgress
from reelqueue.planning.soundtrack import Track
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.services import Services
from reelqueue.storage import open_store
from reelqueue.submission.kinds.slideshow import SlideshowWork
from reelqueue.submission.result_cache import find_scope
from reelqueue.workers.inputs import fetch_inputs
from reelqueue.workers.kinds.base import Result, finish_video
from reelqueue.workers.segment_store import open_segments


def render_slideshow_work(
    services: Services, job: Job, work: SlideshowWork, folder: Path, on_progress: OnProgress
) -> Result:
    """Render a slideshow of stored photos and music."""
    inputs = [*work.photos, *work.tracks]
    paths = fetch_inputs(services.store, inputs, folder, on_progress)
    photos = zip(paths, work.photos, strict=False)
    music = paths[len(work.photos) :]
    hurried = open_store(services.settings.storage_url)  # a segment is sooner drawn than waited for
    with open_segments(hurried, find_scope(job), folder / "parts") as segments:
        facts = render_slideshow(
            [Photo(path, photo.name, photo.spec, photo.digest) for path, photo in photos],
            work.spec,
            folder / "video.mp4",
            tracks=[
                Track(path, track.duration, track.start, track.end)
                for path, track in zip(music, work.tracks, strict=True)
            ],
            engine=services.settings.render_engine,
            poster=folder / "poster.jpg",
            segments=segments,
            on_progress=on_progress,
        )
    return finish_video(folder, facts, on_progress)
