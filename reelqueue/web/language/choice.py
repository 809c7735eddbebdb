"""The language of a request: chosen at the foot of a page, or else asked for by the browser.

A choice is a link to the page itself, with `?language=`; a cookie keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from babel import Locale
from flask import Flask, Response, g, redirect, request, url_for
from flask_babel import Babel
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response as AnyResponse

from reelqueue.web.context import is_for_operators
from reelqueue.web.language.catalogues import ENGLISH, Catalogues, list_languages, to_locale

_COOKIE = "language"
_COOKIE_SECONDS = 365 * 24 * 3600
_PAGES = {
    *("pages.show_index", "access.show_sign_in", "sharing.show_shared"),
    *("plain.show_job", "plain.show_jobs"),
}
_CODES = {"jw": "jv"}
"""Codes of Whisper that are not those of ISO 639-1, with those."""
_NAMES = {("es", "ltg"): "latgaliano"}
"""Names that Babel's data lack, by the language they are in and the code."""


class Language(NamedTuple):
    """A language as pages name it: its tag, its name in itself, `ltr` or `rtl`."""

    tag: str
    name: str
    direction: str


def register_language(app: Flask) -> None:
    """Give each request of an app its language, and each page the choice."""
    babel = Babel(app, locale_selector=_select_locale)
    babel.domain_instance = Catalogues()
    app.before_request(_keep_choice)
    app.after_request(_add_headers)
    app.context_processor(_describe_choice)
    app.jinja_env.globals["list_language_names"] = list_language_names
    app.jinja_env.globals["find_page_catalogue"] = cache(
        lambda tag: _find_page_catalogue(Path(str(app.static_folder)), tag)
    )


def get_language() -> str:
    """Return the tag of the language of this request."""
    if "language" not in g:
        g.language = _choose()
    return str(g.language)


def _choose() -> str:
    if is_for_operators():
        return ENGLISH
    known, chosen = list_languages(), request.cookies.get(_COOKIE)
    if chosen in known:
        return chosen
    return _match(request.headers.get("Accept-Language", ""))


@lru_cache(64)
def _match(wanted: str) -> str:
    """Return the tag of the best language for an Accept-Language header."""
    accepted = parse_accept_header(wanted, LanguageAccept)
    return accepted.best_match(list_languages()) or ENGLISH


def _select_locale() -> Locale:
    return to_locale(get_language())


def _keep_choice() -> AnyResponse | None:
    """Keep a language that was chosen on a page, and lead back to the page's own address."""
    chosen = request.args.get("language", "")
    if request.endpoint not in _PAGES or chosen not in list_languages():
        return None
    response = redirect(url_for(request.endpoint, **(request.view_args or {})), 303)
    response.set_cookie(
        _COOKIE, chosen, _COOKIE_SECONDS, secure=request.is_secure, httponly=True, samesite="Lax"
    )
    return response


def _add_headers(response: Response) -> Response:
    """Name the language, and what it depends on; English JSON, which nobody keeps, stays short."""
    if "language" in g and (g.language != ENGLISH or response.mimetype == "text/html"):
        response.headers["Content-Language"] = g.language
        response.vary.update(("Accept-Language", "Cookie"))
    return response


def _describe_choice() -> dict[str, Any]:
    return {"language": describe_language(get_language()), "languages": _describe_all}


def _describe_all() -> Iterator[Language]:
    return map(describe_language, list_languages())


@cache
def describe_language(tag: str) -> Language:
    """Return a language by its tag."""
    locale = to_locale(tag)
    name = locale.get_display_name(locale) or tag
    return Language(tag, name[0].upper() + name[1:], locale.text_direction)


def list_language_names(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return the codes of languages with their names in that of the request, sorted by these."""
    names = [(code, _name_language(code)) for code in codes]
    return sorted(names, key=lambda item: item[1].casefold())


def _name_language(code: str) -> str:
    locale, english = to_locale(get_language()), to_locale(ENGLISH)
    first, *parts = code.upper().split("-")
    base = _CODES.get(first.lower(), first.lower())
    name = (
        _NAMES.get((locale.language, base))
        or locale.languages.get(base)
        or english.languages.get(base, base)
    )
    named = [locale.territories.get(part) or locale.variants.get(part, part) for part in parts]
    return f"{name} ({', '.join(named)})" if named else name


def _find_page_catalogue(folder: Path, tag: str) -> str:
    """Return the name of the static file with a language's sentences; an empty text for none."""
    name = f"languages/{tag}.json"
    return name if (folder / name).is_file() else ""
