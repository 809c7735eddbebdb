"""What all commands say on a terminal, and how they fail."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import click

from reelqueue.errors import InputError, InvalidSpecError, MalformedRequestError, SettingsError
from reelqueue.media.facts import OnProgress, RenderFacts, RenderStage
from reelqueue.planning.estimates import Estimate
from reelqueue.specs.base import Model
from reelqueue.specs.music import TrackRange
from reelqueue.specs.parsing import parse_json, parse_values
from reelqueue.specs.slideshow import PhotoSpec
from reelqueue.specs.text import CaptionStyle, TitleCard

_PART = re.compile(r"(?P<start>\d+(?:\.\d+)?)?-(?P<end>\d+(?:\.\d+)?)?")


def add_field(
    model: type[Model], field: str, *names: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option that says what a field of a spec says, with its default.

    Args:
        names: of the option and of its parameter, as click takes them; without them the field's.
    """
    about = model.model_fields[field]
    default, kind = about.default, about.annotation
    shown: dict[str, Any] = {"default": default, "show_default": True, "help": about.description}
    if default is False:
        shown |= {"is_flag": True, "show_default": False}
    elif isinstance(default, StrEnum):
        choices = [str(choice) for choice in type(default)]
        shown |= {"type": click.Choice(choices), "default": str(default)}
    elif isinstance(default, str) and get_args(kind):
        shown |= {"type": click.Choice(get_args(kind))}
    else:
        shown |= {"type": kind if kind is float else type(default)}
    return click.option(*(names or (f"--{field.replace('_', '-')}",)), **shown)


def check_folder(_context: click.Context, _parameter: click.Parameter, output: Path) -> Path:
    """Refuse an output whose folder does not exist."""
    if not output.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {output.parent}")
    return output


def keep_inputs(inputs: Sequence[Path | None], output: Path) -> None:
    """Refuse to write over what is read."""
    if any(path and output.exists() and path.samefile(output) for path in inputs):
        raise click.BadParameter(f"{output} is an input as well: choose another name.")


def read_text(path: Path) -> str:
    """Return a text file of the user's.

    Raises:
        MalformedRequestError: if it is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedRequestError(f"{path.name} is not UTF-8 text: save it as such.") from None


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn bad input into one line and exit code 2."""
    try:
        yield
    except (InputError, SettingsError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)


@contextmanager
def progress_bar(quiet: bool) -> Iterator[OnProgress]:
    """Draw a bar on a terminal, and nothing where a machine reads."""
    with click.progressbar(
        length=100,
        label="preparing",
        file=sys.stderr,
        hidden=quiet or not sys.stderr.isatty(),
    ) as bar:

        def show(done: int, total: int, stage: RenderStage) -> None:
            bar.label = f"{stage:9}"
            bar.update(100 * done // total - bar.pos if total else 0)

        yield show


def print_facts(facts: RenderFacts, output: Path, as_json: bool) -> None:
    """Say what was made, to a person or to a machine."""
    _name_skipped(facts.skipped_photos or ())
    if as_json:
        known = facts.model_dump(exclude_none=True)
        click.echo(json.dumps({"success": True, "path": str(output), **known}))
        return
    size = f"{facts.file_size / 1e6:.1f} MB"
    click.echo(f"{output}: {_describe(facts)}, {size}")


def print_estimate(estimate: Estimate, skipped: Sequence[str] | None, as_json: bool) -> None:
    """Say what would be made, to a person or to a machine.

    Args:
        skipped: names of the photos that a slideshow would leave out.
    """
    _name_skipped(skipped or ())
    if as_json:
        known = asdict(estimate) | ({} if skipped is None else {"skipped_photos": skipped})
        click.echo(json.dumps({"success": True, **known}))
        return
    size = f"{estimate.estimated_file_size / 1e6:.1f} MB"
    click.echo(f"{_describe(estimate)}; about {size}, made in about {estimate.estimated_time} s")


def _name_skipped(names: Sequence[str]) -> None:
    if names:
        click.echo(f"Left out as unreadable: {', '.join(names)}", err=True)


def _describe(video: RenderFacts | Estimate) -> str:
    return (
        f"{video.duration:.2f} s, {video.width}x{video.height}, {video.fps:g} fps, "
        f"{video.frames} frames"
    )


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
