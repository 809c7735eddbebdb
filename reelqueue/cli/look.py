"""The options for the look of a clip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from reelqueue.cli.options import FILE, TIME, spec_option
from reelqueue.specs.clips.look import LogoStyle, Look
from reelqueue.specs.text import PlainCard

_OPTIONS = (
    spec_option(Look, "fade_in", "--fade-in", "picture_fade_in", kind=TIME),
    spec_option(Look, "fade_out", "--fade-out", "picture_fade_out", kind=TIME),
    spec_option(Look, "brightness"),
    spec_option(Look, "contrast"),
    spec_option(Look, "saturation"),
    spec_option(Look, "denoise"),
    click.option("--logo", type=FILE, help="A picture over the clip, such as a PNG."),
    spec_option(LogoStyle, "position", "--logo-position"),
    spec_option(LogoStyle, "opacity", "--logo-opacity"),
    spec_option(LogoStyle, "width", "--logo-width"),
    click.option("--title", help="The text of a title card before the first picture."),
    click.option("--subtitle", default="", help="A smaller line of text below the title."),
    click.option("--end-title", help="The text of a title card after the last picture."),
    click.option("--end-subtitle", default="", help="A smaller line of text below the end title."),
    spec_option(PlainCard, "duration", "--title-duration", "card_duration", kind=TIME),
    spec_option(PlainCard, "background", "--title-background", "card_background"),
)


def look_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for the look of a clip to a command."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


def nest_look_options(choices: dict[str, Any], *, has_logo: bool) -> None:
    """Replace the options for the look by the spec's values, in place."""
    for name in ("fade_in", "fade_out"):
        choices[name] = choices.pop(f"picture_{name}")
    style = {name: choices.pop(f"logo_{name}") for name in LogoStyle.model_fields}
    choices["logo"] = style if has_logo else None
    card = {name: choices.pop(f"card_{name}") for name in ("duration", "background")}
    subtitles = {"title": choices.pop("subtitle"), "end_title": choices.pop("end_subtitle")}
    for name, subtitle in subtitles.items():
        if choices[name] is not None or subtitle:  # which alone is refused
            choices[name] = {"text": choices[name] or "", "subtitle": subtitle, **card}
