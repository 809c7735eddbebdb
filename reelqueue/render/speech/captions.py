"""The captions of a clip that are recognised in its speech."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from reelqueue.media.facts import OnProgress
from reelqueue.media.transcripts import Transcript
from reelqueue.planning.clips.edit import plan_edit
from reelqueue.render.ffmpeg.source import choose_track, probe_source
from reelqueue.render.speech.recognize import transcribe
from reelqueue.specs.clips.clip import ClipSpec

NOTHING_SAID = "No speech was recognised, so the clip has no captions."


class Captioned(NamedTuple):
    """A spec with the captions that were recognised, and the transcript that they are from."""

    spec: ClipSpec
    transcript: Transcript

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence if nothing was heard."""
        return () if self.transcript.segments else (NOTHING_SAID,)


def recognize_captions(
    source: Path, spec: ClipSpec, model: str, folder: Path, on_progress: OnProgress
) -> Captioned:
    """Return a spec with captions in place of what it says of the speech.

    Args:
        source: the video.
        spec: it asks for the captions of speech.
        model: the name of a model, or its folder.
        folder: where to work; nothing is left there.
        on_progress: it can raise to stop the work.

    Raises what `probe_source`, `choose_track`, `plan_edit` and `transcribe` raise.
    """
    assert spec.speech
    video = probe_source(source)
    if spec.audio.track:
        video = choose_track(source, video, spec.audio.track)
    edit = plan_edit(spec, video.duration, video.rate.fps, video.size)
    spans = [(cut.start, cut.start + cut.source_duration) for cut in edit.cuts]
    transcript = transcribe(
        source, video, spec.speech, model, folder, spans=spans, on_progress=on_progress
    )
    captions = transcript.to_sheet(spec)
    return Captioned(spec.model_copy(update={"captions": captions}), transcript)
