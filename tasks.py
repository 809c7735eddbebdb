"""The task under the names that RQ's records hold: one name now, and two of version 0.1.

This version does not import this module: `RunnableJob.func` in `reelqueue.workers.runnable_job`
maps all three names to `run_job`.
"""

from reelqueue.workers.attempt import run_job

__all__ = ["render_clip_job", "render_slideshow_job", "run_job"]

render_slideshow_job = render_clip_job = run_job
