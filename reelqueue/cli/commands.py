"""The command line: `python -m reelqueue slideshow | clip | doctor`.

Exit code 0 is a finished video, 2 bad input with one clear line, 1 a fault of ours.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal

import click

from reelqueue.cli.doctor import examine
from reelqueue.cli.options import (
    add_field,
    check_folder,
    keep_inputs,
    list_photo_specs,
    nest_words,
    plain_errors,
    print_estimate,
    print_facts,
    progress_bar,
    read_choices,
    read_parts,
    read_text,
)
from reelqueue.config import Settings
from reelqueue.planning.photo_order import sort_photos
from reelqueue.planning.soundtrack import Track
from reelqueue.specs.clip import ClipSpec
from reelqueue.specs.parsing import parse_values
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from reelqueue.specs.text import CaptionStyle

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)

_output = click.option(
    "-o",
    "--output",
    type=_OUTPUT,
    callback=check_folder,
    required=True,
    help="The MP4 to write.",
)
_dry_run = click.option(
    "--dry-run", is_flag=True, help="Only check it, and say what the video would be."
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")


@click.group()
def main() -> None:
    """Photos and clips in, finished videos out."""


@main.command()
@click.argument("photos", nargs=-1, required=True, type=_FILE)
@_output
@click.option(
    "--audio",
    "songs",
    type=_FILE,
    multiple=True,
    help="Music, looped or cut to the video's length; once for each song, in order.",
)
@click.option(
    "--audio-part",
    "parts",
    multiple=True,
    metavar="START-END",
    help="What is heard of a song, in seconds: 12.5-70, 12.5- or -70; the first is for the first "
    "song, and so on; '' for all of it.",
)
@add_field(SlideshowSpec, "volume")
@add_field(SlideshowSpec, "fit_to_music")
@add_field(SlideshowSpec, "duration")
@add_field(SlideshowSpec, "transition")
@add_field(SlideshowSpec, "transition_duration")
@add_field(SlideshowSpec, "resolution", "--size", "resolution")
@add_field(SlideshowSpec, "preview")
@add_field(SlideshowSpec, "fps")
@add_field(SlideshowSpec, "fit")
@click.option(
    "--focus",
    type=(float, float),
    metavar="X Y",
    help="What `cover` keeps in the middle, from 0 0 (upper left) to 1 1; by default where a "
    "photo is busiest.",
)
@add_field(SlideshowSpec, "rotate")
@add_field(SlideshowSpec, "background")
@click.option(
    "--order",
    type=click.Choice(["name", "date"]),
    help="Sort the photos, by date as they were taken; by default they come as they are given.",
)
@add_field(SlideshowSpec, "motion")
@add_field(SlideshowSpec, "seed")
@add_field(SlideshowSpec, "on_bad_photo")
@click.option(
    "--caption",
    "captions",
    multiple=True,
    help="Words over a photo: the first is for the first photo given, and so on; '' for none.",
)
@add_field(CaptionStyle, "position", "--caption-position")
@add_field(CaptionStyle, "size", "--caption-size")
@add_field(CaptionStyle, "backing", "--caption-backing")
@click.option("--title", help="The words of a card before the first photo.")
@click.option("--subtitle", default="", help="A smaller line below the title.")
@click.option("--end-title", help="The words of a card behind the last photo.")
@click.option(
    "--choices",
    "choices_file",
    type=_FILE,
    help="A JSON file with `photos` (what each has of its own, in the order given), `title` and "
    "`end_title`, as the API takes them.",
)
@click.option(
    "--engine",
    type=click.Choice([str(engine) for engine in Engine]),
    default=str(Engine.STILL),
    show_default=True,
    help="What draws the frames.",
)
@_dry_run
@_as_json
def slideshow(
    photos: tuple[Path, ...],
    output: Path,
    songs: tuple[Path, ...],
    parts: tuple[str, ...],
    focus: tuple[float, float] | None,
    order: Literal["name", "date"] | None,
    captions: tuple[str, ...],
    choices_file: Path | None,
    engine: str,
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Make a slideshow of PHOTOS."""
    from reelqueue.render.images.photos import Photo, find_taken_at
    from reelqueue.render.preflight import check_slideshow
    from reelqueue.render.slideshow import render_slideshow

    keep_inputs([*photos, *songs], output)
    options["focus"] = dict(zip("xy", focus, strict=True)) if focus else None
    with plain_errors(), progress_bar(as_json or dry_run) as on_progress:
        choices = read_choices(choices_file)
        nest_words(options, choices)
        specs = list_photo_specs(choices, captions, len(photos))
        shown = sort_photos(
            [Photo(path, path.name, spec) for path, spec in zip(photos, specs, strict=True)],
            order or "uploaded",
            name=lambda photo: photo.name,
            taken_at=lambda photo: find_taken_at(photo.path),
        )
        spec = parse_values(SlideshowSpec, options)
        tracks = _cut_songs(songs, parts)
        if dry_run:
            print_estimate(*check_slideshow(shown, spec, tracks, Engine(engine)), as_json)
            return
        facts = render_slideshow(
            shown, spec, output, tracks=tracks, engine=Engine(engine), on_progress=on_progress
        )
    print_facts(facts, output, as_json)


def _cut_songs(songs: tuple[Path, ...], parts: tuple[str, ...]) -> list[Track]:
    """Return the songs, in order, each as far as it is heard."""
    from reelqueue.render.ffmpeg.probe import probe_audio

    tracks = []
    for number, (song, part) in enumerate(zip(songs, read_parts(parts, len(songs)), strict=True)):
        duration = probe_audio(song).duration
        start, end = part.resolve_range(duration, f"--audio-part {number + 1}")
        tracks.append(Track(song, duration, start, end))
    return tracks


@main.command()
@click.argument("video", type=_FILE)
@_output
@add_field(ClipSpec, "start")
@click.option("--end", type=float, help="Seconds; by default the video's end.")
@add_field(ClipSpec, "aspect")
@add_field(ClipSpec, "fit")
@click.option("--captions", type=_FILE, help="Text over the clip: an .srt or .vtt file.")
@_dry_run
@_as_json
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


@main.command()
def doctor() -> None:
    """Check everything that the service needs here, and say what is wrong."""
    with plain_errors():
        findings = examine(Settings.from_env())
    for finding in findings:
        colour = {"ok": "green", "warning": "yellow", "problem": "red"}[finding.level]
        click.echo(f"{click.style(f'{finding.level:8}', fg=colour)} {finding.what}: {finding.text}")
    if any(finding.level == "problem" for finding in findings):
        sys.exit(1)
