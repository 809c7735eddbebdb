"""`reelqueue clip`: cut a clip out of a video."""

from __future__ import annotations

from pathlib import Path

import click

from reelqueue.cli.console import print_estimate, print_facts, progress_bar, report_errors
from reelqueue.cli.options import (
    FILE,
    OUTPUT,
    dry_run_option,
    json_option,
    output_option,
    protect_inputs,
    read_text,
    spec_option,
)
from reelqueue.config import read_whisper_model
from reelqueue.media.speech import find_ability
from reelqueue.specs.captions import AUTO, CueSheet, Times
from reelqueue.specs.clip import ClipSpec
from reelqueue.specs.parsing import parse_json, parse_values


class CaptionsSource(click.ParamType[Path | str]):
    """The path of a file, or `auto`."""

    name = "file|auto"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """Return the value as a path, unless it is `auto`."""
        if value == AUTO:
            return AUTO
        path: Path = FILE.convert(str(value), param, ctx)
        return path


@click.command()
@click.argument("video", type=FILE)
@output_option
@spec_option(ClipSpec, "start")
@click.option(
    "--end", type=float, help="Where the clip ends, in seconds; default: the video's end."
)
@spec_option(ClipSpec, "aspect")
@spec_option(ClipSpec, "fit")
@click.option(
    "--captions",
    type=CaptionsSource(),
    help="A file with captions (SRT, WebVTT, ASS), a transcript (JSON), or auto: what is said.",
)
@click.option(
    "--caption-times",
    type=click.Choice([str(times) for times in Times]),
    default=str(Times.SOURCE),
    show_default=True,
    help="What the times in that file count from: the start of VIDEO, or of the clip.",
)
@click.option("--language", help="The language that is spoken, such as en; default: recognised.")
@click.option("--vocabulary", multiple=True, help="A name to listen for; may be repeated.")
@click.option("--transcript", type=OUTPUT, help="A file to write what is said to, as JSON.")
@dry_run_option
@json_option
def clip(
    video: Path,
    output: Path,
    captions: Path | str | None,
    caption_times: str,
    language: str | None,
    vocabulary: tuple[str, ...],
    transcript: Path | None,
    dry_run: bool,
    as_json: bool,
    **choices: object,
) -> None:
    """Cut a clip out of VIDEO."""
    from reelqueue.render.clip import render_clip
    from reelqueue.render.preflight import check_clip
    from reelqueue.render.speech.captions import recognize_captions, share_progress

    file = captions if isinstance(captions, Path) else None
    protect_inputs([video, file], output)
    with report_errors(), progress_bar(as_json or dry_run) as on_progress:
        if file:
            choices["captions"] = _read_captions(file, Times(caption_times))
        elif captions:
            choices["captions"] = {"speech": {"language": language, "vocabulary": vocabulary}}
        spec = parse_values(ClipSpec, choices)
        model = _find_model(spec)
        if dry_run:
            print_estimate(check_clip(video, spec), None, as_json)
            return
        warnings: tuple[str, ...] = ()
        if model:
            on_speech, on_progress = share_progress(on_progress)
            heard = recognize_captions(video, spec, model, output.parent, on_speech)
            spec, warnings = heard.spec, heard.warnings
            if transcript:
                transcript.write_bytes(heard.transcript.to_json())
        facts = render_clip(video, spec, output, on_progress=on_progress).add_warnings(warnings)
    print_facts(facts, output, as_json)


def _find_model(spec: ClipSpec) -> str | None:
    """Return the model that recognises the captions, None if they are given.

    Raises:
        InvalidSpecError: if speech cannot be recognised here.
        SettingsError: if the setting of the model is bad.
    """
    if spec.speech is None:
        return None
    model = read_whisper_model()
    find_ability(model).check(spec.speech, "captions", "language")
    return model


def _read_captions(path: Path, times: Times) -> CueSheet:
    """Return the captions of a file, and print what had to be changed."""
    from reelqueue.media.subtitles import read_file
    from reelqueue.media.transcripts import Transcript

    if path.suffix.lower() == ".json":
        return parse_json(Transcript, read_text(path)).to_sheet()
    subtitles = read_file(path)
    for warning in subtitles.warnings:
        click.echo(f"Note: {path.name}: {warning}", err=True)
    return CueSheet(cues=subtitles.cues, times=times)
