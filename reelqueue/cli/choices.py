"""A slideshow's choices on the command line that are more than one option each."""

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

_PART = re.compile(r"(?P<start>\d+(?:\.\d+)?)?-(?P<end>\d+(?:\.\d+)?)?")


class Choices(Model):
    """What a file says that is too much for options, with the names that the API has."""

    photos: tuple[PhotoSpec, ...] = ()
    title: TitleCard | None = None
    end_title: TitleCard | None = None


def read_choices(path: Path | None) -> Choices:
    """Return what a file says of photos and title cards; nothing where there is none.

    Raises:
        InputError: if it is not the JSON that it should be.
    """
    if path is None:
        return Choices()
    text = read_text(path)
    try:
        return parse_json(Choices, text)
    except MalformedRequestError as error:
        raise MalformedRequestError(f"{path.name}: {error}") from None


def nest_words(options: dict[str, Any], choices: Choices) -> None:
    """Turn the options about words into the fields that they stand for; they go before a file."""
    for name, subtitle in (("title", options.pop("subtitle")), ("end_title", "")):
        if options[name] is not None:
            options[name] = {"text": options[name], "subtitle": subtitle}
        elif card := getattr(choices, name):
            options[name] = card
    options["caption_style"] = {
        name: options.pop(f"caption_{name}") for name in CaptionStyle.model_fields
    }


def list_photo_specs(choices: Choices, captions: Sequence[str], photos: int) -> list[PhotoSpec]:
    """Return what each photo has of its own: by a file, and its caption by an option as well."""
    _check_times("--caption", captions, photos, "photos")
    if len(choices.photos) > photos:
        raise InvalidSpecError(
            f"--choices: its file has {len(choices.photos)} photos, and {photos} are given."
        )
    specs = [*choices.photos, *[PhotoSpec()] * (photos - len(choices.photos))]
    for number, caption in enumerate(captions):
        if caption:
            own = parse_values(PhotoSpec, {"caption": caption})
            specs[number] = specs[number].model_copy(update={"caption": own.caption})
    return specs


def read_parts(parts: Sequence[str], songs: int) -> list[TrackRange]:
    """Return what is heard of each song: all of it where nothing is said."""
    _check_times("--audio-part", parts, songs, "songs")
    return [_read_part(part) for part in parts] + [TrackRange()] * (songs - len(parts))


def _check_times(option: str, given: Sequence[str], limit: int, what: str) -> None:
    if len(given) > limit:
        raise InvalidSpecError(
            f"{option}: given {len(given)} times for {limit} {what}: leave some out."
        )


def _read_part(part: str) -> TrackRange:
    match = _PART.fullmatch(part or "-")
    if match is None:
        raise InvalidSpecError(
            f"--audio-part: {part} is not like 12.5-70, 12.5- or -70, in seconds."
        )
    times = {name: float(text) for name, text in match.groupdict().items() if text}
    return parse_values(TrackRange, {**times})
