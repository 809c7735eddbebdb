"""The renderer of the job kind "clip"."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import Job
from reelqueue.media.facts import OnProgress
from reelqueue.media.speech import find_ability
from reelqueue.media.subtitles import load_cues
from reelqueue.render.clip import render_clip
from reelqueue.render.speech.captions import recognize_captions, share_progress
from reelqueue.services import Services
from reelqueue.specs.clip import ClipSpec
from reelqueue.submission.kinds.clip import ClipWork
from reelqueue.workers.inputs import fetch_inputs
from reelqueue.workers.kinds.base import Result, finish_video


def render_clip_work(
    services: Services, _job: Job, work: ClipWork, folder: Path, on_progress: OnProgress
) -> Result:
    """Render a clip of a stored video.

    One whose words were recognised is not reusable: another model would hear others.

    Raises:
        UnavailableError: if they have to be, and this machine cannot.
    """
    inputs = [each for each in (work.source, work.captions) if each]
    source, *cues = fetch_inputs(services.store, inputs, folder, on_progress)
    spec = work.add_captions(load_cues(cues[0].read_bytes())) if cues else work.spec
    if not spec.speech:
        return _render(source, spec, folder, on_progress)
    model = services.settings.whisper_model
    if fault := find_ability(model).fault:  # another worker may have it
        raise UnavailableError(fault)
    on_speech, on_pictures = share_progress(on_progress)
    heard = recognize_captions(source, spec, model, folder, on_speech)
    written = folder / "transcript.json"
    written.write_bytes(heard.transcript.to_json())
    result = _render(source, heard.spec, folder, on_pictures, heard.warnings)
    return replace(result, files={**result.files, "transcript": written}, is_reusable=False)


def _render(
    source: Path,
    spec: ClipSpec,
    folder: Path,
    on_progress: OnProgress,
    warnings: tuple[str, ...] = (),
) -> Result:
    facts = render_clip(
        source,
        spec,
        folder / "video.mp4",
        poster=folder / "poster.jpg",
        on_progress=on_progress,
    )
    return finish_video(folder, facts.add_warnings(warnings), on_progress)
