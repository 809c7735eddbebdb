"""Analyze a video: its scenes, silences, loudness and highlights, and pictures that show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.media.analysis import AnalysisFacts
from reelqueue.media.facts import OnProgress
from reelqueue.media.transcripts import Transcript
from reelqueue.planning.analysis.findings import Recording, examine_recording, tell_all, tell_most
from reelqueue.planning.analysis.sound import Sound
from reelqueue.render.analysis.overviews import write_filmstrip, write_waveform
from reelqueue.render.analysis.pictures import Seen, watch_pictures
from reelqueue.render.analysis.sound import Heard, hear_sound
from reelqueue.render.audio.parallel import encoding_sound
from reelqueue.render.ffmpeg.source import VideoSource, probe_source
from reelqueue.render.progress import share_progress
from reelqueue.render.speech.recognize import transcribe
from reelqueue.specs.analysis import AnalysisSpec

_PICTURES_SHARE = 98  # of the work, in percent; sound is seldom ready after them


@dataclass(frozen=True)
class Analysis:
    """What was found in a video: all of it, and as much as a status tells.

    `files` are what was written, by name; there is no waveform without sound.
    """

    full: AnalysisFacts
    brief: AnalysisFacts
    files: dict[str, Path]


def analyze_video(
    source: Path,
    spec: AnalysisSpec,
    folder: Path,
    *,
    model: str | None = None,
    on_progress: OnProgress,
) -> Analysis:
    """Analyze a video, and write `analysis.json`, `filmstrip.jpg` and what it has of the others.

    These are `waveform.png` and `transcript.json`.

    Args:
        source: the video.
        spec: what is looked for.
        folder: the folder to write to.
        model: the one that recognises speech, by its name or as a folder.
        on_progress: called for each second of the video; it can raise to stop the analysis.

    Raises:
        UnsupportedMediaError: if the format or a codec of the source is not supported.
        UnreadableMediaError: if the source is damaged or beyond the limits.
        RenderError: if ffmpeg fails.
    """
    on_progress(0, 1, "preparing")
    video = probe_source(source)
    transcript = None
    if spec.speech and model and video.sound is not None:
        on_speech, on_progress = share_progress(on_progress)
        transcript = transcribe(source, video, spec.speech, model, folder, on_progress=on_speech)
    with TemporaryDirectory(dir=folder, prefix="analysis-") as name:
        work = Path(name)
        seen, heard = _see_and_hear(source, video, work, on_progress)
        on_progress(1, 1, "saving")
        full, brief = _describe(video, spec, seen, heard, transcript)
        _write_files(full, seen, heard, work)
        files = {path.stem: path.replace(folder / path.name) for path in sorted(work.iterdir())}
    return Analysis(full, brief, files)


def _describe(
    video: VideoSource,
    spec: AnalysisSpec,
    seen: Seen,
    heard: Heard | None,
    transcript: Transcript | None,
) -> tuple[AnalysisFacts, AnalysisFacts]:
    """Return all that was found, and as much as a status tells."""
    recording = Recording(video.duration, seen.changes, heard.sound if heard else Sound())
    words = [word for part in (transcript.segments if transcript else ()) for word in part.words]
    findings = examine_recording(recording, spec, words)
    told = (tell(findings, spec, len(seen.film)) for tell in (tell_all, tell_most))
    full, brief = (facts.model_copy(update={"warnings": video.warnings or None}) for facts in told)
    return full.model_copy(update={"transcript": transcript}), brief


def _write_files(full: AnalysisFacts, seen: Seen, heard: Heard | None, folder: Path) -> None:
    """Write the files of a result; `analysis.json`, the main one, is the first by its name."""
    (folder / "analysis.json").write_text(full.model_dump_json(exclude_none=True))
    if full.transcript:
        (folder / "transcript.json").write_bytes(full.transcript.to_json())
    write_filmstrip(seen.film, folder / "filmstrip.jpg")
    if heard:
        write_waveform(heard.peaks, folder / "waveform.png")


def _see_and_hear(
    source: Path, video: VideoSource, folder: Path, on_progress: OnProgress
) -> tuple[Seen, Heard | None]:
    """Decode pictures and sound at the same time; what is heard is None without sound."""
    found: list[Heard] = []

    def hear(on_second: Callable[[int], None]) -> None:
        found.append(hear_sound(source, video, folder, on_second))

    def report_sound() -> None:
        on_progress(_PICTURES_SHARE, 100, "audio")

    with encoding_sound(None if video.sound is None else hear, report_sound) as check:

        def report_pictures(seconds: int) -> None:
            check()
            share = _PICTURES_SHARE * min(1.0, seconds / video.duration)
            on_progress(round(100 * share), 10_000, "rendering")

        seen = watch_pictures(source, video, folder, report_pictures)
        if video.sound is not None:
            report_sound()
    return seen, found[0] if found else None
