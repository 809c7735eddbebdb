"""Options that commands share, and options made from the fields of specs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import click
from click.core import ParameterSource

from reelqueue.errors import MalformedRequestError
from reelqueue.specs.base import Model
from reelqueue.specs.delivery import Delivery


def spec_option(
    model: type[Model], field: str, *names: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds an option for a field of a spec, with its default and help.

    Args:
        model: the spec.
        field: the name of its field.
        names: the names of the option and its parameter, for `click.option`; unset: the field's.
    """
    about = model.model_fields[field]
    default, kind = about.default, about.annotation
    shown: dict[str, Any] = {"default": default, "show_default": True, "help": about.description}
    if default is None:
        shown |= {"type": _find_optional_type(kind), "show_default": False}
    elif default is False:
        shown |= {"is_flag": True, "show_default": False}
    elif isinstance(default, StrEnum):
        choices = [str(choice) for choice in type(default)]
        shown |= {"type": click.Choice(choices), "default": str(default)}
    elif isinstance(default, str) and get_args(kind):
        shown |= {"type": click.Choice(get_args(kind))}
    else:
        shown |= {"type": kind if kind is float else type(default)}
    return click.option(*(names or (f"--{field.replace('_', '-')}",)), **shown)


def _find_optional_type(kind: Any) -> click.Choice[str] | type[str] | type[int]:
    """Return the type of an option for a value that may be unset, such as `Aspect | None`."""
    inner = next(each for each in get_args(kind) if each is not type(None))
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return click.Choice([str(choice) for choice in inner])
    return int if inner is int else str


def delivery_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for what the finished video must be to a command."""
    for field in reversed(Delivery.model_fields):
        command = spec_option(Delivery, field)(command)
    return command


def list_named(options: Mapping[str, object]) -> set[str]:
    """Return the names of the options that the command line has."""
    context = click.get_current_context()
    sources = {name: context.get_parameter_source(name) for name in options}
    return {name for name, source in sources.items() if source is ParameterSource.COMMANDLINE}


def read_focus(
    _context: click.Context, _parameter: click.Parameter, focus: str | None
) -> dict[str, float] | str | None:
    """Return a focus that may be unset. Raises what `parse_focus` raises."""
    return None if focus is None else parse_focus(focus)


def parse_focus(focus: str) -> dict[str, float] | str:
    """Return a focus, `auto` or a point such as `0.5,0.3`, as the spec has it.

    Raises:
        click.BadParameter: if it is none.
    """
    if focus == "auto":
        return focus
    try:
        x, y = map(float, focus.split(","))
    except ValueError:
        raise click.BadParameter(f"{focus} is neither auto nor a point such as 0.5,0.3") from None
    return {"x": x, "y": y}


def check_folder(
    _context: click.Context, _parameter: click.Parameter, output: Path | None
) -> Path | None:
    """Return the path of an output, None if it is not wanted.

    Raises:
        click.BadParameter: if its folder does not exist.
    """
    if output and not output.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {output.parent}")
    return output


def protect_inputs(inputs: Sequence[Path | None], output: Path | None) -> None:
    """Check that the output would not overwrite an input.

    Raises:
        click.BadParameter: if it would.
    """
    if output and any(path and output.exists() and path.samefile(output) for path in inputs):
        raise click.BadParameter(f"{output} is also an input: choose another name.")


def read_text(path: Path) -> str:
    """Return the content of a text file.

    Raises:
        MalformedRequestError: if the file is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedRequestError(f"{path.name} is not UTF-8 text: save it as UTF-8.") from None


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)
output_option = click.option(
    "-o",
    "--output",
    type=OUTPUT,
    callback=check_folder,
    required=True,
    help="The MP4 to write.",
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Only check the input, and estimate the video."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
