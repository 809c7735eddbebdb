"""Refusals in the words of the command line: with the names of options, not of the API's fields."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.clips.reframe import FOCUS_NEEDS_CROP

_GROUPS = {
    "audio": "sound",
    "caption_style": "caption",
    "narration_style": "narration",
    "segments": "segment",
}
"""What the names of the options for parts of a field begin with, where that is not its name."""
_WHOLE_NAMES = ("audio", "highlights")
"""Fields of which some parts have options of their own name."""
_NAMES = {
    "caption_style.preset": "--caption-style",
    "captions.speech.language": "--language",
    "captions.speech.vocabulary": "--vocabulary",
    "end_title.background": "--title-background",
    "end_title.duration": "--title-duration",
    "end_title.subtitle": "--end-subtitle",
    "resolution": "--size",  # of slideshows
    "title.subtitle": "--subtitle",
    "transcript.language": "--language",
    "transcript.vocabulary": "--vocabulary",
}
_SENTENCES = {
    FOCUS_NEEDS_CROP: "is for crop: add --fit crop",
    "takes the place of aspect: send one of them": "takes the place of --aspect: use one of them",
    "leave out start and end beside them": "leave out --start and --end beside it",
}


def spell_refusal(error: InvalidSpecError, options: Sequence[str]) -> str:
    """Return the sentence of an error with the options of a command, such as `--fit`."""
    text = str(error).removeprefix("The request: ")
    for sentence, own in _SENTENCES.items():
        text = text.replace(sentence, own)
    if error.field and text.startswith(f"{error.field}: "):
        text = _spell_field(error.field, options) + text[len(error.field) :]
    return text


def _spell_field(path: str, options: Sequence[str]) -> str:
    """Return the option of a field, and which part of its value is meant; else the path itself."""
    names = [part for part in path.split(".") if not part.isdecimal()]
    group, last = _GROUPS.get(names[0], names[0]), names[-1]
    own = [_to_option(last)] if names[0] in _WHOLE_NAMES else []
    for option in (_NAMES.get(".".join(names), ""), _to_option(f"{group}_{last}"), *own):
        if option in options:
            return option
    whole = _to_option(group)
    if whole not in options:
        return path
    number = re.match(r"\w+\.(\d+)", path)
    place = f" {int(number[1]) + 1}" if number else ""
    part = f" ({last})" if len(names) > 1 and last != "text" else ""
    return f"{whole}{place}{part}"


def _to_option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
