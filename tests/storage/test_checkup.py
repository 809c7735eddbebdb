"""Each way in which a storage can be unfit is named: a real S3 service, and a real full disk."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest

from reelqueue.errors import NoRoomError, UnavailableError
from reelqueue.findings import Finding
from reelqueue.storage import PATIENT, open_store
from reelqueue.storage.checkup import examine_storage, find_storage_fault
from reelqueue.storage.diagnosis import diagnose_storage
from tests.s3_proxy import (
    Call,
    Fault,
    Refusal,
    S3Proxy,
    check_clock,
    check_region,
    check_token,
    forget_conditions,
    refuse,
    slow_down,
)
from tests.storage.test_address import as_ordinary_user

FREE_BYTES = 500_000_000
Environment = dict[str, str]
NOT_ALLOWED = Refusal(403, "AccessDenied")
NOT_THERE = Refusal(501, "NotImplemented")


def examine(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    findings = list(examine_storage(environment["STORAGE_URL"], FREE_BYTES))
    assert not any("\n" in finding.text for finding in findings)
    return findings


def list_problems(findings: list[Finding]) -> list[str]:
    return [finding.text for finding in findings if finding.level == "problem"]


FAULTS: dict[str, tuple[Fault, str, str]] = {
    "skewed clock": (check_clock(timedelta(minutes=20)), "clock", "NTP"),
    "wrong region": (check_region("eu-west-1"), "region", "eu-west-1"),
    "redirect": (refuse(Refusal(301, "PermanentRedirect")), "region", "AWS_REGION"),
    "busy": (refuse(Refusal(503, "SlowDown")), "busy", "in a minute"),
    "full": (refuse(Refusal(507, "QuotaExceeded")), "full", "more room"),
    "no rights at all": (refuse(NOT_ALLOWED), "denied", "s3:PutObject"),
}
"""What an S3 service answers, the word of /health, and a part of what doctor says."""


@pytest.mark.parametrize(("fault", "word", "text"), FAULTS.values(), ids=list(FAULTS))
def test_refusal_of_a_bucket_is_named(
    s3_proxy: S3Proxy,
    s3_environment: Environment,
    fault: Fault,
    word: str,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxied = s3_environment | {"AWS_ENDPOINT_URL": s3_proxy.endpoint}
    s3_proxy.fault = fault
    problems = list_problems(examine(proxied, monkeypatch))
    assert text in problems[0]
    found = find_storage_fault(proxied["STORAGE_URL"], FREE_BYTES)
    assert found is not None
    assert found.word == word


def test_expired_token_is_named(
    s3_proxy: S3Proxy, s3_environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3_proxy.fault = check_token
    own = {"AWS_ENDPOINT_URL": s3_proxy.endpoint, "AWS_SESSION_TOKEN": "a-token"}
    (problem,) = list_problems(examine(s3_environment | own, monkeypatch))
    assert "AWS_SESSION_TOKEN has expired" in problem


def forbid_list() -> Fault:
    """Be AWS to a key without s3:ListBucket: it may not learn that a file does not exist."""
    deleted: list[Call] = []

    def check(call: Call) -> Refusal | None:
        if call.operation == "DeleteObjects":
            deleted.append(call)
        is_missing = call.operation == "HeadObject" and bool(deleted)
        return NOT_ALLOWED if is_missing or call.operation == "ListObjectsV2" else None

    return check


LACKS: dict[str, tuple[Fault, str]] = {
    "no PutObject": (refuse(NOT_ALLOWED, "PutObject"), "s3:PutObject"),
    "no conditions": (refuse(NOT_THERE, "PutObject"), "create a key only once"),
    "no ListBucket": (forbid_list(), "s3:ListBucket"),
    "no GetObject": (refuse(NOT_ALLOWED, "GetObject"), "s3:GetObject"),
    "no DeleteObject": (refuse(NOT_ALLOWED, "DeleteObject", "DeleteObjects"), "s3:DeleteObject"),
    "no multipart": (refuse(NOT_THERE, "CreateMultipartUpload"), "a large file in parts"),
    "parts that fail": (
        refuse(Refusal(400, "InvalidPart"), "CompleteMultipartUpload"),
        "failed to store a large file in parts: ask its provider why. (InvalidPart)",
    ),
    "no parts allowed": (refuse(NOT_ALLOWED, "UploadPart"), "a large file in parts"),
    "no copy": (refuse(NOT_THERE, "CopyObject"), "copy files"),
    "no create-if-absent": (forget_conditions, "If-None-Match"),
}
"""What alone a bucket cannot or must not do, and a part of what doctor says."""


@pytest.mark.parametrize(("fault", "text"), LACKS.values(), ids=list(LACKS))
def test_single_lack_of_a_bucket_is_named(
    s3_proxy: S3Proxy,
    s3_environment: Environment,
    fault: Fault,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    s3_proxy.fault = fault
    proxied = s3_environment | {"AWS_ENDPOINT_URL": s3_proxy.endpoint}
    (problem,) = list_problems(examine(proxied, monkeypatch))
    assert text in problem


def test_key_that_may_not_read_is_told_no_other_right(
    s3_proxy: S3Proxy, s3_environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 asks for s3:GetObject where a file is looked up or copied, too."""
    s3_proxy.fault = refuse(NOT_ALLOWED, "GetObject", "HeadObject", "CopyObject")
    proxied = s3_environment | {"AWS_ENDPOINT_URL": s3_proxy.endpoint}
    problems = list_problems(examine(proxied, monkeypatch))
    assert [problem.partition(". ")[0] for problem in problems] == [
        "The key may not read files: allow it s3:GetObject",
        "The key may not copy files: allow it s3:GetObject and s3:PutObject",
    ]


def test_bucket_in_order_is_called_so_and_left_empty(
    s3_proxy: S3Proxy, s3_environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxied = s3_environment | {"AWS_ENDPOINT_URL": s3_proxy.endpoint}
    (finding,) = examine(proxied, monkeypatch)
    assert finding.level == "ok"
    assert open_store(proxied["STORAGE_URL"]).list("") == []
    assert find_storage_fault(proxied["STORAGE_URL"], FREE_BYTES) is None
    assert {"CreateMultipartUpload", "CopyObject", "ListObjectsV2"} <= set(s3_proxy.calls)


def test_clean_up_does_not_hide_the_first_fault(
    s3_proxy: S3Proxy, s3_environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(call: Any) -> Refusal:
        is_first = call.operation == "PutObject"
        return Refusal(404, "NoSuchBucket") if is_first else Refusal(500, "InternalError")

    s3_proxy.fault = fail
    proxied = s3_environment | {"AWS_ENDPOINT_URL": s3_proxy.endpoint}
    (problem,) = list_problems(examine(proxied, monkeypatch))
    assert "no such bucket" in problem


@pytest.fixture
def keys(s3_environment: Environment) -> Iterator[Environment]:
    """The keys of a user who may do everything but list, while the service checks signatures."""
    endpoint = s3_environment["AWS_ENDPOINT_URL"]
    options = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    iam = boto3.client("iam", endpoint_url=endpoint, **options)
    user = s3_environment["STORAGE_URL"].split("/")[2]
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    actions = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps(policy))
    url = f"{endpoint}/moto-api/reset-auth"
    _post(url, b"0")
    yield s3_environment | {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    _post(url, b"inf")


def _post(url: str, data: bytes) -> None:
    with urlopen(Request(url, data, {"Content-Type": "text/plain"})):
        pass


@pytest.mark.parametrize(
    ("own", "text"),
    [
        ({"AWS_ACCESS_KEY_ID": "AKIANOBODYKNOWSTHIS0"}, "does not know AWS_ACCESS_KEY_ID"),
        ({"AWS_SECRET_ACCESS_KEY": "guessed"}, "AWS_SECRET_ACCESS_KEY does not belong"),
        ({}, "s3:ListBucket"),
    ],
)
def test_fault_of_a_key_is_named(
    keys: Environment, own: Environment, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (problem,) = list_problems(examine(keys | own, monkeypatch))
    assert text in problem
    assert keys["AWS_SECRET_ACCESS_KEY"] not in problem


@pytest.mark.parametrize(
    ("change", "word", "text"),
    [
        ({"STORAGE_URL": "s3://never-made/x"}, "bucket", "no such bucket"),
        ({"AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true"}, "bucket", "HOSTED_STYLE_REQUEST is true"),
        ({"AWS_ENDPOINT_URL": "http://no.such.host.invalid"}, "host", "host in AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "port", "Nothing answers"),
        ({"AWS_ENDPOINT_URL": "https{rest}"}, "tls", "speaks http"),
    ],
)
def test_wrong_address_of_a_bucket_is_named(
    s3_environment: Environment,
    change: Environment,
    word: str,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rest = s3_environment["AWS_ENDPOINT_URL"].removeprefix("http")
    changed = s3_environment | {name: value.format(rest=rest) for name, value in change.items()}
    problems = list_problems(examine(changed, monkeypatch))
    assert text in problems[0]
    fault = find_storage_fault(changed["STORAGE_URL"], FREE_BYTES)
    assert fault is not None
    assert fault.word == word


@pytest.mark.process
def test_bucket_that_never_answers_costs_seconds(
    s3_environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        problems = list_problems(
            examine(s3_environment | {"AWS_ENDPOINT_URL": endpoint}, monkeypatch)
        )
    assert "does not answer" in problems[0]


def fill(disk: Path, spare: int) -> None:
    with (disk / "filler").open("wb") as file:
        file.write(bytes(20 * 1024 * 1024 - spare))


@pytest.mark.process
def test_disk_that_is_nearly_full_is_named_before_a_write_fails(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = (small_disk / "data").as_uri()
    assert find_storage_fault(url, FREE_BYTES) is None
    fill(small_disk, 500_000)
    fault = find_storage_fault(url, FREE_BYTES)
    assert fault is not None
    assert fault.word == "full"
    open_store(url).write("small", b"x")
    assert "full" in list_problems(examine({"STORAGE_URL": url}, monkeypatch))[0]


def test_folder_that_becomes_unwritable_is_named() -> None:
    with TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        store = open_store(Path(folder).as_uri())
        os.chmod(folder, 0o555)
        with as_ordinary_user(), pytest.raises(UnavailableError) as caught:
            store.write("key", b"x")
    assert diagnose_storage(caught.value).word == "unwritable"


@pytest.mark.process
def test_full_disk_is_told_apart_from_one_that_is_away(small_disk: Path) -> None:
    store = open_store((small_disk / "data").as_uri())
    fill(small_disk, 0)
    for write in (
        lambda: store.write("a", bytes(100_000)),
        lambda: store.create("b", bytes(100_000)),
    ):
        with pytest.raises(NoRoomError, match="no room for new files right now"):
            write()
    assert store.list("") == []


def test_render_waits_for_a_bucket_that_is_busy_for_some_seconds(
    s3_proxy: S3Proxy, s3_environment: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in (s3_environment | {"AWS_ENDPOINT_URL": s3_proxy.endpoint}).items():
        monkeypatch.setenv(name, value)
    large = tmp_path / "large"
    large.write_bytes(bytes(11_000_000))
    url = s3_environment["STORAGE_URL"]
    s3_proxy.fault = slow_down(1.5)
    open_store(url, PATIENT).write("large", large)
    assert (entry := open_store(url).find("large")) is not None
    assert entry.size == 11_000_000
    s3_proxy.fault = slow_down(10)
    with pytest.raises(UnavailableError):  # a user is not kept waiting
        open_store(url).read("large")
