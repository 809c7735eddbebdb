"""`python -m benchmarks`: measure everything on this machine, and report the results."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks import ways
from benchmarks.clips import suite
from benchmarks.clips.results import Clips
from benchmarks.material import (
    Slideshow,
    add_captions,
    exchange_photo,
    make_photos,
    make_song,
    move_photos,
    preview_photos,
    repeat_photos,
)
from benchmarks.measurement import Group
from benchmarks.measures import Trial, find_output, measure_trials
from benchmarks.moves import use_moviepy_moves
from benchmarks.parts import measure_parts
from benchmarks.quality import measure_quality
from benchmarks.report import ROOT, format_groups, write_report
from benchmarks.results import Changes, Lengths, Moves, Music, Results, Ways, Words
from reelqueue.planning.soundtrack import Track
from reelqueue.render.ffmpeg.probe import probe_audio
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.specs.slideshow import SlideshowSpec


@dataclass(frozen=True)
class Extent:
    """The size of the suite; with `repeats`, fast trials run more often than slow ones."""

    resolution: str
    photos: int
    fewer: int
    more: int
    with_song: int
    moving: int
    repeats: bool
    clips: suite.ClipExtent


FULL = Extent("1920x1080", 10, 100, 1000, with_song=20, moving=4, repeats=True, clips=suite.FULL)
QUICK = Extent("160x90", 2, 4, 8, with_song=2, moving=2, repeats=False, clips=suite.QUICK)


@click.command()
@click.argument("names", nargs=-1, metavar="[GROUP]...")
@click.option("--quick", is_flag=True, help="Use tiny pictures, to test the benchmarks themselves.")
@click.option(
    "--root",
    default=ROOT,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder with benchmarks/ and docs/.",
)
def main(names: Sequence[str], quick: bool, root: Path) -> None:
    """Measure our engines and other tools on the same work.

    With the names of groups, only these are measured, and nothing is written: the tables are only
    shown. The groups are ways, lengths, music, words, moves, changes and parts, and of clips blur,
    phrases, large, analysis, cut and speech.
    """
    extent = QUICK if quick else FULL
    if unknown := set(names) - {*_SLIDESHOWS, *suite.GROUPS}:
        raise click.BadParameter(f"there is no group {min(unknown)}: --help lists them.")
    with TemporaryDirectory() as folder:
        if names:
            click.echo(format_groups(measure_groups(names, extent, Path(folder))))
            return
        results = measure(extent, Path(folder))
    (root / "benchmarks" / "results.json").write_text(results.model_dump_json(indent=2) + "\n")
    click.echo(write_report(root))


def measure(extent: Extent, folder: Path) -> Results:
    """Measure all groups."""
    found = measure_groups([*_SLIDESHOWS, *suite.GROUPS], extent, folder)
    return Results.model_validate(
        {
            "machine": describe_machine(),
            "slideshow": describe_slideshow(make_slideshow(extent, folder)),
            **{name: found[name] for name in _SLIDESHOWS},
            "clips": Clips.model_validate({name: found[name] for name in suite.GROUPS}),
        }
    )


def measure_groups(
    names: Sequence[str], extent: Extent, folder: Path
) -> dict[str, Group | dict[str, float] | None]:
    """Measure groups; that of `parts` is not compared with anything."""
    show = make_slideshow(extent, folder)
    return {
        name: suite.GROUPS[name](extent.clips, folder)
        if name in suite.GROUPS
        else _SLIDESHOWS[name](show, extent, folder)
        for name in names
    }


def make_slideshow(extent: Extent, folder: Path) -> Slideshow:
    photos = make_photos(folder, extent.photos)
    return Slideshow(photos, SlideshowSpec(resolution=extent.resolution))


def measure_ways(show: Slideshow, repeats: bool, folder: Path) -> Ways:
    most, more, few = (5, 3, 2) if repeats else (1, 1, 1)
    moviepy = f"MoviePy {version('moviepy')}, medium"
    trials = {
        "moviepy": Trial(moviepy, ways.use_moviepy, show, few),
        "xfade": Trial("one ffmpeg xfade graph, medium", ways.use_xfade, show),
        "libx264": Trial("libx264 on finished frames, veryfast", ways.use_libx264, show, more),
        "concat": Trial("ffmpeg, no transitions, ultrafast", ways.use_concat, show, more),
        "x264": Trial("x264 engine, medium", ways.use_x264, show, more),
        "still": Trial("still engine", ways.use_still, show, most),
    }
    measured = measure_trials(trials, folder)
    for name in ("moviepy", "x264", "still"):  # these draw the same frames
        measured[name].quality = measure_quality(find_output(folder, name), show)
    return Ways(**measured)


def measure_lengths(show: Slideshow, extent: Extent, folder: Path) -> Lengths:
    fewer, more = (repeat_photos(show, count) for count in (extent.fewer, extent.more))
    runs = 3 if extent.repeats else 1
    trials = {
        "preview": Trial(
            f"{extent.fewer} photos, a preview", ways.use_still, preview_photos(fewer), runs
        ),
        "fewer": Trial(f"{extent.fewer} photos", ways.use_still, fewer, runs),
        "more": Trial(f"{extent.more} photos", ways.use_still, more),
    }
    return Lengths(**measure_trials(trials, folder))


def measure_music(show: Slideshow, extent: Extent, folder: Path) -> Music:
    silent = repeat_photos(show, extent.with_song)
    seconds = float(silent.timeline.duration)
    song = folder / "song.mp3"
    make_song(song, seconds)
    sung = replace(silent, tracks=(Track(song, probe_audio(song).duration),))
    fitting = replace(sung, spec=show.spec.model_copy(update={"fit_to_music": True, "duration": 1}))
    runs = 5 if extent.repeats else 1
    what = f"{extent.with_song} photos"
    trials = {
        "pictures": Trial(f"{what} without a song", ways.use_still, silent, runs),
        "sound": Trial(f"a song of {seconds:g} s alone", ways.encode_song, sung, runs),
        "both": Trial(f"{what} with the song", ways.use_still, sung, runs),
        "fitted": Trial(f"{what} of 1 s, fitted to the song", ways.use_still, fitting, runs),
    }
    return Music(**measure_trials(trials, folder))


def measure_words(show: Slideshow, extent: Extent, folder: Path) -> Words:
    plain = repeat_photos(show, extent.with_song)
    captioned = add_captions(plain)
    runs = 5 if extent.repeats else 1
    what = f"{len(plain.photos)} photos"
    trials = {
        "plain": Trial(f"{what} without words", ways.use_still, plain, runs),
        "captioned": Trial(f"{what} with captions", ways.use_still, captioned, runs),
    }
    return Words(**measure_trials(trials, folder))


def measure_moves(show: Slideshow, extent: Extent, folder: Path) -> Moves:
    moving = move_photos(repeat_photos(show, extent.moving))
    runs = 5 if extent.repeats else 1
    trials = {
        "moviepy": Trial(
            f"MoviePy {version('moviepy')}'s own effects, medium", use_moviepy_moves, moving
        ),
        "reference": Trial("the same views drawn for MoviePy, medium", ways.use_moviepy, moving),
        "libx264": Trial("libx264 on finished frames, veryfast", ways.use_libx264, moving, runs),
        "still": Trial("still engine", ways.use_still, moving, runs),
    }
    measured = measure_trials(trials, folder)
    for name in ("libx264", "still"):
        measured[name].quality = measure_quality(find_output(folder, name), moving)
    return Moves(**measured)


def measure_changes(show: Slideshow, extent: Extent, folder: Path) -> Changes:
    moving = move_photos(repeat_photos(show, extent.fewer))
    use_parts = partial(ways.use_parts, folder / "parts")
    what = f"{extent.fewer} photos that move"
    changed = exchange_photo(moving)
    first = measure_trials({"first": Trial(what, use_parts, moving)}, folder)
    again = {"again": Trial(f"{what}, one of them another since", use_parts, changed)}
    return Changes(**first, **measure_trials(again, folder))


_SLIDESHOWS: Mapping[str, Callable[[Slideshow, Extent, Path], Group | dict[str, float]]] = {
    "ways": lambda show, extent, folder: measure_ways(show, extent.repeats, folder),
    "lengths": measure_lengths,
    "music": measure_music,
    "words": measure_words,
    "moves": measure_moves,
    "changes": measure_changes,
    "parts": lambda show, _, folder: measure_parts(show, folder),
}


def describe_slideshow(show: Slideshow) -> str:
    spec = show.spec
    return (
        f"{len(show.photos)} photos at {spec.resolution}, {spec.fps:g} frames a second,"
        f" {spec.duration:g} s each, crossfades of {spec.transition_duration:g} s"
    )


def describe_machine() -> dict[str, str]:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    told = subprocess.run([find_ffmpeg(), "-version"], capture_output=True, text=True, check=True)
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "Python": platform.python_version(),
        "ffmpeg": told.stdout.split()[2],
        "MoviePy": version("moviepy"),
        "PyAV": version("av"),
    }


if __name__ == "__main__":
    main()
