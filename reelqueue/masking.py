"""Masking: what operators see of settings and logs has none of the secrets in the settings."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from reelqueue.config import Settings
from reelqueue.findings import hide_secrets

MASK = "***"
_SECRET_NAME = re.compile(r"(?i)(^|_)(secret|tokens?|password)(_|$)")
_CREDENTIALS = re.compile(r"(?i)\b(basic|bearer)\s+[A-Za-z0-9+/._~=-]{6,}")
_SHORTEST = 4
"""A shorter secret is masked only where it stands alone: it may be a part of many words."""
_SHORTEST_PATH = 12
"""The path of a web address that is as long may be all that keeps strangers from using it."""


class Mask:
    """Replaces the secrets of settings and environment variables in texts."""

    def __init__(self, settings: Settings, environment: Mapping[str, str] | None = None) -> None:
        values = settings.model_dump(mode="json")
        variables = dict(os.environ if environment is None else environment)
        named = [value for name, value in (variables | values).items() if _SECRET_NAME.search(name)]
        texts = [text for value in values.values() for text in _list_texts(value)]
        secrets = {text for value in named for text in _list_texts(value)}
        secrets.update(part for text in texts for part in _list_secret_parts(text))
        patterns = map(_to_pattern, sorted(secrets - {""}, key=len, reverse=True))
        self._pattern = re.compile("|".join(patterns) or r"(?!)")

    def apply(self, text: str) -> str:
        """Return a text without the secrets, and without what looks like credentials."""
        masked = self._pattern.sub(MASK, hide_secrets(text))
        return _CREDENTIALS.sub(rf"\1 {MASK}", masked)

    def describe_settings(self, settings: Settings) -> dict[str, dict[str, Any]]:
        """Return `value` and `is_default` of each setting, by the name of its variable."""
        return {
            name.upper(): {
                "value": self._show(name, value),
                "is_default": getattr(settings, name)
                == Settings.model_fields[name].get_default(call_default_factory=True),
            }
            for name, value in settings.model_dump(mode="json").items()
        }

    def _show(self, name: str, value: Any) -> Any:
        texts = _list_texts(value)
        if not texts:
            return value
        is_secret = _SECRET_NAME.search(name)
        shown = [MASK if is_secret and text else self.apply(_hide_path(text)) for text in texts]
        return shown if isinstance(value, list) else shown[0]


@cache
def get_mask(settings: Settings) -> Mask:
    """Return the mask for the secrets of this process."""
    return Mask(settings)


def _list_texts(value: Any) -> list[str]:
    """Return the texts in a setting: it may be a number, a text or a list of texts."""
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]


def _list_secret_parts(text: str) -> list[str]:
    """Return what is secret in an address: its passwords, and the path of a webhook."""
    try:
        parts = urlsplit(text)
        password = parts.password or ""
    except ValueError:
        return []
    path = parts.path.strip("/") if parts.scheme in ("http", "https") else ""
    paths = [part for part in (path, parts.query) if len(part) >= _SHORTEST_PATH]
    named = [value for name, value in parse_qsl(parts.query) if _SECRET_NAME.search(name)]
    return [password, unquote(password), *paths, *named]


def _hide_path(text: str) -> str:
    """Return a web address without its path and query."""
    found = re.match(r"(?i)(https?://[^/?#]+)[/?#].", text)
    return f"{found[1]}/{MASK}" if found else text


def _to_pattern(secret: str) -> str:
    pattern = re.escape(secret)
    return pattern if len(secret) >= _SHORTEST else rf"(?<!\w){pattern}(?!\w)"
