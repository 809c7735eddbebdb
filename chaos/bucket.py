"""`python -m chaos.bucket PORT`: an S3 service that can be slow, or overloaded for a while.

It is moto's server. A PUT to `/-/faults` sets, as JSON, `latency` (the seconds that each request
takes longer) and `overload` (seconds). With an overload, the first request of each kind, such as
"PUT outcome.json", begins a time in which all requests of this kind are answered with SlowDown:
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. A GET tells how many were.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

import boto3
import httpx
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

NAME = "reels"
FAULTS = "/-/faults"
_SLOW_DOWN = b"""<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"""
# An id, a digest, or a time in milliseconds.
_OWN = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|[0-9]{12,}")

Environment = dict[str, Any]
Start = Callable[..., Any]


class FaultyBucket:
    """A WSGI application around that of the S3 service."""

    def __init__(self, application: Callable[[Environment, Start], Iterable[bytes]]) -> None:
        self._application = application
        self._latency = self._overload = 0.0
        self._begun: dict[str, float] = {}
        self._refused = 0

    def __call__(self, environment: Environment, start: Start) -> Iterable[bytes]:
        """Answer a request."""
        if environment["PATH_INFO"] == FAULTS:
            return self._set_faults(environment, start)
        time.sleep(self._latency)
        if self._is_overloaded(name_step(environment)):
            self._refused += 1
            _drain(environment)
            start("503 Slow Down", [("Content-Type", "application/xml")])
            return [_SLOW_DOWN]
        return self._application(environment, start)

    def _set_faults(self, environment: Environment, start: Start) -> Iterable[bytes]:
        if environment["REQUEST_METHOD"] == "PUT":
            faults = json.loads(_drain(environment))
            self._latency = faults.get("latency", 0.0)
            self._overload = faults.get("overload", 0.0)
            self._begun.clear()
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"refused": self._refused, "steps": sorted(self._begun)}).encode()]

    def _is_overloaded(self, step: str) -> bool:
        now = time.monotonic()
        return now - self._begun.setdefault(step, now) < self._overload


def name_step(environment: Mapping[str, Any]) -> str:
    """Return the kind of a request: its method and key, without ids and times."""
    query = parse_qs(environment["QUERY_STRING"])
    key = environment["PATH_INFO"] + "".join(query.get("prefix", []))
    return f"{environment['REQUEST_METHOD']} {_OWN.sub('*', key)}"


def _drain(environment: Environment) -> bytes:
    content: bytes = environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
    return content


class BucketClient:
    """Creates the bucket of a service at a port, and sets its faults."""

    def __init__(self, port: int) -> None:
        self._endpoint = f"http://127.0.0.1:{port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which the product uses the bucket."""
        return {
            "STORAGE_URL": f"s3://{NAME}/chaos",
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }

    def is_up(self) -> bool:
        """Tell whether the service answers."""
        try:
            return httpx.get(self._endpoint + FAULTS).is_success
        except httpx.TransportError:
            return False

    def create(self) -> None:
        """Create the bucket."""
        client = boto3.client(
            "s3",
            endpoint_url=self._endpoint,
            region_name="us-east-1",
            aws_access_key_id="tester",
            aws_secret_access_key="secret",
        )
        client.create_bucket(Bucket=NAME)

    def set_faults(self, *, latency: float = 0, overload: float = 0) -> None:
        """Set how slow and how overloaded the bucket is from now on."""
        faults = {"latency": latency, "overload": overload}
        httpx.put(self._endpoint + FAULTS, json=faults).raise_for_status()

    def find_refused(self) -> tuple[int, list[str]]:
        """Return how many requests were refused, and of which kinds."""
        answer = httpx.get(self._endpoint + FAULTS).json()
        return answer["refused"], answer["steps"]


def main(port: int) -> None:
    os.environ.setdefault("MOTO_S3_CUSTOM_ENDPOINTS", f"http://127.0.0.1:{port}")
    application = FaultyBucket(DomainDispatcherApplication(create_backend_app))
    make_server("127.0.0.1", port, application, threaded=True).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
