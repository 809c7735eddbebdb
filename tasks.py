"""The tasks: the only code that a worker calls, and all that crosses the queue is a job's id.

A task reads the job from the ledger, renders in a workspace of its own, stores the video and writes
the outcome. What fails is raised: whether it is tried again is for the queue to say.
`python -m tasks JOB_ID RUN TAKEOVERS` runs one here and now, as the queue without Redis does.
"""

from __future__ import annotations

import errno
import logging
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from reelqueue.config import Settings
from reelqueue.errors import (
    InputError,
    RenderCanceledError,
    RenderTimeoutError,
    UnavailableError,
)
from reelqueue.jobs.attempt_log import kept_log
from reelqueue.jobs.ledger import name_output
from reelqueue.jobs.model import (
    TOO_LATE,
    ClipWork,
    EndStatus,
    Input,
    Live,
    Outcome,
    Output,
    Record,
    SlideshowWork,
    Status,
    now,
)
from reelqueue.media.facts import OnProgress, RenderFacts, RenderStage
from reelqueue.planning.soundtrack import Track
from reelqueue.processes.workspace import open_workspace
from reelqueue.services import Services, open_services
from reelqueue.submission.result_cache import find_scope, note_rendered
from reelqueue.workers.segment_store import open_parts

log = logging.getLogger(__name__)

FETCHES_AT_ONCE = 4
REPORT_SECONDS = 0.5
LOOK_SECONDS = 2.0
FINAL_ERRORS = (InputError, RenderTimeoutError)
"""Faults that another attempt would only repeat."""
_FULL = (errno.ENOSPC, errno.EDQUOT)

Render = Callable[[Services, Record, Path, OnProgress], RenderFacts]


def render_slideshow_job(job_id: str, run: int, takeovers: int) -> None:
    """Render an accepted slideshow and write its outcome."""
    _run_job(job_id, run, takeovers, _render_slideshow)


def render_clip_job(job_id: str, run: int, takeovers: int) -> None:
    """Render an accepted clip and write its outcome."""
    _run_job(job_id, run, takeovers, _render_clip)


def _run_job(job_id: str, run: int, takeovers: int, render: Render) -> None:
    services = _open_services()
    record = services.ledger.read(job_id)
    if (record.run, record.takeovers) != (run, takeovers) or record.outcome is not None:
        log.info("job %s: run %s has ended, or is in other hands", job_id, run)
        services.queue.abandon()
        return
    services.ledger.begin(record)
    progress = _Progress(services, record)
    try:
        with kept_log(services.ledger, record):
            output = _make_output(services, record, render, progress)
    except RenderCanceledError:
        log.info("job %s: cancelled", job_id)
        services.queue.abandon()
        return
    except FINAL_ERRORS as error:
        log.info("job %s: %s", job_id, error)
        if not services.ledger.has_passed_on(record):
            _end(services, record, progress.live, Status.FAILED, error=str(error))
        raise
    except Exception as error:
        progress.note_fault(_explain_fault(error))
        raise
    note_rendered(services, record.job, output)  # first: who sees the end may ask for it again
    outcome = _end(services, record, progress.live, Status.FINISHED, output=output)
    if outcome.output != output:
        services.store.delete(output.video_key, output.poster_key)
        services.queue.abandon()


def _make_output(services: Services, record: Record, render: Render, progress: _Progress) -> Output:
    """Render, make sure that the video is whole, and store it."""
    from reelqueue.render.mp4.verify import check_video

    with open_workspace() as folder:
        facts = render(services, record, folder, progress)
        progress(facts.frames, facts.frames, "saving")
        check_video(folder / "video.mp4", facts.frames)
        return _store_output(services, record, folder, facts)


def _explain_fault(error: Exception) -> str | None:
    """Return what went wrong as far as it concerns a user; the log has the rest."""
    if isinstance(error, UnavailableError):
        return str(error)
    if isinstance(error, MemoryError):
        return "The render ran out of memory: use a smaller size."
    if isinstance(error, OSError) and error.errno in _FULL:
        return "The disk is full where the video is rendered."
    return None


def _render_slideshow(
    services: Services, record: Record, folder: Path, on_progress: OnProgress
) -> RenderFacts:
    from reelqueue.render.images.photos import Photo
    from reelqueue.render.slideshow import render_slideshow

    work = record.job.work
    assert isinstance(work, SlideshowWork)
    paths = _fetch(services, list(work.inputs), folder, on_progress)
    photos = zip(paths, work.photos, strict=False)
    music = paths[len(work.photos) :]
    with open_parts(services.store, find_scope(record.job), folder / "parts") as parts:
        return render_slideshow(
            [Photo(path, photo.name, photo.spec, photo.digest) for path, photo in photos],
            work.spec,
            folder / "video.mp4",
            tracks=[
                Track(path, track.duration, track.start, track.end)
                for path, track in zip(music, work.tracks, strict=True)
            ],
            engine=services.settings.render_engine,
            poster=folder / "poster.jpg",
            parts=parts,
            on_progress=on_progress,
        )


def _render_clip(
    services: Services, record: Record, folder: Path, on_progress: OnProgress
) -> RenderFacts:
    from reelqueue.render.clip import render_clip

    work = record.job.work
    assert isinstance(work, ClipWork)
    (source,) = _fetch(services, [work.source], folder, on_progress)
    return render_clip(
        source,
        work.spec,
        folder / "video.mp4",
        poster=folder / "poster.jpg",
        on_progress=on_progress,
    )


def _fetch(
    services: Services, inputs: list[Input], folder: Path, on_progress: OnProgress
) -> list[Path]:
    """Copy a job's inputs from the storage, in their order, each in a folder of its own."""

    def fetch(numbered: tuple[int, Input]) -> Path:
        number, source = numbered
        path = folder / "inputs" / str(number) / Path(source.key).name
        path.parent.mkdir(parents=True)
        services.store.fetch(source.key, path)
        return path

    paths = []
    with ThreadPoolExecutor(FETCHES_AT_ONCE) as pool:
        for path in pool.map(fetch, enumerate(inputs)):
            on_progress(0, 1, "preparing")
            paths.append(path)
    return paths


def _store_output(services: Services, record: Record, folder: Path, facts: RenderFacts) -> Output:
    """Store the video under a key of this attempt alone."""
    output = name_output(record.job.id, facts)
    services.store.write(output.video_key, folder / "video.mp4")
    services.store.write(output.poster_key, folder / "poster.jpg")
    return output


def _end(
    services: Services,
    record: Record,
    live: Live,
    status: EndStatus,
    *,
    output: Output | None = None,
    error: str | None = None,
) -> Outcome:
    outcome = Outcome(
        status=status,
        ended_at=now(),
        started_at=live.started_at,
        attempts=live.attempts,
        progress=100 if output else live.progress,
        output=output,
        error=error,
    )
    return services.ledger.end(record.job.id, record.run, outcome)


class _Progress:
    """Passes progress on, twice a second at most; ends a render that is late or not wanted."""

    def __init__(self, services: Services, record: Record) -> None:
        self.live = services.queue.begin_attempt(record)
        self._services = services
        self._record = record
        self._limit = services.settings.job_timeout_seconds
        self._started = time.monotonic()
        self._reported = self._looked = float("-inf")

    def __call__(self, done: int, total: int, stage: RenderStage) -> None:
        clock = time.monotonic()
        if clock - self._started > self._limit:
            raise RenderTimeoutError(TOO_LATE)
        if clock - self._looked >= LOOK_SECONDS:
            self._looked = clock
            self._check_wanted()
        if stage == self.live.stage and clock - self._reported < REPORT_SECONDS:
            return
        self._reported = clock
        # 100 % is kept for the outcome: a video that is not stored yet is not done.
        progress = max(self.live.progress, 99 * done // total if total else 0)
        self.live = self.live.model_copy(update={"progress": progress, "stage": stage})
        self._services.queue.report(self._record, self.live)

    def note_fault(self, fault: str | None) -> None:
        """Note what the attempt failed of, for whoever asks before the next one."""
        self.live = self.live.model_copy(update={"fault": fault})
        self._services.queue.report(self._record, self.live)

    def _check_wanted(self) -> None:
        """End the render if the job has ended elsewhere; a storage that is silent does not."""
        job_id = self._record.job.id
        try:
            ended = self._services.ledger.find_outcome(job_id, self._record.run)
        except UnavailableError:
            log.warning("job %s: its outcome could not be looked up", job_id, exc_info=True)
            return
        if ended:
            raise RenderCanceledError("The job has ended elsewhere.")


@cache
def _open_services() -> Services:
    return open_services(Settings.from_env())


def main(job_id: str, run: str, takeovers: str) -> None:
    """Run one job in this process; leave with 1 if its input was at fault, with 2 if we were."""
    logging.basicConfig(level=_open_services().settings.log_level)
    job = _open_services().ledger.read(job_id).job
    task = {"slideshow": render_slideshow_job, "clip": render_clip_job}[job.work.kind]
    try:
        task(job_id, int(run), int(takeovers))
    except FINAL_ERRORS:
        sys.exit(1)
    except Exception:
        log.exception("job %s failed", job_id)
        sys.exit(2)


if __name__ == "__main__":
    main(*sys.argv[1:])
