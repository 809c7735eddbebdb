"""Try requests on every operation of the API's own description, valid and invalid ones.

Many of them name real sessions, uploads and jobs. The service must answer none with 5xx, and each
as /openapi.json says. See https://schemathesis.readthedocs.io.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
import wave
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import imageio_ffmpeg
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from PIL import Image
from redis import Redis
from redis.exceptions import RedisError
from schemathesis import APIOperation, Case, GenerationMode, checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok

from reelqueue.config import Settings
from reelqueue.web.app import create_app

_OPERATOR = {"DASHBOARD_USERNAME": "operator", "DASHBOARD_PASSWORD": "a-long-password"}
_UNLIMITED = ("REQUESTS", "UPLOADS", "ORDERS", "WRONG_PASSWORDS")
_SMALL = {"duration": 0.3, "transition_duration": 0.1, "resolution": "64x64", "fps": 15}
_HEADERS = {"Authorization": "Basic " + b64encode(b"operator:a-long-password").decode()}
_CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
_REAL = 0.7  # the part of ids that are real ones
_ROUND = 30  # requests of each kind on an operation, until the next one's turn


schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

Operation = APIOperation[Any, Any, Any, Any]
AnyCase = Case[Any]


@dataclass(frozen=True)
class Target:
    """An app, and real ids by the name of the parameter or JSON member that takes them."""

    app: Flask
    ids: Mapping[str, list[str]]


def run(seconds: float, first_seed: int) -> list[str]:
    """Try requests for some seconds; return a line for each fault."""
    faults: list[str] = []
    deadline = time.monotonic() + seconds
    with TemporaryDirectory() as folder, _started_redis() as redis_url:
        target = prepare(Path(folder), redis_url)
        while time.monotonic() < deadline:
            faults += try_operations(target, first_seed, _ROUND)
            first_seed += 1
    return faults


def prepare(folder: Path, redis_url: str) -> Target:
    """Make a session with a photo, music and a video, and a finished and a failed job.

    These are rendered at once, without Redis. What is ordered later waits in Redis for ever.
    """
    environment = {"STORAGE_URL": (folder / "data").as_uri(), **_OPERATOR}
    environment |= {f"{name}_PER_MINUTE": "0" for name in _UNLIMITED}
    with patch.dict(os.environ, environment):  # the child that renders reads it
        client = create_app(Settings.from_env(environment)).test_client()
        photos = _upload(client, "images", "photo.jpg", _make_photo())
        session = photos["session_id"]
        song = _upload(client, "audio", "song.wav", _make_song(), session_id=session)
        video = _upload(client, "video", "clip.mp4", _make_video(folder), session_id=session)
        begun = _begin_upload(client, session)
        finished = _order(client, session)
        other = _upload(client, "images", "photo.jpg", _make_photo("blue"))
        for path in folder.glob(f"data/sessions/*/{other['session_id']}/**/original.*"):
            path.write_bytes(b"damaged")
        failed = _order(client, other["session_id"])
    photo = photos["images"][0]["id"]
    ids = {
        "session_id": [session, other["session_id"]],
        "id": [photo, song["audio_id"]],
        "media_id": [photo, song["audio_id"]],
        "audio_id": [song["audio_id"]],
        "source_id": [video["source_id"]],
        "upload_id": [begun],
        "job_id": [finished, failed],
        "video_id": [finished, failed],
        "file": ["video", "poster"],
    }
    return Target(create_app(Settings.from_env(environment | {"REDIS_URL": redis_url})), ids)


def try_operations(target: Target, first_seed: int, count: int) -> list[str]:
    """Try `count` valid and `count` invalid requests on each operation; return the faults."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", target.app)
    faults = []
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)  # the description is valid
        operation = result.ok()
        for mode in GenerationMode:
            # An upload takes a process each.
            number = max(1, count // 10) if operation.path.startswith("/upload") else count
            try:
                _try_operation(target, operation, mode, first_seed, number)
            except Unsatisfiable:  # every text is a valid id, as far as the description goes
                continue
            except (Exception, FailureGroup) as error:  # of the check, or of the service
                faults.append(f"{operation.label}, seed {first_seed}: {_tell(error)}")
    return faults


def _try_operation(
    target: Target, operation: Operation, mode: GenerationMode, first_seed: int, count: int
) -> None:
    @seed(first_seed)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode), st.randoms(use_true_random=False))
    def attempt(case: AnyCase, random: Random) -> None:
        is_order = operation.path.startswith(("/generate", "/analyze"))
        ids = {
            name: some for name, some in target.ids.items() if not (is_order and name == "job_id")
        }
        case.path_parameters = _name_real(case.path_parameters, ids, random)
        case.body = _name_real(case.body, ids, random)
        response = case.call(headers=_HEADERS)
        case.validate_response(response, checks=_CHECKS)

    attempt()


def _name_real(value: Any, ids: Mapping[str, list[str]], random: Random) -> Any:
    """Return a JSON value with some of its ids replaced by real ones, at any depth."""
    match value:
        case dict():
            return {
                name: random.choice(ids[name])
                if name in ids and random.random() < _REAL
                else _name_real(inner, ids, random)
                for name, inner in value.items()
            }
        case list():
            return [_name_real(inner, ids, random) for inner in value]
    return value


def _tell(error: BaseException) -> str:
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else (error,)
    return " / ".join(" ".join(str(each).split()) for each in inner)


def _upload(client: FlaskClient, field: str, name: str, data: bytes, **form: str) -> dict[str, Any]:
    route = f"/upload_{field}"
    response = client.post(route, data={field: (BytesIO(data), name), **form})
    assert response.status_code == 201, response.text
    return dict(response.json or {})


def _begin_upload(client: FlaskClient, session_id: str) -> str:
    values = {"kind": "photo", "session_id": session_id}
    pairs = (f"{name} {b64encode(text.encode()).decode()}" for name, text in values.items())
    headers = {"Upload-Length": "10", "Upload-Metadata": ",".join(pairs), "Tus-Resumable": "1.0.0"}
    return str((client.post("/uploads", headers=headers).json or {})["upload_id"])


def _order(client: FlaskClient, session_id: str) -> str:
    response = client.post("/generate_video", json={"session_id": session_id, **_SMALL})
    return str((response.json or {})["job_id"])


def _make_photo(color: str = "red") -> bytes:
    file = BytesIO()
    Image.new("RGB", (96, 64), color).save(file, "JPEG")
    return file.getvalue()


def _make_song() -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as song:
        song.setnchannels(1)
        song.setsampwidth(2)
        song.setframerate(8000)
        song.writeframes(bytes(16_000))
    return file.getvalue()


def _make_video(folder: Path) -> bytes:
    path = folder / "clip.mp4"
    source = ("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10:duration=1", "-pix_fmt", "yuv420p")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", *source, str(path)]
    subprocess.run(command, check=True)
    return path.read_bytes()


@contextmanager
def _started_redis() -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with Redis(port=port) as connection:
            while not _answers(connection):
                time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def _answers(connection: Redis) -> bool:
    try:
        return bool(connection.ping())
    except RedisError:
        return False
