"""The renderer of the job kind "analysis"."""

from __future__ import annotations

from pathlib import Path

from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import Job
from reelqueue.media.facts import OnProgress
from reelqueue.media.speech.recognition import find_ability
from reelqueue.render.analyze import analyze_video
from reelqueue.services import Services
from reelqueue.submission.kinds.analysis import AnalysisWork
from reelqueue.workers.inputs import fetch_inputs
from reelqueue.workers.kinds.base import Result


def render_analysis_work(
    services: Services, _job: Job, work: AnalysisWork, folder: Path, on_progress: OnProgress
) -> Result:
    """Analyze a stored video.

    What was recognised is not reusable: another model would hear other words.

    Raises:
        UnavailableError: if speech has to be recognised, and this machine cannot.
    """
    model = services.settings.whisper_model
    if work.spec.speech and (fault := find_ability(model).fault):  # another worker may have it
        raise UnavailableError(fault)
    (source,) = fetch_inputs(services.store, [work.source], folder, on_progress)
    analysis = analyze_video(source, work.spec, folder, model=model, on_progress=on_progress)
    facts = analysis.brief.model_dump(mode="json", exclude_none=True)
    return Result(analysis.files, facts, is_reusable=work.spec.speech is None)
