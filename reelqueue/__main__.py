"""The command line: `python -m reelqueue slideshow | clip | doctor`.

Exit code 0 is a finished video, 2 bad input with one clear line, 1 a fault of ours.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args

import click

from reelqueue.config import Settings
from reelqueue.console import (
    check_folder,
    keep_inputs,
    nest_words,
    plain_errors,
    print_facts,
    progress_bar,
    read_captions,
    read_text,
)
from reelqueue.cuts import Aspect, ClipFit, ClipSpec
from reelqueue.doctor import examine
from reelqueue.formats import PREVIEW_SIDE, RESOLUTIONS
from reelqueue.ordering import sort_photos
from reelqueue.parsing import parse_values
from reelqueue.soundtrack import Track
from reelqueue.specs import Engine, Fit, Motion, OnBadPhoto, SlideshowSpec, Transition
from reelqueue.words import Backing, CaptionStyle, LetterSize, Position

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
_as_json = click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")


def _default(spec: type[SlideshowSpec | ClipSpec | CaptionStyle], field: str) -> Any:
    return spec.model_fields[field].default


def _choice(choices: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([str(choice) for choice in choices])


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
    "--volume",
    type=float,
    default=_default(SlideshowSpec, "volume"),
    show_default=True,
    help="Of the music: 1 is -14 LUFS, 0.5 half of that.",
)
@click.option(
    "--fit-to-music",
    is_flag=True,
    help="Photos share the music's time; --duration does not count.",
)
@click.option(
    "--duration",
    type=float,
    default=_default(SlideshowSpec, "duration"),
    show_default=True,
    help="Seconds a photo.",
)
@click.option(
    "--transition",
    type=_choice(Transition),
    default=str(_default(SlideshowSpec, "transition")),
    show_default=True,
    help="How photos change.",
)
@click.option(
    "--transition-duration",
    type=float,
    default=_default(SlideshowSpec, "transition_duration"),
    show_default=True,
    help="Seconds of a change.",
)
@click.option(
    "--size",
    "resolution",
    default=_default(SlideshowSpec, "resolution"),
    show_default=True,
    help=f"Width x height in pixels, or {', '.join(RESOLUTIONS)}.",
)
@click.option(
    "--preview", is_flag=True, help=f"Small and fast: {PREVIEW_SIDE} pixels high or wide."
)
@click.option(
    "--fps",
    type=float,
    default=_default(SlideshowSpec, "fps"),
    show_default=True,
    help="Frames a second.",
)
@click.option(
    "--fit",
    type=_choice(Fit),
    default=str(_default(SlideshowSpec, "fit")),
    show_default=True,
    help="What fills the frame around a photo.",
)
@click.option(
    "--focus",
    type=(float, float),
    metavar="X Y",
    help="What `cover` keeps in the middle, from 0 0 (upper left) to 1 1; by default where a "
    "photo is busiest.",
)
@click.option(
    "--rotate",
    type=int,
    default=_default(SlideshowSpec, "rotate"),
    show_default=True,
    help="Degrees that photos are turned, clockwise: 0, 90, 180 or 270.",
)
@click.option(
    "--background",
    default=_default(SlideshowSpec, "background"),
    show_default=True,
    help="The colour behind and around transparent photos.",
)
@click.option(
    "--order",
    type=click.Choice(["name", "date"]),
    help="Sort the photos, by date as they were taken; by default they come as they are given.",
)
@click.option(
    "--motion",
    type=_choice(Motion),
    default=str(_default(SlideshowSpec, "motion")),
    show_default=True,
    help="How photos move while they are seen.",
)
@click.option(
    "--seed",
    type=int,
    default=_default(SlideshowSpec, "seed"),
    show_default=True,
    help="Another number makes other random choices.",
)
@click.option(
    "--on-bad-photo",
    type=click.Choice(get_args(OnBadPhoto)),
    default=_default(SlideshowSpec, "on_bad_photo"),
    show_default=True,
    help="Whether a photo that cannot be read fails the video, or is left out.",
)
@click.option(
    "--caption",
    "captions",
    multiple=True,
    help="Words over a photo: the first is for the first photo given, and so on; '' for none.",
)
@click.option(
    "--caption-position",
    type=_choice(Position),
    default=str(_default(CaptionStyle, "position")),
    show_default=True,
    help="Where captions stand.",
)
@click.option(
    "--caption-size",
    type=_choice(LetterSize),
    default=str(_default(CaptionStyle, "size")),
    show_default=True,
    help="How large captions are.",
)
@click.option(
    "--caption-backing",
    type=_choice(Backing),
    default=str(_default(CaptionStyle, "backing")),
    show_default=True,
    help="What makes captions readable on any picture.",
)
@click.option("--title", help="The words of a card before the first photo.")
@click.option("--subtitle", default="", help="A smaller line below the title.")
@click.option("--end-title", help="The words of a card behind the last photo.")
@click.option(
    "--engine",
    type=_choice(Engine),
    default=str(Engine.STILL),
    show_default=True,
    help="What draws the frames.",
)
@_as_json
def slideshow(
    photos: tuple[Path, ...],
    output: Path,
    songs: tuple[Path, ...],
    focus: tuple[float, float] | None,
    order: Literal["name", "date"] | None,
    captions: tuple[str, ...],
    engine: str,
    as_json: bool,
    **choices: Any,
) -> None:
    """Make a slideshow of PHOTOS."""
    from reelqueue.render.photos import Photo, find_time
    from reelqueue.render.probe import probe_audio
    from reelqueue.render.slideshow import render_slideshow

    keep_inputs([*photos, *songs], output)
    choices["focus"] = dict(zip("xy", focus, strict=True)) if focus else None
    with plain_errors(), progress_bar(as_json) as on_progress:
        nest_words(choices)
        specs = read_captions(captions, len(photos))
        shown = sort_photos(
            [Photo(path, path.name, spec) for path, spec in zip(photos, specs, strict=True)],
            order or "uploaded",
            name=lambda photo: photo.name,
            taken_at=lambda photo: find_time(photo.path),
        )
        facts = render_slideshow(
            shown,
            parse_values(SlideshowSpec, choices),
            output,
            tracks=[Track(song, probe_audio(song).duration) for song in songs],
            engine=Engine(engine),
            on_progress=on_progress,
        )
    print_facts(facts, output, as_json)


@main.command()
@click.argument("video", type=_FILE)
@_output
@click.option("--start", type=float, default=0.0, show_default=True, help="Seconds into the video.")
@click.option("--end", type=float, help="Seconds; by default the video's end.")
@click.option(
    "--aspect",
    type=_choice(Aspect),
    default=str(_default(ClipSpec, "aspect")),
    show_default=True,
    help="The clip's shape.",
)
@click.option(
    "--fit",
    type=_choice(ClipFit),
    default=str(_default(ClipSpec, "fit")),
    show_default=True,
    help="How the video fills that shape.",
)
@click.option("--captions", type=_FILE, help="Text over the clip: an .srt or .vtt file.")
@_as_json
def clip(
    video: Path, output: Path, captions: Path | None, as_json: bool, **choices: object
) -> None:
    """Cut a clip out of VIDEO."""
    from reelqueue.render.captions import parse_srt
    from reelqueue.render.clip import render_clip

    keep_inputs([video, captions], output)
    with plain_errors(), progress_bar(as_json) as on_progress:
        cues = parse_srt(read_text(captions)) if captions else ()
        spec = parse_values(ClipSpec, {**choices, "captions": cues})
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


if __name__ == "__main__":
    main(prog_name="python -m reelqueue")
