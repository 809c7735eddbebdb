"""The narration of a slideshow on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from reelqueue.cli.options import spec_option
from reelqueue.config import read_piper_voices
from reelqueue.media.speech.narration import find_speaking
from reelqueue.planning.narration import list_narrations
from reelqueue.specs.narration import NarrationStyle, Narrator, Voice
from reelqueue.specs.photo import PhotoSpec
from reelqueue.specs.slideshow import SlideshowSpec

_OPTIONS = (
    click.option(
        "--narration",
        "narrations",
        multiple=True,
        help="What is spoken while a photo is shown; '' for nothing. The first is for the first "
        "photo, and so on.",
    ),
    spec_option(Voice, "language", "--voice-language"),
    spec_option(Voice, "name", "--voice-name"),
    spec_option(Voice, "speed", "--voice-speed"),
    spec_option(Voice, "engine", "--voice-engine"),
    spec_option(NarrationStyle, "preset", "--narration-preset"),
    click.option(
        "--narration-captions",
        is_flag=True,
        help="Show what is spoken, and mark each word when it is.",
    ),
)


def narration_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for narration to a command."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


def nest_narration_options(options: dict[str, Any]) -> None:
    """Replace the options for narration by the spec's values, in place."""
    options["voice"] = {name: options.pop(f"voice_{name}") for name in Voice.model_fields}
    options["captions"] = "narration" if options.pop("narration_captions") else None
    options["narration_style"] = {"preset": options.pop("narration_preset")}


def choose_narrator(spec: SlideshowSpec, photos: Sequence[PhotoSpec]) -> Narrator | None:
    """Return what speaks; None if nothing is spoken.

    Raises:
        InvalidSpecError: if nothing here speaks in this voice.
        SettingsError: if the setting of the voices is bad.
    """
    if not list_narrations(spec, photos):
        return None
    voices = read_piper_voices()
    return find_speaking(voices).choose_narrator(spec.voice, voices)
