"""`reelqueue doctor`: check an installation before its users find what is wrong."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from uuid import uuid4

from reelqueue.config import Settings
from reelqueue.errors import InputError, ReelqueueError
from reelqueue.media.probing import Staged, probe_files
from reelqueue.processes.checkup import find_gaps
from reelqueue.processes.workspace import open_workspace
from reelqueue.queues.protocol import Finding
from reelqueue.render.ffmpeg.run import run_ffmpeg
from reelqueue.render.shaper import has_shaper
from reelqueue.services import Services, open_services
from reelqueue.text.fonts import BUNDLED, find_missing_fonts

_LOW_DISK_BYTES = 2_000_000_000
_RENDER_SECONDS = 30
_SMALLEST_GIF = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def examine(settings: Settings) -> list[Finding]:
    """Run all checks; a check that raises one of our errors, or an OSError, is a problem found.

    Raises:
        SettingsError: if a setting is invalid.
    """
    services = open_services(settings)
    checks: dict[str, Callable[[Services], Iterator[Finding]]] = {
        "storage": _check_storage,
        "queue": lambda services: services.queue.examine(services.store.identify()),
        "ffmpeg": _check_ffmpeg,
        "decoders": _check_decoders,
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
    """Return an error's sentence, and the first line of its cause, which helps operators."""
    cause = str(error.__cause__ or "").strip().partition("\n")[0]
    return f"{error} {cause}".strip()


def _check_storage(services: Services) -> Iterator[Finding]:
    """Check that the storage reads back what it wrote, and creates a key only once.

    The ledger relies on that: see docs/jobs.md.
    """
    key = f"doctor/{uuid4()}"
    try:
        first = services.store.create(key, b"first")
        second = services.store.create(key, b"second")
        content = services.store.read(key)
    finally:
        services.store.delete(key)
    if (first, second, content) == (True, False, b"first"):
        yield Finding("ok", "storage", f"{services.settings.storage_url} stores and returns files.")
    else:
        yield Finding(
            "problem",
            "storage",
            "It creates the same key twice, so it cannot hold the outcomes of jobs. "
            "Use a storage that supports If-None-Match.",
        )


def _check_ffmpeg(_: Services) -> Iterator[Finding]:
    """Encode a short video: limits, encoder and child process must work together."""
    picture = ["-f", "lavfi", "-i", "color=size=64x64:duration=0.2"]
    run_ffmpeg([*picture, "-c:v", "libx264", "-f", "null", "-"], timeout=_RENDER_SECONDS)
    yield Finding("ok", "ffmpeg", "It runs within its limits, and encodes.")


def _check_decoders(_services: Services) -> Iterator[Finding]:
    """Check a photo as if it were uploaded, and what the kernel keeps from decoders."""
    with open_workspace() as folder:
        photo = Staged(folder / "photo", "photo.gif")
        photo.path.write_bytes(_SMALLEST_GIF)
        ((_, answer),) = probe_files("photo", [photo], lambda: False)
    if isinstance(answer, InputError):
        yield Finding("problem", "decoders", f"A good photo is refused: {answer}")
    gaps = find_gaps()
    for gap in gaps:
        yield Finding("warning", "decoders", gap)
    if not gaps:
        text = "They have no network, no secrets, and no files but their own."
        yield Finding("ok", "decoders", text)


def _check_words(_: Services) -> Iterator[Finding]:
    if has_shaper():
        yield Finding("ok", "words", "Text can be shaped.")
    else:
        text = "Captions and titles of slideshows are refused: install libfribidi0, then restart."
        yield Finding("problem", "words", text)


def _check_fonts(_: Services) -> Iterator[Finding]:
    if any(BUNDLED.glob("*.ttf")):
        yield Finding("ok", "fonts", "The bundled font is there.")
    else:
        yield Finding("problem", "fonts", "The bundled font is missing: reinstall reelqueue.")
    if missing := find_missing_fonts():
        text = f"No font has {', '.join(missing)}: install fonts-noto-cjk, fonts-noto-color-emoji."
        yield Finding("warning", "fonts", text)


def _check_disk(_: Services) -> Iterator[Finding]:
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB are free in {folder}, where videos are rendered."
    yield Finding("ok" if free > _LOW_DISK_BYTES else "warning", "disk", text)


def _check_access(services: Services) -> Iterator[Finding]:
    settings = services.settings
    if settings.redis_url and settings.storage_url.startswith("file:"):
        yield Finding(
            "warning",
            "access",
            "Web and workers must share the folder of STORAGE_URL. On Railway services share no "
            "disk: use a bucket there.",
        )
    if settings.api_tokens:
        yield Finding("ok", "access", "Only requests with a token are accepted.")
    else:
        yield Finding("warning", "access", "API_TOKENS is unset: anyone may use the service.")
