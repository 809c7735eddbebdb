"""Bring the catalogues of all languages in line with the sentences of the code.

    python -m scripts.languages       # all that are there
    python -m scripts.languages fr    # and this one, which may be new

Sentences that are new get an empty translation, to be filled in; those that are gone are removed.
"""

from __future__ import annotations

import json
import re
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from reelqueue.web.language.catalogues import (
    ENGLISH,
    FOLDER,
    list_languages,
    read_catalogue,
    to_locale,
)
from scripts.sentences import (
    STATIC,
    find_answer_sentences,
    find_page_sentences,
    find_template_sentences,
)

_CATEGORIES = ("zero", "one", "two", "few", "many", "other")  # of plurals, as CLDR orders them
Entry = str | dict[str, str]


def main() -> None:
    """Update the catalogues, and say what is left to translate."""
    for tag in sorted({*list_languages(), *sys.argv[1:]} - {ENGLISH}):
        left = update_page_catalogue(tag) + update_server_catalogue(tag)
        print(f"{tag}: {left} sentences to translate")


def find_page_file(tag: str) -> Path:
    """Return the catalogue of the page's scripts."""
    return STATIC / "languages" / f"{tag}.json"


def update_page_catalogue(tag: str) -> int:
    """Update the catalogue of the page's scripts, and return how many sentences it lacks."""
    path = find_page_file(tag)
    known: dict[str, Entry] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    forms = [each for each in _CATEGORIES if each in {*to_locale(tag).plural_form.tags, "other"}]
    entries: dict[str, Entry] = {}
    for sentence, is_counted in sorted(find_page_sentences().items()):
        empty: Entry = dict.fromkeys(forms, "") if is_counted else ""
        entries[sentence] = known.get(sentence, empty)
    path.write_text(json.dumps(entries, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return sum(not all(each.values()) if isinstance(each, dict) else not each
               for each in entries.values())  # fmt: skip


def update_server_catalogue(tag: str) -> int:
    """Update the catalogue of templates and answers, and return how many sentences it lacks."""
    path = FOLDER / f"{tag}.po"
    known = read_catalogue(tag) if path.exists() else Catalog(to_locale(tag))
    updated = Catalog(to_locale(tag))
    for sentence, context in find_template_sentences():
        old = known.get(sentence, context)
        notes = old.user_comments if old else ()
        updated.add(sentence, old.string if old else "", user_comments=notes, context=context)
    answers = find_answer_sentences()
    for message in known:
        if isinstance(message.id, str) and hide_values(message.id) in answers:
            updated.add(message.id, message.string, user_comments=message.user_comments)
    path.write_bytes(write_catalogue(updated, tag))
    return sum(bool(message.id) and not message.string for message in updated)


def hide_values(sentence: str) -> str:
    """Return a sentence with its values as `{}`."""
    return re.sub(r"\{\w+\}", "{}", sentence)


def write_catalogue(catalogue: Catalog, tag: str) -> bytes:
    """Return a catalogue as a .po file, sorted by its sentences, without dates."""
    body = BytesIO()
    write_po(body, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    head = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {tag}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    return head.encode() + body.getvalue()


if __name__ == "__main__":
    main()
