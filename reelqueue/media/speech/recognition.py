"""What this machine has for the recognition of speech: the library, an extra, and a model.

The library is only looked for: `reelqueue/render/speech/child.py` loads it.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from reelqueue.config import IS_INSTALLED
from reelqueue.errors import InvalidSpecError
from reelqueue.specs.clips.speech import Speech

_PACKAGES = "faster-whisper" if IS_INSTALLED else "-r requirements-speech.txt"
COMMAND = f"pip install {_PACKAGES}"
"""What installs the extra."""
MODEL_FILES = ("model.bin", "config.json", "tokenizer.json")

_PARAMETERS = {"tiny": 39, "base": 74, "small": 244, "medium": 769, "turbo": 400, "large": 1550}
"""Millions of them, by what the name of a model contains; of turbo, which decodes faster, fewer."""
_SECONDS_PER_MILLION = 0.0025  # for a second of speech, on two cores; measured with tiny.en
_BYTES_PER_PARAMETER = 2
_MULTILINGUAL_TOKENS = 51_865  # Whisper's models for English have fewer


class Ability(BaseModel):
    """Whether speech can be recognised, and how.

    Services tell each other of it, so a later version may add to it.

    Attributes:
        fault: a sentence that says why it cannot; None if it can.
        is_english_only: whether the model knows no other language.
        pace: seconds that a second of speech takes, about.
    """

    model_config = ConfigDict(frozen=True)

    fault: str | None = None
    is_english_only: bool = False
    pace: float = 0.0

    def check(self, speech: Speech, field: str, language_field: str) -> None:
        """Check that speech can be recognised.

        Args:
            speech: what is known of it.
            field: the path in the request that asks for it.
            language_field: the path of its language.

        Raises:
            InvalidSpecError: if it cannot, or not in this language.
        """
        if self.fault:
            raise InvalidSpecError(f"{field}: {self.fault}", field)
        if self.is_english_only and speech.language not in (None, "en"):
            raise InvalidSpecError(
                f"{language_field}: the model knows English only: leave it out, or set "
                "WHISPER_MODEL to one that knows more.",
                language_field,
            )


def find_ability(model: str) -> Ability:
    """Return what this machine can do.

    Args:
        model: the name of a model, or its folder.
    """
    if find_spec("faster_whisper") is None:
        return Ability(
            fault=f"Speech is not recognised here: say `{COMMAND}` where videos are rendered, then "
            "restart."
        )
    folder = Path(model)
    if not folder.is_absolute():
        return Ability(is_english_only=model.endswith(".en"), pace=_find_pace(model))
    lacking = [name for name in MODEL_FILES if not (folder / name).is_file()]
    if lacking:
        return Ability(
            fault=f"Speech is not recognised here: the folder in WHISPER_MODEL has no {lacking[0]}."
        )
    millions = (folder / "model.bin").stat().st_size / _BYTES_PER_PARAMETER / 1e6
    return Ability(
        is_english_only=0 < _count_tokens(folder) < _MULTILINGUAL_TOKENS,
        pace=round(millions * _SECONDS_PER_MILLION, 3),
    )


def _find_pace(name: str) -> float:
    sizes = [millions for part, millions in _PARAMETERS.items() if part in name]
    return round((sizes[0] if sizes else _PARAMETERS["large"]) * _SECONDS_PER_MILLION, 3)


def _count_tokens(folder: Path) -> int:
    """Return the size of a model's vocabulary; 0 if it has none."""
    if (folder / "vocabulary.json").is_file():
        return len(json.loads((folder / "vocabulary.json").read_bytes()))
    try:
        return (folder / "vocabulary.txt").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0
