"""Every error is answered with problem details."""

from __future__ import annotations

import logging

import pytest

from reelqueue import errors
from reelqueue.errors import InputError, ReelqueueError, UnavailableError
from reelqueue.jobs.ledger import Ledger
from reelqueue.outages import OUTAGES
from reelqueue.storage import Store
from reelqueue.web.problems import make_problem
from tests.web.conftest import (
    UNKNOWN,
    Finished,
    OpenSite,
    Site,
    check_problem,
    make_photo,
    read_problem,
    send,
)


def list_kinds(root: type[ReelqueueError]) -> list[type[ReelqueueError]]:
    kinds = [root]
    for kind in root.__subclasses__():
        kinds += list_kinds(kind)
    return kinds


@pytest.mark.parametrize(
    "kind",
    [*list_kinds(InputError)[1:], *list_kinds(UnavailableError)],
    ids=lambda kind: kind.__name__,
)
def test_error_that_a_request_can_cause_has_an_answer(
    site: Site, kind: type[ReelqueueError]
) -> None:
    with site.app.test_request_context("/"):
        response = make_problem(kind("Something is not as it should be."))
    assert isinstance(response.json, dict)
    check_problem(response.json, response.status_code)
    assert 400 <= response.status_code < 500 or response.status_code == 503
    assert ("Retry-After" in response.headers) == (response.status_code == 503)


def test_kinds_of_problems_have_names_of_their_own(site: Site) -> None:
    kinds = [*list_kinds(InputError)[1:], *list_kinds(UnavailableError)]
    with site.app.test_request_context("/"):
        answers = [make_problem(kind("Something is not as it should be.")).json for kind in kinds]
    names = {answer["type"] for answer in answers if answer}
    assert len(names) == len(kinds)


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/job_status", "/static/nothing.js", "/static/../app.py", "/%00", "/%ff", "/.env"],
)
def test_address_of_nothing_is_not_found(site: Site, path: str) -> None:
    problem = read_problem(site.open_client().get(path), 404)
    assert problem["type"] == "/problems/not-found"


def test_date_with_an_impossible_zone_is_ignored(site: Site) -> None:
    odd = "Mon, 01 Jan 2024 00:00:00 +99999999999999"
    headers = {"If-Modified-Since": odd, "If-Unmodified-Since": odd, "If-Range": odd}
    with site.open_client().get("/static/style.css", headers=headers) as response:
        assert response.status_code == 200


def test_method_that_no_route_takes_is_refused_on_every_route(site: Site) -> None:
    client = site.open_client()
    taken: dict[str, set[str]] = {}
    for rule in site.app.url_map.iter_rules():
        taken.setdefault(rule.rule, set()).update(rule.methods or set())
    for rule in site.app.url_map.iter_rules():
        path = rule.rule.replace("<path:filename>", "style.css")
        for name in rule.arguments:
            path = path.replace(f"<{name}>", UNKNOWN)
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"} - taken[rule.rule]:
            response = client.open(path, method=method)
            assert read_problem(response, 405)["type"] == "/problems/method-not-allowed"
            assert "OPTIONS" in response.headers["Allow"]


@pytest.mark.parametrize("tokens", ["", "some-long-token"])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "a b<>", ""])
def test_host_that_is_not_ours_is_refused_where_ours_are_named(
    open_site: OpenSite, host: str, tokens: str
) -> None:
    site = open_site(TRUSTED_HOSTS="localhost, .reels.example", API_TOKENS=tokens)
    client = site.open_client()
    assert client.get("/sign_in", headers={"Host": "www.reels.example"}).status_code == 200
    for method, origin in (("GET", {}), ("POST", {"Origin": f"http://{host}"})):
        for path in ("/", "/health", "/dashboard/", "/nothing"):
            response = client.open(path, method=method, headers={"Host": host, **origin})
            problem = read_problem(response, 400)
            assert "TRUSTED_HOSTS" in problem["detail"]
            assert "evil" not in response.text


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost"])
def test_machine_s_own_names_are_always_trusted(open_site: OpenSite, host: str) -> None:
    client = open_site(TRUSTED_HOSTS="reels.example", API_TOKENS="some-long-token").open_client()
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("localhost:5000", "127.0.0.1", "[::1]:5000", "192.168.1.7:80"),
        *("web", "my_web:5000", "nas.local", "my_nas.local", ""),
    ],
)
def test_own_and_private_names_are_answered_by_default(site: Site, host: str) -> None:
    client = site.open_client()
    assert client.get("/health", headers={"Host": host}).status_code == 200
    own_page = {"Host": host, "Origin": f"http://{host.removesuffix(':80')}"}
    assert client.post(f"/job_cancel/{UNKNOWN}", headers=own_page).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.nip.io:5000", "local.evil.com."])
def test_name_that_anyone_can_register_is_refused_by_default(
    open_site: OpenSite, host: str
) -> None:
    """A website could let it point here, and use the service from a visitor's browser."""
    client = open_site().open_client()
    for path in ("/", "/health", "/upload_images"):
        read_problem(client.get(path, headers={"Host": host}), 400)
    for settings in ({"API_TOKENS": "a-long-token"}, {"TRUSTED_HOSTS": host.partition(":")[0]}):
        client = open_site(**settings).open_client()
        assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["a_b.evil.example", "evil_.example:5000", "[::1", "evil.example:x"]
)
def test_name_that_is_not_valid_is_refused_by_default(site: Site, host: str) -> None:
    """Browsers ask for names with underscores too."""
    read_problem(site.open_client().get("/health", headers={"Host": host}), 400)


def test_headers_of_a_proxy_that_is_not_there_are_not_believed(site: Site) -> None:
    spoofed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    response = site.open_client().get("/health/..//health", headers=spoofed)
    assert "evil" not in str(response.headers)


def test_fault_of_ours_is_noted_and_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, site: Site
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the password is hunter2, in /etc/secrets")

    monkeypatch.setattr(Ledger, "read", fail)
    with caplog.at_level(logging.ERROR):
        response = site.open_client().get(f"/job_status/{UNKNOWN}")
    problem = read_problem(response, 500)
    assert problem["type"] == "/problems/internal-error"
    assert "hunter2" not in response.text
    assert "hunter2" in caplog.text


def test_storage_that_is_away_is_said_and_asks_to_come_again(
    monkeypatch: pytest.MonkeyPatch, finished: Finished
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise UnavailableError("The storage does not answer right now.")

    for name in ("read", "find", "list", "write", "create"):
        monkeypatch.setattr(Store, name, fail)
    browser, session_id = finished.browser, finished.photos["session_id"]
    answers = [
        browser.get(f"/job_status/{finished.job_id}"),
        browser.get(f"/job_events/{finished.job_id}"),
        browser.get(finished.url),
        browser.post(f"/job_cancel/{finished.job_id}"),
        browser.post("/generate_video", json={"session_id": session_id}),
        send(browser, "/upload_images", "images", [("red.jpg", make_photo())]),
    ]
    for answer in answers:
        assert read_problem(answer, 503)["type"] == "/problems/unavailable"
        assert int(answer.headers["Retry-After"]) > 0
    assert finished.site.temporary.exists()
    assert not list(finished.site.temporary.glob("reelqueue-*/work-*"))


def test_storage_that_is_away_is_not_logged_for_each_request(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, site: Site
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise UnavailableError("The storage does not answer right now.") from OSError("refused")

    monkeypatch.setattr(OUTAGES, "_logged", {})
    for name in ("read", "find", "list"):
        monkeypatch.setattr(Store, name, fail)
    for _ in range(3):
        read_problem(site.open_client().get(f"/job_status/{UNKNOWN}"), 503)
    (said,) = (record for record in caplog.records if record.name == "reelqueue.web.problems")
    assert said.getMessage().startswith(f"GET /job_status/{UNKNOWN}: The storage does not answer")
    assert said.getMessage().endswith("refused")
    assert said.exc_info is None


def test_field_at_fault_is_named_in_the_answer(site: Site) -> None:
    with site.app.test_request_context("/"):
        named = make_problem(errors.InvalidSpecError("fps: must be kinder.", "fps")).json
        whole = make_problem(errors.InvalidSpecError("The request: must be kinder.")).json
    assert named is not None
    assert whole is not None
    assert named["field"] == "fps"
    assert "field" not in whole
