"""The renderer of the job kind "analysis"."""

from __future__ import annotations

from pathlib import Path

from reelqueue.jobs.model import Job
from reelqueue.media.facts import OnProgress
from reelqueue.render.analyze import analyze_video
from reelqueue.services import Services
from reelqueue.submission.kinds.analysis import AnalysisWork
from reelqueue.workers.inputs import fetch_inputs
from reelqueue.workers.kinds.base import Result


def render_analysis_work(
    services: Services, _job: Job, work: AnalysisWork, folder: Path, on_progress: OnProgress
) -> Result:
    """Analyze a stored video."""
    (source,) = fetch_inputs(services.store, [work.source], folder, on_progress)
    analysis = analyze_video(source, work.spec, folder, on_progress=on_progress)
    return Result(analysis.files, analysis.brief.model_dump(mode="json", exclude_none=True))
