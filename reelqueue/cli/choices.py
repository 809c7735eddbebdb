"""The choices of `reelqueue slideshow` that need a file or several options together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reelqueue.cli.options import read_text
from reelqueue.errors import InvalidSpecError, MalformedRequestError
from reelqueue.specs.base import Model
from reelqueue.specs.music import TrackRange
from reelqueue.specs.parsing import parse_json, parse_values
from reelqueue.specs.slideshow import PhotoSpec
from reelqueue.specs.text import CaptionStyle, TitleCard

_RANGE = re.compile(r"(?P<start>\d+(?:\.\d+)?)?-(?P<end>\d+(?:\.\d+)?)?")


class Choices(Model):
    """The content of a `--choices` file, with the API's names."""

    photos: tuple[PhotoSpec, ...] = ()
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


def nest_text_options(options: dict[str, Any], choices: Choices) -> None:
    """Replace the options for titles and captions by the spec's values, in place.

    An option takes precedence over the file.
    """
    for name, subtitle in (("title", options.pop("subtitle")), ("end_title", "")):
        if options[name] is not None:
            options[name] = {"text": options[name], "subtitle": subtitle}
        elif card := getattr(choices, name):
            options[name] = card
    options["caption_style"] = {
        name: options.pop(f"caption_{name}") for name in CaptionStyle.model_fields
    }


def list_photo_specs(choices: Choices, captions: Sequence[str], photos: int) -> list[PhotoSpec]:
    """Return the settings of each photo, from the file and the `--caption` options.

    Raises:
        InvalidSpecError: if there are more settings or captions than photos.
    """
    _check_count("--caption", captions, photos, "photos")
    if len(choices.photos) > photos:
        raise InvalidSpecError(
            f"--choices: the file has settings for {len(choices.photos)} photos, but only {photos} "
            "are given."
        )
    specs = [*choices.photos, *[PhotoSpec()] * (photos - len(choices.photos))]
    for number, caption in enumerate(captions):
        if caption:
            own = parse_values(PhotoSpec, {"caption": caption})
            specs[number] = specs[number].model_copy(update={"caption": own.caption})
    return specs


def read_song_ranges(parts: Sequence[str], songs: int) -> list[TrackRange]:
    """Return the range to play of each song: all of it if no range is given.

    Raises:
        InvalidSpecError: if there are more ranges than songs, or one is malformed.
    """
    _check_count("--audio-part", parts, songs, "songs")
    return [_read_range(part) for part in parts] + [TrackRange()] * (songs - len(parts))


def _check_count(option: str, given: Sequence[str], limit: int, what: str) -> None:
    if len(given) > limit:
        raise InvalidSpecError(
            f"{option}: given {len(given)} times for {limit} {what}; leave some out."
        )


def _read_range(part: str) -> TrackRange:
    match = _RANGE.fullmatch(part or "-")
    if match is None:
        raise InvalidSpecError(
            f"--audio-part: {part} is not a range in seconds, such as 12.5-70, 12.5- or -70."
        )
    times = {name: float(text) for name, text in match.groupdict().items() if text}
    return parse_values(TrackRange, {**times})
