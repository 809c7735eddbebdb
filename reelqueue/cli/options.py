"""Options that commands share, and options made from the fields of specs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import click
from click.core import ParameterSource

from reelqueue.errors import MalformedRequestError
from reelqueue.specs.base import Model
from reelqueue.specs.delivery import Delivery


class Time(click.ParamType[float]):
    """A time in a file, or how long something lasts: seconds, `M:SS` or `H:MM:SS`."""

    name = "seconds|m:ss"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the time in seconds."""
        try:
            return value if isinstance(value, float) else parse_time(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time: {TIME_FORMS}.", param, ctx)


TIME = Time()
TIME_FORMS = "say seconds, such as 14.5, or M:SS or H:MM:SS, such as 0:14.5"
_CLOCK = re.compile(r"(?:(?:(\d+):)?([0-5]?\d)|(\d+)):([0-5]?\d(?:\.\d+)?)", re.ASCII)


def parse_time(text: str) -> float:
    """Return a time in seconds.

    Raises:
        ValueError: if it is none.
    """
    clock = _CLOCK.fullmatch(text.strip())
    if clock is None:
        return float(text)
    hours, minutes, many, seconds = clock.groups(default="0")
    return 3600 * int(hours) + 60 * (int(minutes) + int(many)) + float(seconds)


def spec_option(
    model: type[Model], field: str, *names: str, kind: click.ParamType[Any] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds an option for a field of a spec, with its default and help.

    Args:
        model: the spec.
        field: the name of its field.
        names: the names of the option and its parameter, for `click.option`; unset: the field's.
        kind: the type of the option; unset: that of the field.
    """
    about = model.model_fields[field]
    default, given = about.default, about.annotation
    shown: dict[str, Any] = {"default": default, "show_default": True, "help": about.description}
    if kind:
        shown |= {"type": kind, "show_default": default is not None}
    elif default is None:
        shown |= {"type": _find_optional_type(given), "show_default": False}
    elif default is False:
        shown |= {"is_flag": True, "show_default": False}
    elif isinstance(default, StrEnum):
        choices = [str(choice) for choice in type(default)]
        shown |= {"type": click.Choice(choices), "default": str(default)}
    elif isinstance(default, str) and get_args(given):
        shown |= {"type": click.Choice(get_args(given))}
    else:
        shown |= {"type": given if given is float else type(default)}
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
