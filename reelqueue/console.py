"""What all commands say on a terminal, and how they fail."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from reelqueue.errors import InputError, InvalidSpecError, MalformedRequestError, SettingsError
from reelqueue.facts import OnProgress, RenderFacts, RenderStage
from reelqueue.parsing import parse_values
from reelqueue.specs import PhotoSpec
from reelqueue.words import CaptionStyle


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
    if facts.skipped_photos:
        click.echo(f"Left out as unreadable: {', '.join(facts.skipped_photos)}", err=True)
    if as_json:
        known = facts.model_dump(exclude_none=True)
        click.echo(json.dumps({"success": True, "path": str(output), **known}))
        return
    click.echo(
        f"{output}: {facts.duration:.2f} s, {facts.width}x{facts.height}, {facts.fps:g} fps, "
        f"{facts.frames} frames, {facts.file_size / 1e6:.1f} MB"
    )


def nest_words(choices: dict[str, Any]) -> None:
    """Turn the options about words into the fields that they stand for."""
    for name, subtitle in (("title", choices.pop("subtitle")), ("end_title", "")):
        if choices[name] is not None:
            choices[name] = {"text": choices[name], "subtitle": subtitle}
    choices["caption_style"] = {
        name: choices.pop(f"caption_{name}") for name in CaptionStyle.model_fields
    }


def read_captions(captions: Sequence[str], photos: int) -> list[PhotoSpec]:
    """Return what each photo has of its own: its caption, and nothing where there is none."""
    if len(captions) > photos:
        raise InvalidSpecError(
            f"--caption: given {len(captions)} times for {photos} photos: leave some out."
        )
    specs = [parse_values(PhotoSpec, {"caption": caption}) for caption in captions]
    return specs + [PhotoSpec()] * (photos - len(captions))
