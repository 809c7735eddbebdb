"""`reelqueue slideshow`: make a slideshow of photos and music."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import click

from reelqueue.cli.console import print_estimate, print_facts, progress_bar, report_errors
from reelqueue.cli.music import check_count, read_tracks
from reelqueue.cli.narration import (
    choose_narrator,
    narration_options,
    nest_narration_options,
)
from reelqueue.cli.options import (
    FILE,
    TIME,
    delivery_options,
    dry_run_option,
    json_option,
    list_named,
    output_option,
    protect_inputs,
    read_text,
    spec_option,
)
from reelqueue.errors import (
    InvalidSpecError,
    MalformedRequestError,
    UnreadableMediaError,
    UnsupportedMediaError,
)
from reelqueue.media.sniff import is_video
from reelqueue.planning.photo_order import sort_photos
from reelqueue.specs.base import Model
from reelqueue.specs.limits import LONGEST_MEDIA
from reelqueue.specs.parsing import parse_json, parse_values
from reelqueue.specs.photo import PhotoSpec
from reelqueue.specs.slides import SlideChoice
from reelqueue.specs.slideshow import Engine, OnBadPhoto, SlideshowSpec
from reelqueue.specs.text import CaptionStyle, TitleCard


@click.command()
@click.argument("photos", nargs=-1, required=True, type=FILE)
@output_option
@click.option(
    "--audio",
    "songs",
    type=FILE,
    multiple=True,
    help="A song, looped or cut to the video's length; repeat it for several, in order.",
)
@click.option(
    "--audio-part",
    "parts",
    multiple=True,
    metavar="START-END",
    help="The part of a song to play: 12.5-70, 0:12- or -1:10; '' for all of it. The "
    "first is for the first song, and so on.",
)
@spec_option(SlideshowSpec, "volume")
@spec_option(SlideshowSpec, "fit_to_music")
@spec_option(SlideshowSpec, "duration", kind=TIME)
@spec_option(SlideshowSpec, "transition")
@spec_option(SlideshowSpec, "transition_duration", kind=TIME)
@spec_option(SlideshowSpec, "resolution", "--size", "resolution")
@spec_option(SlideshowSpec, "preview")
@spec_option(SlideshowSpec, "fps")
@spec_option(SlideshowSpec, "fit")
@click.option(
    "--focus",
    type=(float, float),
    metavar="X Y",
    help="The point that `cover` keeps in the middle, from 0 0 (upper left) to 1 1 (lower right); "
    "default: where the photo is busiest.",
)
@spec_option(SlideshowSpec, "rotate")
@spec_option(SlideshowSpec, "background")
@click.option(
    "--order",
    type=click.Choice(["name", "date"]),
    help="Sort the photos by name, or by the date they were taken; default: as given.",
)
@spec_option(SlideshowSpec, "motion")
@spec_option(SlideshowSpec, "seed")
@spec_option(SlideshowSpec, "on_bad_photo")
@click.option(
    "--caption",
    "captions",
    multiple=True,
    help="The text over a photo; '' for none. The first is for the first photo, and so on.",
)
@narration_options
@click.option(
    "--duck/--no-duck",
    default=True,
    show_default=True,
    help=SlideshowSpec.model_fields["duck"].description,
)
@spec_option(CaptionStyle, "position", "--caption-position")
@spec_option(CaptionStyle, "size", "--caption-size")
@spec_option(CaptionStyle, "backing", "--caption-backing")
@click.option("--title", help="The text of a title card before the first photo.")
@click.option("--subtitle", default="", help="A smaller line of text below the title.")
@click.option("--end-title", help="The text of a title card after the last photo.")
@click.option("--end-subtitle", default="", help="A smaller line of text below the end title.")
@click.option(
    "--choices",
    "choices_file",
    type=FILE,
    help="A JSON file with `photos` (the settings of each photo or video, in the order given), "
    "`title` and `end_title`, as in the API.",
)
@click.option(
    "--engine",
    type=click.Choice([str(engine) for engine in Engine]),
    default=str(Engine.STILL),
    show_default=True,
    help="The engine that makes the video.",
)
@delivery_options
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
    narrations: tuple[str, ...],
    choices_file: Path | None,
    engine: str,
    dry_run: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Make a slideshow of PHOTOS, and of videos among them."""
    from reelqueue.render.images.photos import Photo, find_moment
    from reelqueue.render.preflight import check_slideshow
    from reelqueue.render.slideshow import render_slideshow

    protect_inputs([*photos, *songs, choices_file], output)
    options["focus"] = dict(zip("xy", focus, strict=True)) if focus else None
    with report_errors(), progress_bar(as_json or dry_run) as on_progress:
        choices = read_choices(choices_file)
        nest_text_options(options, choices)
        nest_narration_options(options)
        chosen = list_choices(choices, captions, narrations, len(photos))
        specs = list_specs(photos, chosen, options["on_bad_photo"])
        shown = sort_photos(
            [Photo(path, path.name, spec) for path, spec in zip(photos, specs, strict=True)],
            order or "uploaded",
            name=lambda photo: photo.name,
            moment=lambda photo: None if photo.spec.video else find_moment(photo.path),
        )
        spec = parse_values(SlideshowSpec, options)
        tracks = read_tracks(songs, parts, "--audio-part")
        narrator = choose_narrator(spec, specs)
        if dry_run or not spec.is_plain:
            named = list_named(options)
            checked = check_slideshow(shown, spec, tracks, Engine(engine), named)
            if dry_run:
                print_estimate(checked.estimate, checked.skipped, as_json)
                return
            spec = checked.spec
        facts = render_slideshow(
            shown,
            spec,
            output,
            tracks=tracks,
            engine=Engine(engine),
            narrator=narrator,
            on_progress=on_progress,
        )
    print_facts(facts, output, as_json)


class Choices(Model):
    """The content of a `--choices` file, with the API's names."""

    photos: tuple[SlideChoice, ...] = ()
    title: TitleCard | None = None
    end_title: TitleCard | None = None


def read_choices(path: Path | None) -> Choices:
    """Return the content of a `--choices` file, empty if `path` is None.

    Raises:
        InputError: if the file is not valid JSON, or has unknown or invalid values.
    """
    if path is None:
        return Choices()
    text = read_text(path)
    try:
        return parse_json(Choices, text)
    except MalformedRequestError as error:
        raise MalformedRequestError(f"{path.name}: {error}") from None
    except InvalidSpecError as error:  # of the file, whose names are no options
        sentence = str(error).removeprefix("The request: ")
        raise InvalidSpecError(f"{path.name}: {sentence}") from None


def nest_text_options(options: dict[str, Any], choices: Choices) -> None:
    """Replace the options for titles and captions by the spec's values, in place.

    An option takes precedence over the file: a title over the whole card, a subtitle over its own.
    """
    subtitles = options.pop("subtitle"), options.pop("end_subtitle")
    for name, subtitle in zip(("title", "end_title"), subtitles, strict=True):
        card = getattr(choices, name)
        if options[name] is not None:
            options[name] = {"text": options[name], "subtitle": subtitle}
        elif subtitle:  # which is refused where it is alone
            own = card.model_dump(exclude_unset=True) if card else {"text": ""}
            options[name] = own | {"subtitle": subtitle}
        elif card:
            options[name] = card
    options["caption_style"] = {
        name: options.pop(f"caption_{name}") for name in CaptionStyle.model_fields
    }


def list_choices(
    choices: Choices, captions: Sequence[str], narrations: Sequence[str], photos: int
) -> list[SlideChoice]:
    """Return the settings of each photo, from the file, `--caption` and `--narration`.

    Raises:
        InvalidSpecError: if there are more settings, captions or narrations than photos.
    """
    check_count("--caption", captions, photos, "photos")
    check_count("--narration", narrations, photos, "photos")
    if len(choices.photos) > photos:
        raise InvalidSpecError(
            f"--choices: the file has settings for {len(choices.photos)} photos, but only {photos} "
            "are given."
        )
    chosen = [*choices.photos, *[SlideChoice()] * (photos - len(choices.photos))]
    for name, texts in (("caption", captions), ("narration", narrations)):
        for number, text in enumerate(texts):
            if text:
                own = getattr(parse_values(SlideChoice, {name: text}), name)
                chosen[number] = chosen[number].model_copy(update={name: own})
    return chosen


def list_specs(
    paths: Sequence[Path], choices: Sequence[SlideChoice], on_bad_photo: OnBadPhoto
) -> list[PhotoSpec]:
    """Return the settings of photos and videos, now that it is seen which of them each is.

    Raises:
        InputError: if a setting is for the other, or a video cannot be read and is not skipped.
    """
    specs = []
    for number, (path, choice) in enumerate(zip(paths, choices, strict=True)):
        place = f"photos.{number}"
        if is_video(path):
            duration, has_sound = _probe(path, on_bad_photo)
            specs.append(choice.for_video(duration, place, has_sound=has_sound))
        else:
            specs.append(choice.for_photo(place))
    return specs


def _probe(path: Path, on_bad_photo: OnBadPhoto) -> tuple[float, bool]:
    """Return the seconds of a video, and whether it has sound.

    One that is skipped, because it cannot be read, has any length until then.
    """
    from reelqueue.render.ffmpeg.probe import probe_video
    from reelqueue.render.video_slide import naming

    try:
        with naming(path.name):
            facts = probe_video(path)
    except (UnsupportedMediaError, UnreadableMediaError):
        if on_bad_photo == "fail":
            raise
        return LONGEST_MEDIA, False
    return facts.duration, facts.has_audio
