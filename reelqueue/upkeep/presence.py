"""Presence: the services tell each other what they run with.

Every web and worker process announces itself in Redis. It also leaves a note in the storage that
names its Redis, so that a service with another Redis, or with none, is noticed as well.
`reelqueue.upkeep.comparison` compares what they tell.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import socket
import time
from collections.abc import Mapping
from datetime import timedelta
from threading import Lock
from typing import Any, Literal

from reelqueue import __version__
from reelqueue.errors import UnavailableError
from reelqueue.jobs.model import now
from reelqueue.media.speech.narration import find_speaking
from reelqueue.media.speech.recognition import find_ability
from reelqueue.services import Services

log = logging.getLogger(__name__)

ANNOUNCE_SECONDS = 20.0
NOTE_SECONDS = 300.0
NOTE_AGE = timedelta(seconds=2 * NOTE_SECONDS + 60)
"""A queue whose last note is older than this is no longer used."""
_FORGOTTEN_AGE = timedelta(days=1)
NOTES = "settings/queues"
"""The folder of the notes, each of which has the name of a queue."""
_SCRYPT_COST = 1 << 14  # some 50 ms and 16 MB

Role = Literal["web", "worker"]
Facts = Mapping[str, Any]


def describe_service(services: Services, role: Role | None) -> dict[str, Any]:
    """Return what a service runs with, its secret only as a hash."""
    settings, storage_id = services.settings, services.store.identify()
    able: dict[str, Any] = {}
    if role == "worker":
        hearing = find_ability(settings.whisper_model)
        speaking = find_speaking(settings.piper_voices)
        able = {
            "speech": hearing.model_dump(mode="json", exclude_defaults=True),
            "narration": speaking.model_dump(mode="json", exclude_defaults=True),
        }
    return {
        "role": role,
        "version": __version__,
        "since": now().isoformat(timespec="seconds"),
        "storage": storage_id,
        "render_engine": str(settings.render_engine),
        "retention_hours": settings.retention_hours,
        **able,
        "secret_key": _hash_secret(settings.secret_key, storage_id),
        "webhook_secret": _hash_secret(",".join(settings.webhook_secret), storage_id),
        "webhook_hosts": ",".join(settings.webhook_hosts),
    }


def name_process() -> str:
    """Return a name of this process that no other running one has."""
    return f"{socket.gethostname()}.{secrets.token_hex(4)}"


class Presence:
    """Announces services of the same settings, once or for as long as its process lives."""

    def __init__(self, services: Services, role: Role, *names: str) -> None:
        self._services = services
        self._role: Role = role
        self._names = names
        self._facts: dict[str, Any] | None = None  # asked of the storage once
        self._noted = float("-inf")
        self._has_failed = False
        self._has_left = False
        self._telling = Lock()  # what is being told while the services leave would outlive them

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

    def leave(self) -> None:
        """Take back what was told, as the services end; if that fails, it is soon forgotten."""
        with self._telling:
            self._has_left = True
            try:
                for name in self._names:
                    self._services.queue.retract(name)
            except UnavailableError as error:
                log.warning("the other services cannot be told that this one ends: %s", error)

    def watch(self) -> None:
        """Announce the services again and again, until this process ends."""
        while True:
            try:
                self.announce()
            except Exception:  # the next time may succeed
                log.exception("the other services cannot be told of this one")
            time.sleep(ANNOUNCE_SECONDS)

    def _tell(self) -> None:
        queue = self._services.queue
        self._facts = self._facts or describe_service(self._services, self._role)
        with self._telling:
            for name in () if self._has_left else self._names:
                queue.announce(name, self._facts)
        if time.monotonic() - self._noted > NOTE_SECONDS:
            self._note_queue(queue.identify())
            self._noted = time.monotonic()

    def _note_queue(self, queue_id: str) -> None:
        store = self._services.store
        store.write(f"{NOTES}/{queue_id}", b"")
        old = [note.key for note in store.list(NOTES) if now() - note.modified > _FORGOTTEN_AGE]
        store.delete(*old)


def _hash_secret(secret: str, salt: str) -> str:
    """Return a hash from which the secret cannot be found, "" if none is set."""
    if not secret:
        return ""
    return hashlib.scrypt(
        secret.encode(), salt=salt.encode(), n=_SCRYPT_COST, r=8, p=1, dklen=16
    ).hex()
