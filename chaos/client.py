"""A client of the API that retries until it gets an answer."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import httpx

from chaos.orders import PHOTOS, Order
from reelqueue.specs.limits import LARGEST_SEED

PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.3
OPERATOR = ("operator", "chaos-chaos-chaos")
"""User name and password: the operator may order with any priority."""


class Client:
    """Sends requests to the web service at an address; several threads may share it."""

    def __init__(self, address: str) -> None:
        self.address = address
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._http = httpx.Client(base_url=address, timeout=10, limits=limits, auth=OPERATOR)
        self.callback_url: str | None = None
        """What `order` asks to be told of ends."""
        self.ordered: set[str] = set()
        """The jobs that were accepted."""
        self.ended: set[str] = set()
        """Those of them that were seen to have ended, or are run again."""

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def is_up(self) -> bool:
        """Tell whether the web service answers."""
        try:
            return self._http.get("/health").is_success
        except httpx.TransportError:
            return False

    def get(self, path: str) -> httpx.Response:
        """Return the answer to a GET, even an error."""
        return self._http.get(path)

    def send_photos(self) -> httpx.Response:
        """Upload all PHOTOS to a new session; return the answer, even an error."""
        return self._http.post("/upload_images", files=_read_photos())

    def upload(self) -> str:
        """Upload all PHOTOS, and return the id of their session."""
        return str(self._insist("POST", "/upload_images", files=_read_photos())["session_id"])

    def send_order(
        self, session: str, order: Order, headers: dict[str, str] | None = None, **fields: str
    ) -> httpx.Response:
        """Order a slideshow once; return the answer, even an error."""
        body = {"session_id": session, **order.spec, **fields}
        return self._http.post("/generate_video", json=body, headers=headers)

    def order(
        self,
        session: str,
        order: Order,
        job_id: str,
        priority: str = "default",
        run_at: str | None = None,
    ) -> None:
        """Order a slideshow until it is accepted; the id makes all these orders one job.

        The seeds differ: otherwise a later job would reuse the video of an earlier one.
        """
        seed = UUID(job_id).int % LARGEST_SEED
        fields = {"session_id": session, "job_id": job_id, "priority": priority, "seed": seed}
        if run_at:
            fields["run_at"] = run_at
        if self.callback_url:
            fields["callback_url"] = self.callback_url
        self._insist("POST", "/generate_video", json=order.spec | fields)
        self.ordered.add(job_id)

    def order_batch(self, batch_id: str, jobs: list[dict[str, Any]]) -> list[str]:
        """Order a batch until it is accepted; return the ids of its jobs."""
        order: dict[str, Any] = {"batch_id": batch_id, "jobs": jobs}
        if self.callback_url:
            order["callback_url"] = self.callback_url
        answer = self._insist("POST", "/generate_batch", json=order)
        ids = [str(job["job_id"]) for job in answer["jobs"]]
        self.ordered.update(ids)
        return ids

    def read_batch(self, batch_id: str) -> dict[str, Any]:
        """Return the status of a batch."""
        return self._insist("GET", f"/batch_status/{batch_id}")

    def find_status(self, job_id: str) -> dict[str, Any] | None:
        """Return the status of a job, None if the service does not answer right now."""
        try:
            response = self._http.get(f"/job_status/{job_id}")
        except httpx.TransportError:
            return None
        if response.status_code >= 500:
            return None
        return dict(response.json())

    def read_status(self, job_id: str) -> dict[str, Any]:
        """Return the status of a job."""
        return self._insist("GET", f"/job_status/{job_id}")

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Cancel a job; return its new status."""
        return self._insist("POST", f"/job_cancel/{job_id}")

    def retry(self, job_id: str) -> dict[str, Any]:
        """Run an ended job again; return its new status."""
        self.ended.add(job_id)
        return self._insist("POST", f"/job_retry/{job_id}")

    def download(self, status: dict[str, Any]) -> bytes:
        """Return the video of a finished job."""
        response = self._http.get(status["result"]["download_url"])
        response.raise_for_status()
        return response.content

    def _insist(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        """Repeat a request until its answer is not a server error.

        Raises:
            TimeoutError: if that takes longer than `PATIENCE_SECONDS`.
            httpx.HTTPStatusError: if the request is refused.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        last: object = None
        while time.monotonic() < deadline:
            try:
                response = self._http.request(method, path, **content)
            except httpx.TransportError as error:
                last = error
            else:
                if response.status_code < 500:
                    response.raise_for_status()
                    return dict(response.json())
                last = response.text
            time.sleep(PAUSE_SECONDS)
        raise TimeoutError(f"{method} {path}: {last}")


def _read_photos() -> list[tuple[str, tuple[str, bytes]]]:
    return [("images", (path.name, path.read_bytes())) for path in PHOTOS]
