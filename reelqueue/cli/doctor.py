"""`reelqueue doctor`: check an installation before its users find what is wrong."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from reelqueue.config import Settings
from reelqueue.errors import InputError, ReelqueueError, SettingsError
from reelqueue.findings import Finding, hide_secrets
from reelqueue.media.probing import Staged, probe_files
from reelqueue.media.speech.narration import PIPER_COMMAND, find_speaking, list_unreadable
from reelqueue.media.speech.recognition import COMMAND, find_ability
from reelqueue.processes.checkup import find_gaps
from reelqueue.processes.room import find_room
from reelqueue.processes.workspace import open_workspace
from reelqueue.render.analysis.speech import find_network
from reelqueue.render.ffmpeg.run import run_ffmpeg
from reelqueue.render.focus.faces import NOT_FOUND, has_faces
from reelqueue.render.shaper import has_shaper
from reelqueue.services import Services, open_services
from reelqueue.sizes import spell_size
from reelqueue.storage.checkup import examine_storage, find_storage_fault
from reelqueue.text.fonts import find_missing_fonts, list_lost_fonts
from reelqueue.upkeep.comparison import examine_services

_LOW_DISK_BYTES = 2_000_000_000
_RENDER_SECONDS = 30
_PARTS = {"STORAGE_URL": "storage", "AWS_": "storage", "REDIS_URL": "queue"}
"""The parts of the service that the settings of these names lead to."""
_SMALLEST_GIF = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def examine_environment() -> list[Finding]:
    """Run all checks; if a setting is invalid, that is the only finding."""
    try:
        return examine(Settings.from_env())
    except SettingsError as error:
        text = hide_secrets(str(error))
        parts = (part for name, part in _PARTS.items() if text.startswith(name))
        return [Finding("problem", next(parts, "settings"), text)]


def examine(settings: Settings) -> list[Finding]:
    """Run all checks; a check that raises one of our errors, or an OSError, is a problem found.

    Raises:
        SettingsError: if a setting is invalid.
    """
    services = open_services(settings)
    checks: dict[str, Callable[[Services], Iterator[Finding]]] = {
        "storage": lambda _: examine_storage(settings.storage_url, settings.min_free_bytes),
        "queue": lambda _: services.queue.examine(),
        "services": _check_services,
        "ffmpeg": _check_ffmpeg,
        "decoders": _check_decoders,
        "words": _check_words,
        "fonts": _check_fonts,
        "faces": _check_faces,
        "speech": _check_speech,
        "narration": _check_narration,
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
    return hide_secrets(f"{error} {cause}".strip())


def _check_services(services: Services) -> Iterator[Finding]:
    """Compare web and workers, if both storage and queue work: they name their own faults."""
    url, free_bytes = services.settings.storage_url, services.settings.min_free_bytes
    if find_storage_fault(url, free_bytes) or services.queue.find_fault():
        return
    yield from examine_services(services)


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
    if lost := list_lost_fonts():
        text = f"The package lacks {', '.join(lost)}: reinstall reelqueue."
        yield Finding("problem", "fonts", text)
    else:
        yield Finding("ok", "fonts", "The bundled fonts are there.")
    if missing := find_missing_fonts():
        text = f"No font has {', '.join(missing)}: install fonts-noto-cjk, fonts-noto-color-emoji."
        yield Finding("warning", "fonts", text)


def _check_faces(_: Services) -> Iterator[Finding]:
    """Say whether this machine finds faces, for which some packages are wanted."""
    yield Finding("ok", "faces", "They are found." if has_faces() else NOT_FOUND)


def _check_speech(services: Services) -> Iterator[Finding]:
    """Say whether this machine recognises speech, which is an extra."""
    model = services.settings.whisper_model
    fault = find_ability(model).fault
    is_there = Path(model).is_absolute() or fault
    text = fault or f"It is recognised, with {'a model' if is_there else f'the model {model}'}."
    if find_network() is None:
        text += " Pauses are told by their loudness alone."
    yield Finding("ok" if COMMAND in text or not fault else "problem", "speech", text)


def _check_narration(services: Services) -> Iterator[Finding]:
    """Say what this machine speaks with."""
    voices = services.settings.piper_voices
    ability = find_speaking(voices)
    if voices and not ability.piper:
        text = (
            f"PIPER_VOICES is set, but Piper is not used: say `{PIPER_COMMAND}`, and have a voice "
            "there, NAME.onnx with NAME.onnx.json."
        )
        yield Finding("warning", "narration", text)
    if voices and (unreadable := list_unreadable(voices)):
        text = f"PIPER_VOICES has settings of voices that cannot be read: {', '.join(unreadable)}."
        yield Finding("warning", "narration", text)
    names = [*(["espeak-ng"] if ability.has_espeak else []), *ability.piper]
    text = ability.fault or f"It is spoken by {', '.join(names)}."
    yield Finding("ok", "narration", text)


def _check_disk(services: Services) -> Iterator[Finding]:
    folder = Path(tempfile.gettempdir())
    free = find_room(folder, 0)
    left = spell_size(free) if free >= 0 else "Few inodes"
    text = f"{left} are free in {folder}, where videos are rendered."
    if find_room(folder, services.settings.min_free_bytes) < 0:
        yield Finding("problem", "disk", f"{text} Uploads and orders are refused: make room there.")
    else:
        yield Finding("warning" if free < _LOW_DISK_BYTES else "ok", "disk", text)


def _check_access(services: Services) -> Iterator[Finding]:
    settings = services.settings
    if settings.redis_url and settings.storage_url.startswith("file:"):
        yield Finding(
            "warning",
            "access",
            "Web and workers must share the folder of STORAGE_URL. On Railway services share no "
            "disk: use a bucket there.",
        )
    if bool(settings.dashboard_username) != bool(settings.dashboard_password):
        given, missing = "DASHBOARD_USERNAME", "DASHBOARD_PASSWORD"
        if settings.dashboard_password:
            given, missing = missing, given
        text = f"{given} is set without {missing}, so /dashboard and /admin are off: set both."
        yield Finding("problem", "access", text)
    if settings.api_tokens:
        yield Finding("ok", "access", "Only requests with a token are accepted.")
    else:
        yield Finding("warning", "access", "API_TOKENS is unset: anyone may use the service.")
