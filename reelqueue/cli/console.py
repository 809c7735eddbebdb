"""The terminal output of commands: progress, results, and errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from reelqueue.cli.wording import spell_refusal
from reelqueue.errors import InputError, InvalidSpecError, SettingsError, UnavailableError
from reelqueue.media.facts import OnProgress, RenderFacts, RenderStage
from reelqueue.planning.delivery.encoding import Encoding
from reelqueue.planning.estimates import Estimate


@contextmanager
def report_errors() -> Iterator[None]:
    """Print an error as one line; exit with 2 for the input or the settings, else with 1."""
    try:
        yield
    except (InputError, SettingsError, UnavailableError) as error:
        click.echo(f"Error: {_spell(error)}", err=True)
        sys.exit(1 if isinstance(error, UnavailableError) else 2)


def _spell(error: Exception) -> str:
    """Return the sentence of an error, with the names of the command's options."""
    if not isinstance(error, InvalidSpecError):
        return str(error)
    parameters = click.get_current_context().command.params
    return spell_refusal(error, [name for each in parameters for name in each.opts])


@contextmanager
def progress_bar(quiet: bool, *, prints_lines: bool = False) -> Iterator[OnProgress]:
    """Draw a progress bar on standard error if that is a terminal, unless `quiet`.

    With `prints_lines`, print a line there for each tenth of the work if it is none.
    """
    told = 0
    with click.progressbar(
        length=100,
        label="preparing",
        file=sys.stderr,
        hidden=quiet or not sys.stderr.isatty(),
    ) as bar:

        def show(done: int, total: int, stage: RenderStage) -> None:
            nonlocal told
            bar.label = f"{stage:12}"
            bar.update(100 * done // total - bar.pos if total else 0)
            if prints_lines and bar.hidden and not quiet and bar.pos // 10 > told:
                told = bar.pos // 10
                click.echo(f"{stage}: {10 * told} %", err=True)

        yield show


def print_facts(facts: RenderFacts, output: Path, as_json: bool) -> None:
    """Print the facts about a finished video: one line, or JSON."""
    _print_skipped(facts.skipped_photos or ())
    print_warnings(facts.warnings or ())
    if as_json:
        known = facts.model_dump(exclude_none=True)
        click.echo(json.dumps({"success": True, "path": str(output), **known}))
        return
    size = f"{facts.file_size / 1e6:.1f} MB"
    click.echo(f"{output}: {_describe(facts)}, {size}")


def print_estimate(estimate: Estimate, skipped: Sequence[str] | None, as_json: bool) -> None:
    """Print the estimate of a dry run: one line, or JSON.

    Args:
        estimate: the facts about the video.
        skipped: names of the photos that a slideshow would leave out; None for a clip.
        as_json: whether to print JSON.
    """
    _print_skipped(skipped or ())
    print_warnings(estimate.warnings)
    if as_json:
        known = asdict(estimate) | ({} if skipped is None else {"skipped_photos": skipped})
        click.echo(json.dumps({"success": True, **known}))
        return
    least, most = (f"{size / 1e6:.1f}" for size in estimate.estimated_file_size_range)
    size = f"{estimate.estimated_file_size / 1e6:.1f} MB"
    if least != most:
        size = f"{size} ({least} to {most})"
    click.echo(f"{_describe(estimate)}; about {size}, made in about {estimate.estimated_time} s")
    encoding = estimate.encoding
    if encoding and (encoding.target or encoding.max_bytes):
        click.echo(_describe_encoding(encoding))


def print_warnings(sentences: Sequence[str]) -> None:
    """Print sentences about what cannot be used, or is shown differently."""
    for sentence in sentences:
        click.echo(f"Note: {sentence}", err=True)


def _print_skipped(names: Sequence[str]) -> None:
    if names:
        click.echo(f"Left out as unreadable: {', '.join(names)}", err=True)


def _describe_encoding(encoding: Encoding) -> str:
    parts = [f"engine {encoding.engine}", f"{encoding.profile} profile"]
    parts += [] if encoding.b_pictures else ["no B pictures"]
    parts += [] if encoding.edit_lists else ["no edit lists"]
    if encoding.sound_bit_rate:
        parts.append(f"sound of {encoding.sound_bit_rate // 1000} kbit/s")
    if encoding.max_bytes:
        parts.append(f"at most {encoding.max_bytes} bytes")
    return f"For {encoding.target or 'any place'}: {', '.join(parts)}"


def _describe(video: RenderFacts | Estimate) -> str:
    return (
        f"{video.duration:.2f} s, {video.width}x{video.height}, {video.fps:g} fps, "
        f"{video.frames} frames"
    )
