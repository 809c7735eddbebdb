"""A receiver of webhooks that often refuses the first attempt, and what it was told."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

from standardwebhooks import Webhook

from chaos.verdicts import Row, Status, expect_none

SECRET = "whsec_" + "Y2hhb3Mh" * 4
TELL_SECONDS = 60
"""An end must be told so long after the last one at the latest, retries included."""


class Receiver:
    """A service on the loopback interface; a context manager that ends it.

    It takes every second event at once, and refuses the others the first time.
    """

    def __init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(204 if receiver.take(dict(self.headers), body) else 503)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self.settings = {"WEBHOOK_SECRET": SECRET, "WEBHOOK_HOSTS": "127.0.0.1"}
        self.told: dict[str, list[dict[str, Any]]] = defaultdict(list)
        """The events that came in, by their ids, also those that were refused."""

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, headers: dict[str, str], body: bytes) -> bool:
        """Note an event, whose signature must be right; tell whether it is taken."""
        event = Webhook(SECRET).verify(body, headers)
        is_refused = not self.told[headers["webhook-id"]] and len(self.told) % 2 == 0
        self.told[headers["webhook-id"]].append(event)
        return not is_refused


def name_events(ends: Mapping[str, Status], kind: str = "job") -> dict[str, Status]:
    """Return statuses of what has ended for the first time, by the ids of the events."""
    return {f"{kind}_{name}_1": end for name, end in ends.items()}


def judge_told(receiver: Receiver, ends: Mapping[str, Status]) -> list[Row]:
    """Judge that the receiver was told each end by an event, as the status has it.

    Args:
        receiver: of all events.
        ends: the status of what has ended, by the event's id.
    """
    deadline = time.monotonic() + TELL_SECONDS
    while len(receiver.told) < len(ends) and time.monotonic() < deadline:
        time.sleep(0.2)
    told = dict(receiver.told)
    wrong = [
        name for name, events in told.items() if any(e["data"] != ends.get(name) for e in events)
    ]
    return [
        expect_none("ends that no webhook told", ends.keys() - told.keys()),
        expect_none("webhooks that told anything else", wrong),
    ]
