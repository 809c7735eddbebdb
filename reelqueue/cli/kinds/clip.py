"""`reelqueue clip`: cut a clip out of a video."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from reelqueue.cli.console import print_estimate, print_facts, progress_bar, report_errors
from reelqueue.cli.music import read_tracks
from reelqueue.cli.options import (
    FILE,
    dry_run_option,
    json_option,
    output_option,
    protect_inputs,
    read_focus,
    spec_option,
)
from reelqueue.specs.captions import ClipCaptionStyle, CueSheet, Times
from reelqueue.specs.clip import ClipSpec
from reelqueue.specs.parsing import parse_values
from reelqueue.specs.sound import ClipAudio, Sound


def _parse_segments(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> list[dict[str, float]]:
    """Return the segments of a clip.

    Raises:
        click.BadParameter: if one is no range of seconds.
    """
    segments = []
    for value in values:
        start, _, end = value.partition("-")
        try:
            segments.append({"start": float(start)} | ({"end": float(end)} if end else {}))
        except ValueError:
            raise click.BadParameter(
                f"{value!r} must be two numbers of seconds, such as 12.5-20."
            ) from None
    return segments


class CaptionsSource(click.Path):
    """A file of captions, or the word `track`."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the word, or the path of the file."""
        return value if value == "track" else super().convert(value, param, ctx)


@click.command()
@click.argument("video", type=FILE)
@output_option
@spec_option(ClipSpec, "start")
@click.option(
    "--end", type=float, help="Where the clip ends, in seconds; default: the video's end."
)
@click.option(
    "--segment",
    "segments",
    multiple=True,
    metavar="START-END",
    callback=_parse_segments,
    help="A part of VIDEO, in seconds, such as 12.5-20. Repeat it for a clip of several parts.",
)
@spec_option(ClipSpec, "transition")
@spec_option(ClipSpec, "transition_duration")
@spec_option(ClipSpec, "speed")
@spec_option(ClipSpec, "aspect")
@spec_option(ClipSpec, "resolution")
@spec_option(ClipSpec, "fit")
@spec_option(ClipSpec, "rotate")
@click.option(
    "--focus",
    callback=read_focus,
    metavar="auto|X,Y",
    help="What `crop` keeps: a point, from 0,0 (upper left) to 1,1 (lower right), or `auto`, which "
    "follows faces, or else what moves; default: the centre.",
)
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
@click.option(
    "--captions",
    type=CaptionsSource(),
    help="A file with captions: SRT, WebVTT or ASS; or `track` for the subtitles that VIDEO has.",
)
@click.option(
    "--caption-times",
    type=click.Choice([str(times) for times in Times]),
    default=str(Times.SOURCE),
    show_default=True,
    help="What the times in that file count from: the start of VIDEO, or of the clip.",
)
@spec_option(ClipSpec, "soft_captions")
@spec_option(ClipCaptionStyle, "preset", "--caption-style", "caption_preset")
@spec_option(ClipCaptionStyle, "position", "--caption-position")
@spec_option(ClipCaptionStyle, "size", "--caption-size")
@spec_option(ClipCaptionStyle, "backing", "--caption-backing")
@spec_option(ClipCaptionStyle, "color", "--caption-color")
@spec_option(ClipCaptionStyle, "highlight", "--caption-highlight")
@spec_option(ClipCaptionStyle, "uppercase", "--caption-uppercase")
@dry_run_option
@json_option
def clip(
    video: Path,
    output: Path,
    captions: Path | Literal["track"] | None,
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

    protect_inputs([video, captions if isinstance(captions, Path) else None, *songs], output)
    with report_errors(), progress_bar(as_json or dry_run) as on_progress:
        if captions:
            choices["captions"] = _read_captions(captions, video, Times(caption_times))
        choices["caption_style"] = {
            name: choices.pop(f"caption_{name}") for name in ClipCaptionStyle.model_fields
        }
        choices["track"] = sound_track
        choices["audio"] = {name: choices.pop(name) for name in ClipAudio.model_fields}
        spec = parse_values(ClipSpec, choices)
        tracks = read_tracks(songs, parts, "--music-part")
        if dry_run:
            print_estimate(check_clip(video, spec, tracks), None, as_json)
            return
        facts = render_clip(video, spec, output, tracks=tracks, on_progress=on_progress)
    print_facts(facts, output, as_json)


def _read_captions(source: Path | Literal["track"], video: Path, times: Times) -> CueSheet:
    """Return the captions of a file or of a video's track, and print what had to be changed."""
    from reelqueue.media.subtitles import read_file
    from reelqueue.render.subtitle_track import read_track

    path = source if isinstance(source, Path) else video
    subtitles = read_track(video) if source == "track" else read_file(path)
    for warning in subtitles.warnings:
        click.echo(f"Note: {path.name}: {warning}", err=True)
    return CueSheet(cues=subtitles.cues, times=times, language=subtitles.language)
