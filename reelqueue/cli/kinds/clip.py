"""`reelqueue clip`: cut a clip out of a video."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reelqueue.cli.console import print_estimate, print_facts, progress_bar, report_errors
from reelqueue.cli.look import look_options, nest_look_options
from reelqueue.cli.music import read_tracks
from reelqueue.cli.options import (
    FILE,
    OUTPUT,
    TIME,
    TIME_FORMS,
    check_folder,
    delivery_options,
    dry_run_option,
    json_option,
    output_option,
    parse_focus,
    parse_time,
    protect_inputs,
    read_focus,
    spec_option,
)
from reelqueue.cli.speech import find_model
from reelqueue.specs.clips.captions import (
    AUTO,
    TRACK,
    ClipCaptionStyle,
    CueSheet,
    Times,
)
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.clips.sound import ClipAudio, Sound
from reelqueue.specs.parsing import parse_values


def _parse_segments(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return the segments of a clip.

    Raises:
        click.BadParameter: if one is no range of time, or its focus is none.
    """
    return [_parse_segment(value) for value in values]


def _parse_segment(value: str) -> dict[str, Any]:
    times, has_focus, focus = value.partition("@")
    start, _, end = times.partition("-")
    try:
        segment: dict[str, Any] = {"start": parse_time(start)}
        segment |= {"end": parse_time(end)} if end else {}
    except ValueError:
        raise click.BadParameter(
            f"{value!r} must be two times, such as 12.5-20 or 0:12.5-0:20: {TIME_FORMS}."
        ) from None
    return segment | ({"focus": parse_focus(focus)} if has_focus else {})


class CaptionsSource(click.ParamType[Path | str]):
    """The path of a file, or one of the words `auto` and `track`."""

    name = "file|auto|track"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """Return the value as a path, unless it is a word."""
        if value in (AUTO, TRACK):
            return str(value)
        path: Path = FILE.convert(str(value), param, ctx)
        return path


@click.command()
@click.argument("video", type=FILE)
@output_option
@spec_option(ClipSpec, "start", kind=TIME)
@spec_option(ClipSpec, "end", kind=TIME)
@click.option(
    "--segment",
    "segments",
    multiple=True,
    metavar="START-END[@FOCUS]",
    callback=_parse_segments,
    help="A part of VIDEO, such as 12.5-20 or 1:05-1:20. Repeat it for a clip of several parts. "
    "One may have a focus of its own, such as 12.5-20@0.3,0.5 or 12.5-20@auto.",
)
@spec_option(ClipSpec, "transition")
@spec_option(ClipSpec, "transition_duration", kind=TIME)
@spec_option(ClipSpec, "silences")
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
@look_options
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
@spec_option(ClipAudio, "fade_in", "--sound-fade-in", "fade_in", kind=TIME)
@spec_option(ClipAudio, "fade_out", "--sound-fade-out", "fade_out", kind=TIME)
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
    help="The part of a song to play: 12.5-70, 0:12- or -1:10; '' for all of it. The "
    "first is for the first song, and so on.",
)
@click.option("--music-volume", type=float, help=Sound.model_fields["music_volume"].description)
@click.option(
    "--duck/--no-duck", default=True, show_default=True, help=Sound.model_fields["duck"].description
)
@click.option(
    "--captions",
    type=CaptionsSource(),
    help="A file with captions (SRT, WebVTT, ASS) or a transcript (JSON, as Whisper's); `auto` for "
    "what is said; or `track` for the subtitles that VIDEO has.",
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
@click.option("--language", help="The language that is spoken, such as en; default: recognised.")
@click.option("--vocabulary", multiple=True, help="A name to listen for; may be repeated.")
@click.option(
    "--transcript",
    type=OUTPUT,
    callback=check_folder,
    help="A file to write what is said to, as JSON.",
)
@click.option(
    "--animation",
    type=OUTPUT,
    callback=check_folder,
    help="A file to write 3 seconds of the clip to, as a small animated WebP.",
)
@delivery_options
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
    sound_track: int | None,
    songs: tuple[Path, ...],
    parts: tuple[str, ...],
    logo: Path | None,
    animation: Path | None,
    dry_run: bool,
    as_json: bool,
    **choices: object,
) -> None:
    """Cut a clip out of VIDEO."""
    from reelqueue.render.clip import render_clip
    from reelqueue.render.images.photos import Photo
    from reelqueue.render.preflight import check_clip
    from reelqueue.render.progress import share_progress
    from reelqueue.render.speech.captions import recognize_captions

    file = captions if isinstance(captions, Path) else None
    for written in (output, animation, transcript):
        protect_inputs([video, file, logo, *songs], written)
    if transcript and captions != AUTO:
        raise click.UsageError("--transcript is written with --captions auto: add that.")
    mark = Photo(logo, logo.name) if logo else None
    with report_errors(), progress_bar(as_json or dry_run) as on_progress:
        _nest_choices(choices, sound_track)
        nest_look_options(choices, has_logo=logo is not None)
        if captions == AUTO:
            choices["captions"] = {"speech": {"language": language, "vocabulary": vocabulary}}
        spec = parse_values(ClipSpec, choices)
        if captions and captions != AUTO:
            spec = _add_captions(spec, file, video, Times(caption_times))
        model = find_model(spec.speech, "captions", "language")
        tracks = read_tracks(songs, parts, "--music-part")
        if dry_run:
            print_estimate(check_clip(video, spec, tracks, mark), None, as_json)
            return
        warnings: tuple[str, ...] = ()
        if model:
            on_speech, on_progress = share_progress(on_progress)
            heard = recognize_captions(video, spec, model, output.parent, on_speech)
            spec, warnings = heard.spec, heard.warnings
            if transcript:
                transcript.write_bytes(heard.transcript.to_json())
        facts = render_clip(
            video,
            spec,
            output,
            tracks=tracks,
            logo=mark,
            animation=animation,
            on_progress=on_progress,
        ).add_warnings(warnings)
    print_facts(facts, output, as_json)


def _add_captions(spec: ClipSpec, file: Path | None, video: Path, times: Times) -> ClipSpec:
    """Return the spec with captions of a file or of the video's track; print what was changed."""
    from reelqueue.media.subtitles import read_file
    from reelqueue.render.subtitle_track import read_track

    subtitles = read_file(file) if file else read_track(video)
    for warning in subtitles.warnings:
        click.echo(f"Note: {(file or video).name}: {warning}", err=True)
    if subtitles.transcript:
        sheet = subtitles.transcript.caption_clip(spec, times)
    else:
        sheet = CueSheet(cues=subtitles.cues, times=times, language=subtitles.language)
    return spec.model_copy(update={"captions": sheet})


def _nest_choices(choices: dict[str, object], sound_track: int | None) -> None:
    """Replace the options for captions and sound by the spec's values, in place."""
    choices["caption_style"] = {
        name: choices.pop(f"caption_{name}") for name in ClipCaptionStyle.model_fields
    }
    choices["track"] = sound_track
    choices["audio"] = {name: choices.pop(name) for name in ClipAudio.model_fields}
