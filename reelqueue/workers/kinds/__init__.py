"""The renderer of each job kind, by the names in `reelqueue.submission.kinds`."""

from __future__ import annotations

from reelqueue.workers.kinds.analysis import render_analysis_work
from reelqueue.workers.kinds.base import Render
from reelqueue.workers.kinds.clip import render_clip_work
from reelqueue.workers.kinds.slideshow import render_slideshow_work

RENDERERS: dict[str, Render] = {
    "slideshow": render_slideshow_work,
    "clip": render_clip_work,
    "analysis": render_analysis_work,
}
