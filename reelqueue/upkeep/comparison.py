"""Comparison: what `doctor` finds when it compares what the services tell of themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from reelqueue.findings import Finding, Level
from reelqueue.jobs.model import now
from reelqueue.media.speech.narration import ESPEAK_COMMAND
from reelqueue.media.speech.recognition import COMMAND
from reelqueue.queues.protocol import INLINE
from reelqueue.services import Services
from reelqueue.upkeep.presence import NOTE_AGE, NOTES, Facts, Role, describe_service

SKEW_SECONDS = 5.0
"""Clocks that are further apart from that of Redis are reported."""


def examine_services(services: Services) -> Iterator[Finding]:
    """Compare what the services have told, and what this process runs with.

    Raises:
        UnavailableError: if queue or storage do not answer.
    """
    own = describe_service(services, None)
    yield from _examine_notes(services)
    if services.queue.identify() == INLINE:
        return
    told = services.queue.list_services()
    workers = services.queue.list_workers()
    if not workers:
        text = "No worker is running: start `python -m reelqueue worker`."
        yield Finding("warning", "workers", text)
    if not any(facts.get("role") == "web" for facts in told.values()):
        text = "No web service uses this Redis: if one runs, give it the same REDIS_URL."
        yield Finding("warning", "web", text)
    yield from _examine_storages(told, workers, own["storage"])
    yield from _examine_speech(told)
    yield from _examine_narration(told)
    yield from _compare({**told, "this process": own | {"clock": services.queue.measure_clock()}})


def _examine_notes(services: Services) -> Iterator[Finding]:
    """Look for services that share the storage, but not the queue."""
    own = services.queue.identify()
    notes = services.store.list(NOTES)
    fresh = {note.key.rpartition("/")[2] for note in notes if now() - note.modified < NOTE_AGE}
    for other in sorted(fresh - {own}):
        if own == INLINE:
            text = (
                "REDIS_URL is unset or empty here, but services with a Redis use this storage: set "
                "REDIS_URL to the same as theirs."
            )
        elif other == INLINE:
            text = (
                "A web service without REDIS_URL uses this storage and renders by itself: set its "
                "REDIS_URL to the same as here."
            )
        else:
            text = (
                "Services with another Redis use this storage, or this Redis has lost its data: "
                "give all the same REDIS_URL, and let Redis save its data."
            )
        text += f" (Seen in the last {NOTE_AGE // timedelta(minutes=1)} minutes.)"
        yield Finding("problem" if INLINE in (own, other) else "warning", "queue", text)


def _examine_storages(
    told: Mapping[str, Facts], workers: list[str], storage_id: str
) -> Iterator[Finding]:
    for name in sorted({*workers, *told}):
        if name not in told:
            text = (
                f"{name} tells nothing of its settings: it could not reach its storage at its "
                "start, or has another version."
            )
            yield Finding("warning", "workers", text)
            continue
        what = "workers" if told[name].get("role") == "worker" else "web"
        if told[name].get("storage") == storage_id:
            yield Finding("ok", what, f"{name} uses the same storage.")
        else:
            text = (
                f"{name} uses another storage: give it the same STORAGE_URL; if the services share "
                "no disk, make that an S3 bucket."
            )
            yield Finding("problem", what, text)


def _examine_speech(told: Mapping[str, Facts]) -> Iterator[Finding]:
    """Look for workers that do not recognise speech where others do."""
    tells = {name: facts["speech"] for name, facts in told.items() if "speech" in facts}
    lacking = [name for name, speech in tells.items() if "fault" in speech]
    if 0 < len(lacking) < len(tells):
        text = (
            "Some workers do not recognise speech, so no order that needs it is accepted: say "
            f"`{COMMAND}` there, or set WHISPER_MODEL. ({', '.join(lacking)})"
        )
        yield Finding("warning", "speech", text)


def _examine_narration(told: Mapping[str, Facts]) -> Iterator[Finding]:
    """Look for workers that lack a voice that others have."""
    tells = {
        name: _list_voices(facts["narration"])
        for name, facts in told.items()
        if "narration" in facts
    }
    known = set().union(*tells.values())
    lacking = [name for name, voices in tells.items() if voices != known]
    if lacking:
        text = (
            "Some workers lack a voice that others have, so no order that needs it is accepted: "
            f"say `{ESPEAK_COMMAND}` there, and give all the same voices of Piper. "
            f"({', '.join(lacking)})"
        )
        yield Finding("warning", "narration", text)


def _list_voices(narration: Facts) -> set[str]:
    return {*narration.get("piper", {}), *(["espeak-ng"] if narration.get("has_espeak") else [])}


@dataclass(frozen=True)
class _Shared:
    """A value that must be the same in all services of these roles."""

    key: str
    roles: tuple[Role, ...]
    level: Level
    what: str
    text: str
    is_secret: bool = False


_SHARED = [
    _Shared(
        "version",
        ("web", "worker"),
        "warning",
        "versions",
        "The services have different versions: deploy the same one everywhere.",
    ),
    _Shared(
        "render_engine",
        ("web", "worker"),
        "problem",
        "settings",
        "RENDER_ENGINE differs: set the same in web and workers, or no result is used again.",
    ),
    _Shared(
        "retention_hours",
        ("web", "worker"),
        "problem",
        "settings",
        "RETENTION_HOURS differs: set the same in web and workers, or files go too early or late.",
    ),
    _Shared(
        "secret_key",
        ("web",),
        "problem",
        "settings",
        "SECRET_KEY differs between the processes of the web service, so users lose their uploads: "
        "set the same everywhere.",
        is_secret=True,
    ),
    _Shared(
        "webhook_secret",
        ("web", "worker"),
        "problem",
        "settings",
        "WEBHOOK_SECRET differs: set the same in web and workers, or webhooks are not sent, or "
        "not signed as their receivers expect.",
        is_secret=True,
    ),
    _Shared(
        "webhook_hosts",
        ("web", "worker"),
        "problem",
        "settings",
        "WEBHOOK_HOSTS differs: set the same in web and workers, or some webhooks are not sent.",
    ),
]


def _compare(told: Mapping[str, Facts]) -> Iterator[Finding]:
    """Yield a finding for each value that differs between services, and on their clocks."""
    for shared in _SHARED:
        names: dict[Any, list[str]] = defaultdict(list)
        for name, facts in told.items():
            role, value = facts.get("role"), facts.get(shared.key, "")
            if role in shared.roles or (role is None and value != ""):
                names[value].append(name)
        if len(names) > 1:
            groups = [", ".join(group) for group in names.values()]
            if not shared.is_secret:
                groups = [f"{value}: {', '.join(group)}" for value, group in names.items()]
            yield Finding(shared.level, shared.what, f"{shared.text} ({'; '.join(groups)})")
    clocks = {name: facts["clock"] for name, facts in told.items() if "clock" in facts}
    skewed = {name: clock for name, clock in clocks.items() if abs(clock) > SKEW_SECONDS}
    if skewed:
        apart = ", ".join(
            f"{name} {abs(clock):.0f} s {'ahead' if clock > 0 else 'behind'}"
            for name, clock in skewed.items()
        )
        text = f"Clocks are apart from that of Redis: set them, for example with NTP. ({apart})"
        yield Finding("warning", "clocks", text)
