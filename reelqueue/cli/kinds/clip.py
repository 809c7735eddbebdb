"""`reelqueue clip`: a video in, a clip of it out."""

from __future__ import annotations

from pathlib import Path

import click

from reelqueue.cli.console import plain_errors, print_estimate, print_facts, progress_bar
from reelqueue.cli.options import (
    FILE,
    add_field,
    dry_run_option,
    json_option,
    keep_inputs,
    output_option,
    read_text,
)
from reelqueue.specs.clip import ClipSpec
from reelqueue.specs.parsing import parse_values


@click.command()
@click.argument("video", type=FILE)
@output_option
@add_field(ClipSpec, "start")
@click.option("--end", type=float, help="Seconds; by default the video's end.")
@add_field(ClipSpec, "aspect")
@add_field(ClipSpec, "fit")
@click.option("--captions", type=FILE, help="Text over the clip: an .srt or .vtt file.")
@dry_run_option
@json_option
def clip(
    video: Path,
    output: Path,
    captions: Path | None,
    dry_run: bool,
    as_json: bool,
    **choices: object,
) -> None:
    """Cut a clip out of VIDEO."""
    from reelqueue.media.subtitles import parse_subtitles
    from reelqueue.render.clip import render_clip
    from reelqueue.render.preflight import check_clip

    keep_inputs([video, captions], output)
    with plain_errors(), progress_bar(as_json or dry_run) as on_progress:
        cues = parse_subtitles(read_text(captions)) if captions else ()
        spec = parse_values(ClipSpec, {**choices, "captions": cues})
        if dry_run:
            print_estimate(check_clip(video, spec), None, as_json)
            return
        facts = render_clip(video, spec, output, on_progress=on_progress)
    print_facts(facts, output, as_json)
