"""`reelqueue slideshow`: photos and music in, a slideshow out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from reelqueue.cli.choices import list_photo_specs, nest_words, read_choices, read_parts
from reelqueue.cli.console import plain_errors, print_estimate, print_facts, progress_bar
from reelqueue.cli.options import (
    FILE,
    add_field,
    dry_run_option,
    json_option,
    keep_inputs,
    output_option,
)
from reelqueue.planning.photo_order import sort_photos
from reelqueue.planning.soundtrack import Track
from reelqueue.specs.parsing import parse_values
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from reelqueue.specs.text import CaptionStyle


@click.command()
@click.argument("photos", nargs=-1, required=True, type=FILE)
@output_option
@click.option(
    "--audio",
    "songs",
    type=FILE,
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
    type=FILE,
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
@dry_run_option
@json_option
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
