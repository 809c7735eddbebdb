"""The page's own files: small, at addresses that change with their content.

A browser keeps what it has got from such an address. The version stands in the path, so that the
imports between scripts stay within it. An address of another version, as a page has that was opened
before a deploy, leads to the file as it is now.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from os.path import isfile  # unlike Path.is_file, also for names that are too long
from pathlib import Path
from typing import Any

import rcssmin
import rjsmin
from flask import Flask, Response, request
from werkzeug.security import safe_join

from reelqueue.web.compression import Coding, choose_coding, compress, mark_coding

_YEAR_SECONDS = 365 * 24 * 3600
_DIGITS = 12
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
"""What is text, and worth compressing."""
_IMPORT = re.compile(r'^(?:import\b|export\b|\})[^\n]*?"(\.{1,2}/[^"]+)";$', re.MULTILINE)
"""An import from another file of ours, as Prettier writes it; not one in a comment."""


def register_assets(app: Flask) -> None:
    """Give the static files of an app addresses with a version, and serve them."""
    folder = Path(str(app.static_folder))
    version = hash_folder(folder)

    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["filename"] = f"~{version}/{values['filename']}"

    def send_asset(filename: str) -> Response:
        given, path = _split_version(filename)
        response = _send_text(folder, path) or app.send_static_file(path)
        if given == version and response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
        return response

    app.url_defaults(add_version)
    app.view_functions["static"] = send_asset
    app.jinja_env.globals["list_modules"] = lru_cache(lambda name: list_modules(folder, name))


def hash_folder(folder: Path) -> str:
    """Return a text that changes with the names and the contents of the files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name, data = path.relative_to(folder).as_posix(), path.read_bytes()
            digest.update(f"{name} {len(data)} ".encode() + data)
    return digest.hexdigest()[:_DIGITS]


def list_modules(folder: Path, name: str) -> list[str]:
    """Return the names of a script and of all that it imports, each once, in the order of need."""
    found: list[str] = [name]
    for module in found:  # it grows
        found += [each for each in _list_imports(folder, module) if each not in found]
    return found


def _list_imports(folder: Path, name: str) -> Iterator[str]:
    path = folder / name
    root = folder.resolve()
    for match in _IMPORT.finditer(path.read_text("utf-8")):
        yield (path.parent / match[1]).resolve().relative_to(root).as_posix()


def _split_version(filename: str) -> tuple[str, str]:
    if not filename.startswith("~"):
        return "", filename
    version, _, path = filename[1:].partition("/")
    return version, path


def _send_text(folder: Path, path: str) -> Response | None:
    """Answer with a file of text, less what only its readers need; None if it is no such file."""
    joined = safe_join(str(folder), path)
    file = Path(joined or folder)
    if file.suffix not in _TYPES or not isfile(file):
        return None
    coding = choose_coding()
    data = _read_small(file, coding, file.stat().st_mtime_ns)
    response = Response(data, mimetype=_TYPES[file.suffix])
    mark_coding(response, coding)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


@lru_cache(maxsize=1024)
def _read_small(file: Path, coding: Coding | None, changed_ns: int) -> bytes:  # noqa: ARG001  # a changed file is read again
    text = file.read_text("utf-8")
    if file.suffix == ".js":
        text = rjsmin.jsmin(text, keep_bang_comments=True)  # which are licences
    elif file.suffix == ".css":
        text = rcssmin.cssmin(text, keep_bang_comments=True)
    return compress(text.encode(), coding, is_kept=True)
