"""What an examination of the installation found, and why a part of it cannot be used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]

_USER_PART = re.compile(r"(?<!file)://\S*@")
_SECRET_PARAMETER = re.compile(r"(?i)\b(password|secret|token)=[^&\s]+")


@dataclass(frozen=True)
class Finding:
    """The result of one check of the installation, as a sentence."""

    level: Level
    what: str
    text: str


@dataclass(frozen=True)
class Cause:
    """Why the queue or the storage cannot be used.

    `word` stands in the answer of /health, so it is one of a fixed list and holds no secret.
    `text` tells the operator what is wrong, and what to do.
    """

    word: str
    text: str


def hide_secrets(text: str) -> str:
    """Return a text without the user names, passwords and tokens of the URLs in it."""
    return _SECRET_PARAMETER.sub(r"\1=***", _USER_PART.sub("://***@", text))
