"""The renderer of the job kind "clip"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import Job
from reelqueue.media.facts import OnProgress
from reelqueue.media.speech.recognition import find_ability
from reelqueue.media.subtitles import load_cues
from reelqueue.media.transcripts import Transcript
from reelqueue.planning.soundtrack import Track
from reelqueue.render.clip import render_clip
from reelqueue.render.focus.faces import NOT_AVOIDED, NOT_FOLLOWED
from reelqueue.render.images.photos import Photo
from reelqueue.render.progress import share_progress
from reelqueue.render.speech.captions import recognize_captions
from reelqueue.services import Services
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.submission.kinds.clip import ClipWork
from reelqueue.workers.inputs import fetch_inputs
from reelqueue.workers.kinds.base import Result, finish_video


def render_clip_work(
    services: Services, _job: Job, work: ClipWork, folder: Path, on_progress: OnProgress
) -> Result:
    """Render a clip of a stored video.

    One whose words were recognised is not reusable: another model would hear others. Nor is one
    for which faces were not found: the next render may find them.

    Raises:
        UnavailableError: if speech has to be recognised, and this machine cannot.
    """
    more = [each for each in (work.captions, work.logo) if each]
    inputs = [work.source, *work.tracks, *more]
    source, *others = fetch_inputs(services.store, inputs, folder, on_progress)
    songs, files = others[: len(work.tracks)], others[len(work.tracks) :]
    logo = Photo(files[-1], work.logo.name) if work.logo else None
    tracks = [
        Track(path, track.duration, track.start, track.end)
        for path, track in zip(songs, work.tracks, strict=True)
    ]
    spec = work.spec
    if work.captions:
        load = Transcript.model_validate_json if work.captions.is_transcript else load_cues
        spec = work.add_captions(load(files[0].read_bytes()))
    animation = folder / "animation.webp" if work.animation else None
    render = partial(_render, source, tracks=tracks, logo=logo, animation=animation, folder=folder)
    if not spec.speech:
        return render(spec, on_progress=on_progress)
    model = services.settings.whisper_model
    if fault := find_ability(model).fault:  # another worker may have it
        raise UnavailableError(fault)
    on_speech, on_pictures = share_progress(on_progress)
    heard = recognize_captions(source, spec, model, folder, on_speech)
    written = folder / "transcript.json"
    written.write_bytes(heard.transcript.to_json())
    result = render(heard.spec, on_progress=on_pictures, warnings=heard.warnings)
    return replace(result, files={**result.files, "transcript": written}, is_reusable=False)


def _render(
    source: Path,
    spec: ClipSpec,
    *,
    tracks: Sequence[Track],
    logo: Photo | None,
    animation: Path | None,
    folder: Path,
    on_progress: OnProgress,
    warnings: tuple[str, ...] = (),
) -> Result:
    facts = render_clip(
        source,
        spec,
        folder / "video.mp4",
        tracks=tracks,
        logo=logo,
        poster=folder / "poster.jpg",
        animation=animation,
        on_progress=on_progress,
    ).add_warnings(warnings)
    result = finish_video(folder, facts, on_progress)
    if animation:
        result = replace(result, files={**result.files, "animation": animation})
    is_reusable = not {NOT_AVOIDED, NOT_FOLLOWED} & {*(facts.warnings or ())}
    return replace(result, is_reusable=is_reusable)
