"""What is wrong with an installation, found before a user finds it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from uuid import uuid4

from reelqueue.config import Settings
from reelqueue.errors import ReelqueueError
from reelqueue.queues.protocol import Finding
from reelqueue.render.ffmpeg.run import run_ffmpeg
from reelqueue.render.shaper import has_shaper
from reelqueue.services import Services, open_services
from reelqueue.text.fonts import BUNDLED, find_missing_fonts

_LOW_DISK_BYTES = 2_000_000_000
_RENDER_SECONDS = 30


def examine(settings: Settings) -> list[Finding]:
    """Run all checks; one that breaks is a finding like the others.

    Raises:
        SettingsError: if a setting cannot be used at all.
    """
    services = open_services(settings)
    checks: dict[str, Callable[[Services], Iterator[Finding]]] = {
        "storage": _check_storage,
        "queue": lambda services: services.queue.examine(services.store.identify()),
        "ffmpeg": _check_ffmpeg,
        "words": _check_words,
        "fonts": _check_fonts,
        "disk": _check_disk,
        "access": _check_access,
    }
    findings: list[Finding] = []
    for what, check in checks.items():
        try:
            findings += check(services)
        except (ReelqueueError, OSError) as error:
            findings.append(Finding("problem", what, _explain(error)))
    return findings


def _explain(error: Exception) -> str:
    """Return the sentence for users and, as this is read by operators, the first of its cause."""
    cause = str(error.__cause__ or "").strip().partition("\n")[0]
    return f"{error} {cause}".strip()


def _check_storage(services: Services) -> Iterator[Finding]:
    """Write, read, and see that a key can be created once only: the ledger rests on that."""
    key = f"doctor/{uuid4()}"
    try:
        first = services.store.create(key, b"first")
        second = services.store.create(key, b"second")
        content = services.store.read(key)
    finally:
        services.store.delete(key)
    if (first, second, content) == (True, False, b"first"):
        yield Finding("ok", "storage", f"{services.settings.storage_url} keeps what it is given.")
    else:
        yield Finding(
            "problem",
            "storage",
            "It lets a key be created twice: it cannot hold the outcomes of jobs. "
            "Use a storage that honours If-None-Match.",
        )


def _check_ffmpeg(_: Services) -> Iterator[Finding]:
    """Encode a moment for real: limits, encoder and child process have to work together."""
    picture = ["-f", "lavfi", "-i", "color=size=64x64:duration=0.2"]
    run_ffmpeg([*picture, "-c:v", "libx264", "-f", "null", "-"], timeout=_RENDER_SECONDS)
    yield Finding("ok", "ffmpeg", "It runs under its limits and encodes.")


def _check_words(_: Services) -> Iterator[Finding]:
    if has_shaper():
        yield Finding("ok", "words", "Letters are joined and turned as their scripts need it.")
    else:
        text = "Captions and titles of slideshows are refused: install libfribidi0, then restart."
        yield Finding("problem", "words", text)


def _check_fonts(_: Services) -> Iterator[Finding]:
    if any(BUNDLED.glob("*.ttf")):
        yield Finding("ok", "fonts", "The bundled font for captions is there.")
    else:
        yield Finding("problem", "fonts", "The bundled font is missing: install the product anew.")
    if missing := find_missing_fonts():
        text = f"No font has {', '.join(missing)}: install fonts-noto-cjk, fonts-noto-color-emoji."
        yield Finding("warning", "fonts", text)


def _check_disk(_: Services) -> Iterator[Finding]:
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB are free in {folder}, where renders work."
    yield Finding("ok" if free > _LOW_DISK_BYTES else "warning", "disk", text)


def _check_access(services: Services) -> Iterator[Finding]:
    settings = services.settings
    if settings.redis_url and settings.storage_url.startswith("file:"):
        yield Finding(
            "warning",
            "access",
            "Web and workers must share the folder of STORAGE_URL: on Railway no two services do.",
        )
    if settings.api_tokens:
        yield Finding("ok", "access", "Only holders of a token may use the service.")
    else:
        yield Finding("warning", "access", "API_TOKENS is unset: anyone may use the service.")
