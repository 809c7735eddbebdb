"""`reelqueue clip`: cut a clip out of a video."""

from __future__ import annotations

from pathlib import Path

import click

from reelqueue.cli.console import print_estimate, print_facts, progress_bar, report_errors
from reelqueue.cli.music import read_tracks
from reelqueue.cli.options import (
    FILE,
    dry_run_option,
    json_option,
    output_option,
    protect_inputs,
    spec_option,
)
from reelqueue.specs.captions import Cue, CueSheet, Times
from reelqueue.specs.clip import ClipSpec
from reelqueue.specs.parsing import parse_values
from reelqueue.specs.sound import ClipAudio, Sound


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
    "--loudness",
    type=float,
    metavar="LUFS",
    help="Bring the sound to this loudness; -14 is that of YouTube and Spotify. Default: as it was "
    "recorded.",
)
@spec_option(ClipAudio, "volume")
@spec_option(ClipAudio, "mute")
@click.option(
    "--sound-track",
    type=int,
    help="The sound track that is heard, from 1 in the order of the file; default: the file's "
    "default.",
)
@spec_option(ClipAudio, "fade_in", "--sound-fade-in", "fade_in")
@spec_option(ClipAudio, "fade_out", "--sound-fade-out", "fade_out")
@click.option(
    "--music",
    "songs",
    type=FILE,
    multiple=True,
    help="A song under the clip, looped or cut to its length; repeat it for several, in order.",
)
@click.option(
    "--music-part",
    "parts",
    multiple=True,
    metavar="START-END",
    help="The part of a song to play, in seconds: 12.5-70, 12.5- or -70; '' for all of it. The "
    "first is for the first song, and so on.",
)
@click.option("--music-volume", type=float, help=Sound.model_fields["music_volume"].description)
@click.option(
    "--duck/--no-duck", default=True, show_default=True, help=Sound.model_fields["duck"].description
)
@click.option("--captions", type=FILE, help="A file with captions: SRT, WebVTT or ASS.")
@click.option(
    "--caption-times",
    type=click.Choice([str(times) for times in Times]),
    default=str(Times.SOURCE),
    show_default=True,
    help="What the times in that file count from: the start of VIDEO, or of the clip.",
)
@dry_run_option
@json_option
def clip(
    video: Path,
    output: Path,
    captions: Path | None,
    caption_times: str,
    sound_track: int | None,
    songs: tuple[Path, ...],
    parts: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    **choices: object,
) -> None:
    """Cut a clip out of VIDEO."""
    from reelqueue.render.clip import render_clip
    from reelqueue.render.preflight import check_clip

    protect_inputs([video, captions, *songs], output)
    with report_errors(), progress_bar(as_json or dry_run) as on_progress:
        if captions:
            choices["captions"] = CueSheet(
                cues=_read_captions(captions), times=Times(caption_times)
            )
        choices["track"] = sound_track
        choices["audio"] = {name: choices.pop(name) for name in ClipAudio.model_fields}
        spec = parse_values(ClipSpec, choices)
        tracks = read_tracks(songs, parts, "--music-part")
        if dry_run:
            print_estimate(check_clip(video, spec, tracks), None, as_json)
            return
        facts = render_clip(video, spec, output, tracks=tracks, on_progress=on_progress)
    print_facts(facts, output, as_json)


def _read_captions(path: Path) -> tuple[Cue, ...]:
    """Return the captions of a file, and print what had to be changed."""
    from reelqueue.media.subtitles import read_file

    subtitles = read_file(path)
    for warning in subtitles.warnings:
        click.echo(f"Note: {path.name}: {warning}", err=True)
    return subtitles.cues
