"""The renderer of each job kind, by the names in `reelqueue.submission.kinds`."""

from __future__ import annotations

from reelqueue.workers.kinds.base import Render
from reelqueue.workers.kinds.clip import render_clip_job
from reelqueue.workers.kinds.slideshow import render_slideshow_job

RENDERERS: dict[str, Render] = {"slideshow": render_slideshow_job, "clip": render_clip_job}
