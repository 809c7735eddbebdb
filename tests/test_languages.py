"""The catalogues have all sentences that users read, and no others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reelqueue.web.language.catalogues import ENGLISH, list_languages, read_catalogue
from scripts.languages import find_page_file, hide_values, renew_catalogue, write_catalogue
from scripts.sentences import (
    find_answer_sentences,
    find_in_script,
    find_page_sentences,
    find_template_sentences,
    find_unsaid,
    find_untranslated,
    list_scripts,
)

TAGS = [tag for tag in list_languages() if tag != ENGLISH]


def read_page_catalogue(tag: str) -> dict[str, Any]:
    catalogue: dict[str, Any] = json.loads(find_page_file(tag).read_text("utf-8"))
    return catalogue


def list_values(sentence: str) -> list[str]:
    """Return the places for values, in the order of their names."""
    return sorted(re.findall(r"\{\w+\}|%\(\w+\)s|%%", sentence))


def test_german_and_spanish_are_there() -> None:
    assert {"de", "es"} <= set(TAGS)


def test_all_that_scripts_say_is_found() -> None:
    code = """
        // The first line is a comment.
        const LOST = say("It is \\"lost\\".");
        tell(line, isOne ? say('one "word"') : say("{name} is {what}.", { what: say("here") }));
        return sayCount(photos.length, {
          one: "{count} photo",
          other: "{count} photos",
        });
        // say("not this"), and /** @see say("nor this") */
        this.say(unknown);
    """
    assert find_in_script(code) == {
        'It is "lost".': False,
        'one "word"': False,
        "{name} is {what}.": False,
        "here": False,
        "{count} photos": True,
    }


@pytest.mark.parametrize("code", ["say(sentence)", "say(`a ${b}`)", "sayCount(1, FORMS)"])
def test_sentence_that_cannot_be_found_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="between quotes"):
        find_in_script(code)


@pytest.mark.parametrize("path", list_scripts(), ids=lambda path: path.name)
def test_scripts_have_no_sentence_that_is_not_said(path: Path) -> None:
    assert find_unsaid(path.read_text("utf-8")) == []


def test_templates_have_no_text_that_is_not_translated() -> None:
    assert find_untranslated() == []


def test_sentences_that_are_not_said_are_noticed() -> None:
    code = 'tell(line, "The file is lost."); tell(line, `Part ${index} is lost`); say("It is.");'
    assert find_unsaid(code) == ["The file is lost.", "Part ${index} is lost"]


@pytest.mark.parametrize("tag", TAGS)
def test_page_catalogue_has_what_scripts_say_and_nothing_else(tag: str) -> None:
    catalogue, said = read_page_catalogue(tag), find_page_sentences()
    assert sorted(catalogue) == sorted(said), "run `python -m scripts.languages`"
    for sentence, own in catalogue.items():
        assert isinstance(own, dict) == said[sentence], sentence
        for text in own.values() if isinstance(own, dict) else [own]:
            assert text, f"{sentence!r} is not translated"
            optional = ["{count}"] if isinstance(own, dict) else []
            missing = set(list_values(sentence)) - set(list_values(text)) - set(optional)
            assert not missing, sentence
            assert set(list_values(text)) <= set(list_values(sentence)), sentence


@pytest.mark.parametrize("tag", TAGS)
def test_server_catalogue_has_what_templates_say(tag: str) -> None:
    catalogue = read_catalogue(tag)
    for sentence, context in find_template_sentences():
        message = catalogue.get(sentence, context)
        assert message, f"{sentence!r} is missing: run `python -m scripts.languages`"
        assert message.string, f"{sentence!r} is not translated"


@pytest.mark.parametrize("tag", TAGS)
def test_server_catalogue_has_no_sentence_that_is_gone(tag: str) -> None:
    templates, answers = set(find_template_sentences()), find_answer_sentences()
    for message in read_catalogue(tag):
        if not message.id:
            continue
        sentence = str(message.id)
        values, known = list_values(str(message.string)), list_values(sentence)
        if (sentence, message.context) in templates:
            assert values == known, sentence
        else:  # a translation may leave a value out
            assert hide_values(sentence) in answers, sentence
            assert set(values) <= set(known), sentence
            words = re.findall(r"[a-z]{2,}", re.sub(r"\{\w+\}", "", sentence))
            assert len(words) > 1 or not known, f"{sentence!r} matches too much"


def test_all_languages_translate_the_same_sentences() -> None:
    first, *others = [{(each.id, each.context) for each in read_catalogue(tag)} for tag in TAGS]
    assert all(each == first for each in others)


@pytest.mark.parametrize("tag", TAGS)
def test_update_keeps_translations_and_what_translators_noted(tag: str) -> None:
    known = read_catalogue(tag)
    assert write_catalogue(renew_catalogue(known), tag) == write_catalogue(known, tag)
    assert any(message.user_comments for message in read_catalogue("de"))
