"""`reelqueue analyze`: find the scenes, silences and highlights of a video."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from reelqueue.cli.console import (
    print_estimate,
    print_warnings,
    progress_bar,
    report_errors,
)
from reelqueue.cli.options import FILE, TIME, dry_run_option, json_option, spec_option
from reelqueue.cli.speech import find_model
from reelqueue.config import read_whisper_model
from reelqueue.errors import SettingsError
from reelqueue.media.analysis import AnalysisFacts
from reelqueue.media.speech.recognition import find_ability
from reelqueue.specs.analysis import AnalysisSpec, HighlightChoice
from reelqueue.specs.parsing import parse_values

_FOLDER = click.Path(exists=True, file_okay=False, writable=True, path_type=Path)


@click.command()
@click.argument("video", type=FILE)
@click.option(
    "-o",
    "--output",
    type=_FOLDER,
    help="An existing folder for analysis.json, filmstrip.jpg, waveform.png and transcript.json; "
    "unset: they are not kept.",
)
@spec_option(HighlightChoice, "count")
@spec_option(HighlightChoice, "duration", kind=TIME)
@click.option(
    "--transcript",
    is_flag=True,
    help="Write down what is said. Highlights then begin and end with its sentences.",
)
@click.option("--language", help="The language that is spoken, such as en; default: recognised.")
@click.option("--vocabulary", multiple=True, help="A name to listen for; may be repeated.")
@dry_run_option
@json_option
def analyze(
    video: Path,
    output: Path | None,
    count: int,
    duration: float,
    transcript: bool,
    language: str | None,
    vocabulary: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Find the scenes, silences and highlights of VIDEO."""
    from reelqueue.render.analyze import analyze_video
    from reelqueue.render.preflight import check_analysis

    is_quiet = as_json or dry_run
    with report_errors(), progress_bar(is_quiet, prints_lines=True) as on_progress:
        highlights = {"count": count, "duration": duration}
        speech = {"language": language, "vocabulary": vocabulary} if transcript else False
        spec = parse_values(AnalysisSpec, {"highlights": highlights, "transcript": speech})
        model = find_model(spec.speech, "transcript", "language")
        if dry_run:
            print_estimate(check_analysis(video), None, as_json)
            return
        with TemporaryDirectory(prefix="reelqueue-") as unkept:
            folder = output or Path(unkept)
            found = analyze_video(video, spec, folder, model=model, on_progress=on_progress)
        hint = None if transcript or as_json else _find_hint()
    _print_findings(found.full, hint, as_json)


def _find_hint() -> str:
    """Return how to have what is said."""
    try:
        fault = find_ability(read_whisper_model()).fault
    except SettingsError as error:  # which no one needs who has asked for no transcript
        fault = str(error)
    return fault or "--transcript writes down what is said."


def _print_findings(facts: AnalysisFacts, hint: str | None, as_json: bool) -> None:
    """Print what was found: tables, or JSON; highlights last, as they are what is looked for.

    Args:
        facts: what was found.
        hint: how to have a transcript, if none was asked for.
        as_json: whether to print JSON.
    """
    print_warnings(facts.warnings or ())
    if as_json:
        known = facts.model_dump(mode="json", exclude_none=True)
        click.echo(json.dumps({"success": True, **known}))
        return
    scenes, silences = facts.scenes or (), facts.silences or ()
    click.echo(f"{facts.duration:.2f} s, {_count(scenes, 'scene')}, {_count(silences, 'silence')}")
    if hint and facts.loudness:
        click.echo(f"No transcript: {hint}")
    for title, rows in (
        ("Scenes", [(span, "") for span in scenes]),
        ("Silences", [(span, "") for span in silences]),
        (
            "Highlights",
            [(span, f"{span.score:.2f}  {span.why}") for span in facts.highlights or ()],
        ),
    ):
        if rows:
            click.echo(f"\n{title:10}  {'start':>9}  {'end':>9}")
        for number, (span, more) in enumerate(rows, 1):
            click.echo(f"{number:10}  {span.start:9.2f}  {span.end:9.2f}  {more}".rstrip())


def _count(items: tuple[object, ...], noun: str) -> str:
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"
