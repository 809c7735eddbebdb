"""The sentences of the code that users read, in English: of scripts, of templates and of answers.

Values stand in them as `{name}`, in templates as `%(name)s`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"
PACKAGE = ROOT / "reelqueue"

_STRING = r'("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')'
_COMMENT = re.compile(r"^\s*//[^\n]*$|/\*.*?\*/|(?<=[;{,]) //[^\n]*$", re.MULTILINE | re.DOTALL)
_CALL = re.compile(r"(?<![\w.#])(?:say|sayCount)\(")
_SAY = re.compile(rf"(?<![\w.#])say\(\s*{_STRING}")
_COUNT = re.compile(
    rf"(?<![\w.#])sayCount\([^{{\"']*\{{\s*one:\s*{_STRING},\s*other:\s*{_STRING},?\s*\}}"
)
_SENTENCE = re.compile(r'"((?!Reelqueue )[A-Z][a-z]*[ .][^"\n]*)"|`([A-Z][a-z]+ [^`\n]*)`')
_FAULT = re.compile(r"throw new \w+\([^;]*;|new DOMException\([^;]*;")  # which no user reads
_LIST = re.compile(r"'[^'\n]*\"[^'\n]*'")  # of names that stand between quotes, such as fonts
_JINJA = re.compile(r"\{\{.*?\}\}|\{#.*?#\}|\{%.*?%\}|<svg.*?</svg>", re.DOTALL)
_SHOWN = re.compile(
    r'>([^<>]*[A-Za-z][a-z][^<>]*)<|\b(?:aria-label|placeholder|title|alt)="([^"]*[A-Za-z][a-z][^"]*)"'
)
_NAMES = {"Reelqueue", "· Reelqueue", "TikTok", "Instagram Reels", "YouTube Shorts"}
_FOR_OPERATORS = {"admin", "rq_dashboard"}
"""Folders of scripts and templates that are in English only."""
_PATH = re.compile(r"^(?:\{\}|[\w.])+: ")
"""The path of a value at the head of a refusal, such as `{}.caption: `."""


_OF_PYDANTIC = {
    "must be greater than {}.",
    "must be greater than or equal to {}.",
    "must be less than {}.",
    "must be less than or equal to {}.",
    "must be a valid number.",
    "must be a valid number, unable to parse string as a number.",
    "must be a finite number.",
    "must be a valid integer, unable to parse string as an integer.",
    "must have at most {} characters.",
    "must have at least {} character.",
    "must have at most {} items, not {}.",
    "must have at least {} item, not {}.",
    "must be {} or {}.",
}
"""Refusals of values in the words of pydantic, as `reelqueue/specs/parsing.py` shows them."""


def list_scripts() -> list[Path]:
    """Return the scripts of the page; not language.js, which has the functions themselves."""
    return [
        path
        for path in sorted(STATIC.rglob("*.js"))
        if path.name != "language.js" and not _FOR_OPERATORS & set(path.parts)
    ]


def find_in_script(text: str) -> dict[str, bool]:
    """Return what a script says; True for a sentence that has a plural.

    Raises:
        ValueError: if `say` or `sayCount` is called with anything but the sentence itself.
    """
    code = _COMMENT.sub("", text)
    said = {_read_string(match[1]): False for match in _SAY.finditer(code)}
    counted = {_read_string(match[2]): True for match in _COUNT.finditer(code)}
    found = len(_SAY.findall(code)) + len(_COUNT.findall(code))
    if found != len(_CALL.findall(code)):
        raise ValueError("say() and sayCount() take their sentences as they are, between quotes")
    return said | counted


def find_unsaid(text: str) -> list[str]:
    """Return what in a script looks like a sentence for users, but is not said by `say`."""
    code = _COUNT.sub("", _SAY.sub("", _COMMENT.sub("", text)))
    code = _LIST.sub("", _FAULT.sub("", code))
    return [match[1] or match[2] for match in _SENTENCE.finditer(code)]


def find_untranslated() -> list[str]:
    """Return the texts and attributes of templates that stand there untranslated."""
    found: list[str] = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        if not _FOR_OPERATORS & {path.stem, path.parent.name}:
            html = _JINJA.sub("", path.read_text("utf-8"))
            found += [match[1] or match[2] for match in _SHOWN.finditer(html)]
    return [text.strip() for text in found if text.strip() not in _NAMES]


def find_page_sentences() -> dict[str, bool]:
    """Return what all scripts of the page say; True for a sentence that has a plural."""
    found: dict[str, bool] = {}
    for path in list_scripts():
        found |= find_in_script(path.read_text("utf-8"))
    return found


def find_template_sentences() -> list[tuple[str, str | None]]:
    """Return the sentences of templates, each with its context if it has one."""
    found = extract_from_dir(TEMPLATES, [("**.html", "jinja2.ext:babel_extract")])
    keys = [
        (str(message), context)
        for name, _, message, _, context in found
        if not _FOR_OPERATORS & {name.partition(".")[0], name.partition("/")[0]}
    ]
    return list(dict.fromkeys(keys))


def find_answer_sentences() -> set[str]:
    """Return all texts in the package as sentences, without the path that a refusal begins with.

    Their values are `{}`.
    """
    found = set(_OF_PYDANTIC)
    for path in PACKAGE.rglob("*.py"):
        found |= set(_find_in_module(path))
    return found


def _read_string(quoted: str) -> str:
    text = json.loads(quoted) if quoted[0] == '"' else ast.literal_eval(quoted)
    return str(text)


def _find_in_module(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        text = _read_template(node)
        if text and " " in text:
            sentence = _PATH.sub("", text)
            yield sentence
            yield sentence.rstrip(".") + "."


def _read_template(node: ast.AST) -> str | None:
    """Return a text, None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
    )
