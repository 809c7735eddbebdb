"""Speech that is recognised: its language, the names in it, and the model that recognises it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from reelqueue.specs.base import Model
from reelqueue.specs.limits import MAX_VOCABULARY, MAX_VOCABULARY_CHARACTERS

_CODES = """
af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr
ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc
pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue
zh
"""
LANGUAGES = frozenset(_CODES.split())
"""The languages that Whisper's models for several languages know, in its own codes."""


def _check_language(code: str) -> str:
    if code not in LANGUAGES:
        raise ValueError(
            "is not a language that can be recognised: use a code such as en, de or ja, or leave "
            "it out"
        )
    return code


def _check_model(name: str) -> str:
    if not re.fullmatch(r"/.+|[\w.-]+(/[\w.-]+)?", name):
        raise ValueError("must be the absolute path of a folder, or the name of a model")
    return name


DEFAULT_MODEL = "small"  # base knows other languages than English less well
WhisperModel = Annotated[str, AfterValidator(_check_model)]
SpokenLanguage = Annotated[str, AfterValidator(_check_language)]
Term = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_VOCABULARY_CHARACTERS),
]


class Speech(Model):
    """What is known of speech before it is recognised."""

    language: SpokenLanguage | None = Field(
        None, description="The language, such as `en`. Unset: it is recognised too."
    )
    vocabulary: tuple[Term, ...] = Field(
        (),
        max_length=MAX_VOCABULARY,
        description="Names and terms to listen for, in their spelling.",
    )


class SpeechCaptions(Model):
    """Captions that are recognised in the speech of a video."""

    speech: Speech = Field(description="What is known of the speech.")
