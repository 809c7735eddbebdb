"""The one task that crosses the queue, and the names that version 0.1 had for it."""

from reelqueue.workers.attempt import run_job

__all__ = ["render_clip_job", "render_slideshow_job", "run_job"]

render_slideshow_job = render_clip_job = run_job
