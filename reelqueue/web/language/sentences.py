"""Sentences of answers, translated where they leave the service.

They are English until then: many come from other processes or from storage. The catalogue has them
with their values as `{name}`, so a finished sentence is looked up by its pattern.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from babel.lists import format_list
from babel.numbers import format_decimal
from flask import has_request_context
from flask.json.provider import DefaultJSONProvider
from werkzeug.sansio.response import Response

from reelqueue.web.language.catalogues import ENGLISH, read_catalogue, to_locale
from reelqueue.web.language.choice import get_language

_MEMBERS = {"detail", "error", "message", "problem", "warnings"}
"""The members of answers that hold sentences."""
_HOLE = re.compile(r"\{(\w+)\}")
_PATH = re.compile(r"(The request|[\w.]+): (.+)", re.DOTALL)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?")  # other digits are names or ids
_LONGEST = 2000  # characters of a sentence; longer ones have texts of users


class Pattern(NamedTuple):
    """A sentence with values: its texts, and the names of the values between them."""

    texts: list[str]
    names: list[str]


class Sentences(NamedTuple):
    """The translations of a language: of whole sentences, and of patterns, the most exact first."""

    whole: dict[str, str]
    patterns: list[tuple[Pattern, str]]


class AnswerJson(DefaultJSONProvider):
    """Writes answers as JSON, with their sentences in the language of the request."""

    sort_keys = False

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Make the answer of `jsonify`."""
        return super().response(*map(translate_answer, args), **translate_answer(kwargs))


def translate_answer(answer: Any) -> Any:
    """Return the JSON of an answer with its sentences in the language of the request, if any."""
    language = get_language() if has_request_context() else ENGLISH
    return answer if language == ENGLISH else _translate_in(answer, language)


def translate(sentence: str) -> str:
    """Return a finished sentence in the language of the request; unknown ones as they are."""
    language = get_language()
    return sentence if language == ENGLISH else translate_to(language, sentence)


def translate_to(language: str, sentence: str) -> str:
    """Return a finished sentence in a language; unknown ones as they are."""
    if len(sentence) > _LONGEST:
        return sentence
    sentences = _read_sentences(language)
    if known := sentences.whole.get(sentence):
        return known
    for pattern, text in sentences.patterns:
        if (values := _find_values(pattern, sentence)) is not None:
            return _fill(language, text, values)
    if match := _PATH.fullmatch(sentence):
        return f"{match[1]}: {translate_to(language, match[2])}"
    return sentence


def _translate_in(answer: Any, language: str) -> Any:
    if isinstance(answer, list):
        return [_translate_in(each, language) for each in answer]
    if not isinstance(answer, dict):
        return answer
    return {name: _translate_member(name, value, language) for name, value in answer.items()}


def _translate_reasons(language: str, sentence: str) -> str:
    """Return why a highlight was chosen: a sentence of one or two reasons."""
    reasons = [f"{each[0].lower()}{each[1:]}." for each in sentence.rstrip(".").split(", and ")]
    known = [_read_sentences(language).whole.get(each, "").rstrip(".") for each in reasons]
    if not all(known):
        return translate_to(language, sentence)
    text = format_list(known, locale=to_locale(language))
    return f"{text[0].upper()}{text[1:]}."


def _translate_member(name: str, value: Any, language: str) -> Any:
    if isinstance(value, list):
        return [_translate_member(name, each, language) for each in value]
    if not isinstance(value, str):
        return _translate_in(value, language)
    if name == "why":
        return _translate_reasons(language, value)
    return translate_to(language, value) if name in _MEMBERS else value


def _fill(language: str, text: str, values: dict[str, str]) -> str:
    return _HOLE.sub(lambda hole: _write_value(language, values[hole[1]]), text)


def _write_value(language: str, value: str) -> str:
    """Return a value as the language has it: a number, a word or a sentence that is known."""
    if _NUMBER.fullmatch(value):
        locale = to_locale(language)
        return str(format_decimal(Decimal(value), locale=locale, decimal_quantization=False))
    return translate_to(language, value)


@cache
def _read_sentences(language: str) -> Sentences:
    entries = [(str(each.id), str(each.string)) for each in read_catalogue(language) if each.id]
    patterned = [(key, text) for key, text in entries if _HOLE.search(key)]
    patterned.sort(key=lambda entry: len(_HOLE.sub("", entry[0])), reverse=True)
    return Sentences(
        {key: text for key, text in entries if not _HOLE.search(key)},
        [(_to_pattern(key), text) for key, text in patterned],
    )


def _to_pattern(sentence: str) -> Pattern:
    parts = _HOLE.split(sentence)  # texts, and between them the names of values
    return Pattern(parts[::2], parts[1::2])


def _find_values(pattern: Pattern, sentence: str) -> dict[str, str] | None:
    """Return the values in a sentence, the first ones as short as can be; None if it has others.

    A regular expression would try all ways to split the texts of users, for hours.
    """
    first, *middle, last = pattern.texts
    start, end, values = len(first), len(sentence) - len(last), []
    if not (sentence.startswith(first) and sentence.endswith(last)):
        return None
    for text in middle:
        found = sentence.find(text, start, end)
        if found < 0:
            return None
        values.append(sentence[start:found])
        start = found + len(text)
    if start > end:
        return None
    return dict(zip(pattern.names, [*values, sentence[start:end]], strict=True))
