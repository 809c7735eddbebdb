"""Presence: the services tell each other what they run with, and `doctor` compares it.

Every web and worker process announces itself in Redis. It also leaves a note in the storage that
names its Redis, so that a service with another Redis, or with none, is noticed as well.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import socket
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from reelqueue import __version__
from reelqueue.errors import UnavailableError
from reelqueue.findings import Finding, Level
from reelqueue.jobs.model import now
from reelqueue.media.speech import COMMAND, find_ability
from reelqueue.queues.protocol import INLINE
from reelqueue.services import Services

log = logging.getLogger(__name__)

ANNOUNCE_SECONDS = 20.0
NOTE_SECONDS = 300.0
NOTE_AGE = timedelta(seconds=2 * NOTE_SECONDS + 60)
"""A queue whose last note is older than this is no longer used."""
_FORGOTTEN_AGE = timedelta(days=1)
SKEW_SECONDS = 5.0
_NOTES = "settings/queues"
_SCRYPT_COST = 1 << 14  # some 50 ms and 16 MB

Role = Literal["web", "worker"]
Facts = Mapping[str, Any]


def describe_service(services: Services, role: Role | None) -> dict[str, Any]:
    """Return what a service runs with, its secret only as a hash."""
    settings, storage_id = services.settings, services.store.identify()
    speech = {}
    if role == "worker":
        ability = find_ability(settings.whisper_model)
        speech = {"speech": ability.model_dump(mode="json", exclude_defaults=True)}
    return {
        "role": role,
        "version": __version__,
        "storage": storage_id,
        "render_engine": str(settings.render_engine),
        "retention_hours": settings.retention_hours,
        **speech,
        "secret_key": _hash_secret(settings.secret_key, storage_id),
    }


def name_process() -> str:
    """Return a name of this process that no other running one has."""
    return f"{socket.gethostname()}.{secrets.token_hex(4)}"


class Presence:
    """Announces a service, once or for as long as its process lives."""

    def __init__(self, services: Services, role: Role, name: str) -> None:
        self._services = services
        self._role: Role = role
        self._name = name
        self._facts: dict[str, Any] | None = None  # asked of the storage once
        self._noted = float("-inf")
        self._has_failed = False

    def announce(self) -> None:
        """Tell the other services of this one; log the first failure in a row."""
        try:
            self._tell()
        except UnavailableError as error:
            if not self._has_failed:
                log.warning("the other services cannot be told of this one: %s", error)
            self._has_failed = True
        else:
            self._has_failed = False

    def watch(self) -> None:
        """Announce the service again and again, until this process ends."""
        while True:
            try:
                self.announce()
            except Exception:  # the next time may succeed
                log.exception("the other services cannot be told of this one")
            time.sleep(ANNOUNCE_SECONDS)

    def _tell(self) -> None:
        queue = self._services.queue
        self._facts = self._facts or describe_service(self._services, self._role)
        queue.announce(self._name, self._facts)
        if time.monotonic() - self._noted > NOTE_SECONDS:
            self._note_queue(queue.identify())
            self._noted = time.monotonic()

    def _note_queue(self, queue_id: str) -> None:
        store = self._services.store
        store.write(f"{_NOTES}/{queue_id}", b"")
        old = [note.key for note in store.list(_NOTES) if now() - note.modified > _FORGOTTEN_AGE]
        store.delete(*old)


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
    yield from _compare({**told, "this process": own | {"clock": services.queue.measure_clock()}})


def _examine_notes(services: Services) -> Iterator[Finding]:
    """Look for services that share the storage, but not the queue."""
    own = services.queue.identify()
    notes = services.store.list(_NOTES)
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
]


def _compare(told: Mapping[str, Facts]) -> Iterator[Finding]:
    """Yield a finding for each value that differs between services, and on their clocks."""
    for shared in _SHARED:
        names: dict[Any, list[str]] = defaultdict(list)
        for name, facts in told.items():
            role, value = facts.get("role"), facts.get(shared.key)
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


def _hash_secret(secret: str, salt: str) -> str:
    """Return a hash from which the secret cannot be found, "" if none is set."""
    if not secret:
        return ""
    return hashlib.scrypt(
        secret.encode(), salt=salt.encode(), n=_SCRYPT_COST, r=8, p=1, dklen=16
    ).hex()
