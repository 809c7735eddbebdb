"""The one task that RQ jobs name, and the two names that version 0.1 used for it."""

from reelqueue.workers.attempt import run_job

__all__ = ["render_clip_job", "render_slideshow_job", "run_job"]

render_slideshow_job = render_clip_job = run_job
