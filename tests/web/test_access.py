"""Whose request it is: cookies, tokens, other sites, and what every answer's headers say."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from http.cookies import Morsel, SimpleCookie
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import (
    UNKNOWN,
    Finished,
    OpenSite,
    Site,
    make_photo,
    read_problem,
    send,
    upload,
)

TOKEN, OTHER = "first-token", "second-token"
PROXIED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


@pytest.fixture
def token_site(open_site: OpenSite, pretended_probe: None) -> Site:  # noqa: ARG001
    return open_site(API_TOKENS=f"{TOKEN}, {OTHER}")


def bear(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def read_cookie(response: TestResponse) -> Morsel[str]:
    return SimpleCookie(response.headers["Set-Cookie"])["session"]


def send_photo(client: FlaskClient, headers: dict[str, str] | None = None) -> TestResponse:
    data = {"images": (BytesIO(make_photo()), "red.jpg")}
    return client.post("/upload_images", data=data, headers=headers)


# --- cookies -----------------------------------------------------------------------------------


def test_cookie_is_signed_and_kept_from_scripts_and_other_sites(site: Site) -> None:
    response = site.open_client().get("/")
    cookie = read_cookie(response)
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie["expires"]
    assert not cookie["secure"]
    assert len(cookie.value.split(".")) == 3


@pytest.mark.parametrize(("proxies", "secure"), [("1", True), ("0", False)])
def test_cookie_is_secure_where_a_trusted_proxy_says_tls(
    open_site: OpenSite, proxies: str, secure: bool
) -> None:
    client = open_site(TRUSTED_PROXIES=proxies).open_client()
    response = client.get("/", headers=PROXIED)
    assert bool(read_cookie(response)["secure"]) is secure
    assert ("Strict-Transport-Security" in response.headers) is secure


def test_cookie_of_one_process_counts_in_the_others_and_after_a_restart(
    open_site: OpenSite, pretended_probe: None
) -> None:
    assert pretended_probe is None
    first, second = open_site().open_browser(), open_site().open_client()
    url = upload(first, [("red.jpg", b"x")])["images"][0]["thumbnail_url"]
    cookie = first.get_cookie("session")
    assert cookie is not None
    second.set_cookie("session", cookie.value)
    for _ in range(2):
        assert second.get(url).status_code == 200
        second.get("/")  # which gives no other cookie to who has one


def test_only_the_page_renews_the_cookie_that_a_late_answer_would_bring_back(
    open_site: OpenSite, token_site: Site
) -> None:
    anyone, signed_in = open_site().open_browser(), token_site.open_client()
    signed_in.post("/sign_in", data={"token": TOKEN})
    for client in (anyone, signed_in):
        assert "Set-Cookie" not in client.get("/jobs").headers
        assert "Set-Cookie" not in send_photo(client).headers
        assert read_cookie(client.get("/"))["expires"]
    program = token_site.open_client()
    assert "Set-Cookie" not in program.get("/", headers=bear(TOKEN)).headers


def test_cookie_that_we_did_not_sign_is_nobody_s(finished: Finished) -> None:
    cookie = finished.browser.get_cookie("session")
    assert cookie is not None
    body, stamp, signature = cookie.value.split(".")
    forgeries = [
        f"{body}.{stamp}.{signature[::-1]}",
        f"{body}x.{stamp}.{signature}",
        b64encode(b'{"owner":"anyone"}').decode() + f".{stamp}.{signature}",
        "x" * 4000,
        "..",
        "é",
        "",
    ]
    for value in forgeries:
        client = finished.site.open_client()
        client.set_cookie("session", value)
        read_problem(client.get(f"/job_status/{finished.job_id}"), 404)
        assert client.get("/").status_code == 200


def test_other_browser_sees_nothing_of_the_first_one_s(finished: Finished) -> None:
    assert finished.browser.get(f"/job_status/{finished.job_id}").status_code == 200
    addresses = [
        f"/job_status/{finished.job_id}",
        f"/job_events/{finished.job_id}",
        f"/download/{finished.job_id}",
        f"/poster/{finished.job_id}",
        finished.photos["images"][0]["thumbnail_url"],
    ]
    for other in (finished.site.open_browser(), finished.site.open_client()):
        for address in addresses:
            read_problem(other.get(address), 404)
            assert other.head(address).status_code == 404
        body = {"session_id": finished.photos["session_id"]}
        assert "no photos" in read_problem(other.post("/generate_video", json=body), 422)["detail"]


@pytest.mark.process
def test_program_without_cookies_finds_what_it_sent(site: Site) -> None:
    first, second = site.open_client(), site.open_client()
    address = upload(first, [("red.jpg", make_photo())])["images"][0]["thumbnail_url"]
    assert second.get(address).status_code == 200
    read_problem(site.open_browser().get(address), 404)


# --- tokens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bear(""),
        bear("wrong"),
        bear(TOKEN.upper()),
        bear(TOKEN + "x"),
        bear(f"{TOKEN}, {OTHER}"),
        bear("x" * 10_000),
        bear("é"),
        {"Authorization": TOKEN},
        {"Authorization": "Basic " + b64encode(f"{TOKEN}:".encode()).decode()},
        {"X-Api-Key": TOKEN},
    ],
)
def test_request_without_a_known_token_is_not_taken(
    token_site: Site, headers: dict[str, str]
) -> None:
    client = token_site.open_client()
    answers = [
        client.get(f"/job_status/{UNKNOWN}?token={TOKEN}", headers=headers),
        client.get("/metrics", headers=headers),
        client.get("/openapi.json", headers=headers),
        client.get("/nothing/here", headers=headers),
        client.post("/generate_video", json={}, headers=headers),
        send_photo(client, headers),
    ]
    for answer in answers:
        assert "token" in read_problem(answer, 401)["detail"]
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert "Set-Cookie" not in answer.headers
    assert token_site.list_stored() == token_site.list_unfinished() == []
    assert client.get("/health", headers=headers).status_code == 200


def test_token_owns_what_was_sent_with_it(token_site: Site) -> None:
    client = token_site.open_client()
    sent = send_photo(client, bear(TOKEN))
    assert isinstance(sent.json, dict)
    address = sent.json["images"][0]["thumbnail_url"]
    assert "Set-Cookie" not in sent.headers
    assert client.get(address, headers=bear(TOKEN)).status_code == 200
    assert client.get(address, headers={"Authorization": f"bearer  {TOKEN} "}).status_code == 200
    read_problem(client.get(address, headers=bear(OTHER)), 404)
    read_problem(client.get(address), 401)


def test_page_asks_for_a_token_once(token_site: Site) -> None:
    client = token_site.open_client()
    asked = client.get("/")
    assert (asked.status_code, asked.headers["Location"]) == (302, "/sign_in")
    page = client.get("/sign_in")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    for wrong in ("", "wrong", "é", "x" * 10_000):
        refused = client.post("/sign_in", data={"token": wrong})
        assert (refused.status_code, refused.mimetype) == (401, "text/html")
        assert "This token is not valid" in refused.text
        assert "Set-Cookie" not in refused.headers
    taken = client.post("/sign_in", data={"token": TOKEN})
    assert (taken.status_code, taken.headers["Location"]) == (303, "/")
    assert TOKEN not in taken.headers["Set-Cookie"]
    assert read_cookie(taken)["httponly"]
    assert client.get("/").status_code == 200
    address = upload(client, [("red.jpg", b"x")])["images"][0]["thumbnail_url"]
    assert token_site.open_client().get(address, headers=bear(TOKEN)).status_code == 200


def test_signing_out_forgets_the_token(token_site: Site, site: Site) -> None:
    client = token_site.open_client()
    client.post("/sign_in", data={"token": TOKEN})
    assert 'action="/sign_out"' in client.get("/").text
    left = client.post("/sign_out")
    assert (left.status_code, left.headers["Location"]) == (303, "/sign_in")
    assert client.get("/").headers["Location"] == "/sign_in"
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert client.post("/sign_out", headers=elsewhere).status_code == 403
    assert 'action="/sign_out"' not in site.open_client().get("/").text  # there is nothing to leave


def read_mark(page: TestResponse) -> str:
    """Return how a page tells its owner from others."""
    found = re.search(r'data-owner="(\w+)"', page.text)
    assert found
    return found[1]


def test_page_knows_its_owner_again_and_tells_no_more(token_site: Site, site: Site) -> None:
    browsers = [token_site.open_client() for _ in range(3)]
    for browser, token in zip(browsers, (TOKEN, TOKEN, OTHER), strict=True):
        browser.post("/sign_in", data={"token": token})
    pages = [browser.get("/") for browser in browsers]
    first, again, other = map(read_mark, pages)
    assert first == again != other
    for secret in (TOKEN, sha256(TOKEN.encode()).hexdigest()[:16]):
        assert secret not in pages[0].text

    stranger = site.open_client()
    first, again = (read_mark(stranger.get("/")) for _ in range(2))
    assert first == again != read_mark(site.open_client().get("/"))


def test_cookie_of_a_token_ends_with_the_token(open_site: OpenSite, token_site: Site) -> None:
    client = token_site.open_client()
    client.post("/sign_in", data={"token": TOKEN})
    cookie = client.get_cookie("session")
    assert cookie is not None
    later = open_site(API_TOKENS=OTHER).open_client()
    later.set_cookie("session", cookie.value)
    assert later.get("/").headers["Location"] == "/sign_in"
    read_problem(later.get(f"/job_status/{UNKNOWN}"), 401)


def test_cookie_of_the_time_before_tokens_is_no_token(open_site: OpenSite) -> None:
    cookie = open_site().open_browser().get_cookie("session")
    assert cookie is not None
    later = open_site(API_TOKENS=TOKEN).open_client()
    later.set_cookie("session", cookie.value)
    read_problem(later.get(f"/job_status/{UNKNOWN}"), 401)


def test_wrong_token_is_not_made_up_for_by_a_cookie(token_site: Site) -> None:
    client = token_site.open_client()
    client.post("/sign_in", data={"token": TOKEN})
    read_problem(client.get(f"/job_status/{UNKNOWN}", headers=bear("wrong")), 401)
    read_problem(client.get(f"/job_status/{UNKNOWN}"), 404)


@pytest.mark.parametrize("size", [70_000, 5_000_000])
def test_sign_in_reads_no_more_than_a_form(token_site: Site, size: int) -> None:
    client = token_site.open_client()
    read_problem(client.post("/sign_in", data={"token": "x" * size}), 413)
    read_problem(send(client, "/sign_in", "token", [("a.jpg", b"x")]), 400)


# --- other sites -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://evil.example/http://localhost"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://["},
        {"Origin": "file://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
    ],
)
def test_other_site_cannot_make_a_browser_change_anything(
    finished: Finished, headers: dict[str, str]
) -> None:
    stored = finished.site.list_stored()
    body = {"session_id": finished.photos["session_id"]}
    answers = [
        finished.browser.post(f"/job_cancel/{finished.job_id}", headers=headers),
        finished.browser.post("/generate_video", json=body, headers=headers),
        finished.browser.post("/sign_in", data={"token": "x"}, headers=headers),
        send_photo(finished.browser, headers),
    ]
    for answer in answers:
        read_problem(answer, 403)
    assert finished.site.list_stored() == stored


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://localhost"},  # a proxy speaks TLS for us
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
def test_own_page_and_programs_may_change_things(
    finished: Finished, headers: dict[str, str]
) -> None:
    assert (
        finished.browser.post(f"/job_cancel/{finished.job_id}", headers=headers).status_code == 200
    )


def test_other_site_may_link_here(finished: Finished) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    assert finished.browser.get("/", headers=headers).status_code == 200
    response = finished.browser.get(finished.url, headers=headers)
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in response.headers


# --- headers -----------------------------------------------------------------------------------


def test_every_answer_carries_the_headers_that_keep_browsers_safe(
    open_site: OpenSite, redis_url: str
) -> None:
    site = open_site(REDIS_URL=redis_url, DASHBOARD_USERNAME="u", DASHBOARD_PASSWORD="p")
    browser = site.open_browser()
    rules = [rule.rule for rule in site.app.url_map.iter_rules()]
    addresses = {rule.split("<")[0].rstrip("/") or "/" for rule in rules}
    addresses |= {f"{address}/{UNKNOWN}" for address in addresses}
    addresses |= {"/static/style.css", "/static/../app.py", "/dashboard/"}
    assert len(addresses) > 30
    for address in sorted(addresses):
        for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT"):
            with browser.open(address, method=method) as response:
                headers = response.headers
            assert response.status_code < 500, (method, address)
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert "object-src 'none'" in headers["Content-Security-Policy"]
            assert headers["Cache-Control"]


def test_page_runs_no_script_but_its_own(site: Site) -> None:
    policy = site.open_client().get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_answers_about_jobs_are_not_kept_by_caches(finished: Finished) -> None:
    status = finished.browser.get(f"/job_status/{finished.job_id}")
    assert status.headers["Cache-Control"] == "no-store"
    for address in (finished.url, finished.photos["images"][0]["thumbnail_url"]):
        assert finished.browser.get(address).headers["Cache-Control"].startswith("private")


def test_job_of_a_token_is_the_token_s(token_site: Site) -> None:
    client = token_site.open_client()
    sent = send_photo(client, bear(TOKEN))
    assert isinstance(sent.json, dict)
    body = {"session_id": sent.json["session_id"]}
    read_problem(client.post("/generate_video", json=body, headers=bear(OTHER)), 422)
    read_problem(client.post("/generate_video", json=body), 401)


# --- priority ----------------------------------------------------------------------------------


@pytest.mark.redis
@pytest.mark.parametrize(
    ("tokens", "headers", "allowed"),
    [
        ("", {}, False),
        ("", {"Authorization": "Basic " + b64encode(b"operator:secret").decode()}, True),
        ("", {"Authorization": "Basic " + b64encode(b"operator:wrong").decode()}, False),
        (f"{TOKEN},{OTHER}", bear(TOKEN), True),
        (f"{TOKEN},{OTHER}", bear(OTHER), False),
    ],
)
def test_high_priority_is_for_operators_and_chosen_tokens(
    open_site: OpenSite,
    redis_url: str,
    pretended_probe: None,  # noqa: ARG001
    tokens: str,
    headers: dict[str, str],
    allowed: bool,
) -> None:
    site = open_site(
        REDIS_URL=redis_url,
        API_TOKENS=tokens,
        HIGH_PRIORITY_TOKENS=TOKEN if tokens else "",
        DASHBOARD_USERNAME="operator",
        DASHBOARD_PASSWORD="secret",
    )
    client = site.open_client()
    sent = send_photo(client, headers)
    assert isinstance(sent.json, dict)
    order = {"session_id": sent.json["session_id"]}
    for priority in ("high", 6, 10):
        body = order | {"priority": priority}
        response = client.post("/generate_video", json=body, headers=headers)
        if allowed:
            assert response.status_code == 202
        else:
            assert read_problem(response, 403)["detail"].startswith("priority: ")
    for priority in ("low", 0, 5):
        body = order | {"priority": priority}
        assert client.post("/generate_video", json=body, headers=headers).status_code == 202
