"""The catalogues of the server's sentences, one .po file a language, read as they are.

Nothing is compiled, so a checkout needs no build step. The English sentence is the key, so English
needs no catalogue.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

ENGLISH = "en"
FOLDER = Path(__file__).parent


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel ships no types
    """The sentences of templates, for Flask-Babel, which would read compiled files only."""

    def get_translations(self) -> NullTranslations:
        """Return the sentences in the language of the request."""
        locale = get_locale()
        return NullTranslations() if locale is None else read_translations(to_tag(locale))


@cache
def list_languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the tags of all languages (BCP 47), such as `de`; English, the default, first."""
    return ENGLISH, *sorted(path.stem for path in folder.glob("*.po"))


@cache
def read_catalogue(language: str) -> Catalog:
    """Return the catalogue of a language that has one."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, to_locale(language))


@cache
def read_translations(language: str) -> NullTranslations:
    """Return the sentences of a language, as gettext looks them up."""
    if language == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


@cache
def to_locale(language: str) -> Locale:
    """Return what Babel knows of a language."""
    return Locale.parse(language, sep="-")


def to_tag(locale: Locale) -> str:
    """Return the tag of a language (BCP 47)."""
    return str(locale).replace("_", "-")
