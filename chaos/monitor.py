"""What operators and users see meanwhile: polls /health, /metrics and all statuses each second."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import httpx

from chaos.client import Client

POLL_SECONDS = 1.0
PATHS = ("/health", "/metrics")


class Monitor:
    """Polls a web service until it is stopped."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._progress: dict[str, int] = {}
        self._done = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self.answers = 0
        """The number of answers that were as they should be."""
        self.silences: list[str] = []
        """The requests that got no answer: the web may have been killed."""
        self.faults: list[str] = []
        """The answers that were errors."""
        self.setbacks: list[str] = []
        """The jobs whose progress went back."""

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def stop(self) -> None:
        """Stop polling."""
        self._done.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(POLL_SECONDS):
            for path in PATHS:
                self._look_at(path)
            for job in sorted(self._client.ordered - self._client.ended):
                status = self._client.find_status(job)
                if status:
                    self._compare(job, status)

    def _look_at(self, path: str) -> None:
        try:
            response = self._client.get(path)
        except httpx.TransportError as error:
            self.silences.append(f"{path} ({error!r})")
            return
        if response.is_success:
            self.answers += 1
        else:
            self.faults.append(f"{path} ({response.status_code})")

    def _compare(self, job: str, status: dict[str, Any]) -> None:
        """Compare the progress of a job that has not ended with what was seen before."""
        if "ended_at" in status:
            self._client.ended.add(job)
            return
        before, progress = self._progress.get(job, 0), status.get("progress")
        if progress is None:
            return
        if progress < before:
            self.setbacks.append(f"{job} ({before} to {progress})")
        self._progress[job] = progress
