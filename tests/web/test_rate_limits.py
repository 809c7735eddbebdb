"""Rate limits: for whom they count, what they answer, and that they never stop the service."""

from __future__ import annotations

import os
import re
import signal
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from reelqueue.web.rate_counts import Counts
from tests.conftest import _answers_ping, find_free_port, started, wait_until
from tests.web.conftest import (
    SMALL,
    UNKNOWN,
    OpenSite,
    make_photo,
    read_problem,
    send,
    upload,
)
from tests.web.serving.server import read_all, serving

TOKEN, OTHER = "first-token", "second-token"
ELSEWHERE = "203.0.113.9"


def order(client: FlaskClient, address: str = "127.0.0.1", token: str = "") -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    place = {"REMOTE_ADDR": address}
    body = {"session_id": UNKNOWN}
    return client.post("/generate_video", json=body, headers=headers, environ_overrides=place)


def sign_in(client: FlaskClient, token: str, address: str = "127.0.0.1") -> TestResponse:
    place = {"REMOTE_ADDR": address}
    return client.post("/sign_in", data={"token": token}, environ_overrides=place)


def read_refusal(response: TestResponse) -> str:
    """Check a problem that says when to come again; return its sentence without the seconds."""
    problem = read_problem(response, 429)
    assert problem["type"] == "/problems/too-many-requests"
    seconds = int(response.headers["Retry-After"])
    assert 1 <= seconds <= 60
    start, _, rest = str(problem["detail"]).partition(f" {seconds} ")
    assert rest == "s."
    return start


def test_orders_are_limited_for_each_token(open_site: OpenSite) -> None:
    client = open_site(API_TOKENS=f"{TOKEN},{OTHER}", ORDERS_PER_MINUTE="3").open_client()
    assert [order(client, token=TOKEN).status_code for _ in range(3)] == [422] * 3
    sentence = "There were too many orders: try again in"
    assert read_refusal(order(client, token=TOKEN)) == sentence
    assert read_refusal(order(client, ELSEWHERE, token=TOKEN)) == sentence
    assert order(client, token=OTHER).status_code == 422
    status = client.get(f"/job_status/{UNKNOWN}", headers={"Authorization": f"Bearer {TOKEN}"})
    assert status.status_code == 404  # polls go on


def test_new_cookie_is_no_way_around_a_limit(open_site: OpenSite) -> None:
    site = open_site(ORDERS_PER_MINUTE="3", UPLOADS_PER_MINUTE="2")
    first = site.open_browser()
    assert [order(first).status_code for _ in range(3)] == [422] * 3
    read_refusal(order(first, ELSEWHERE))  # the owner
    read_refusal(order(site.open_browser()))  # the address
    assert order(site.open_client(), ELSEWHERE).status_code == 422
    for _ in range(2):
        read_problem(send(first, "/upload_images", "images", []), 400)
    assert "uploads" in read_refusal(send(first, "/upload_images", "images", [("a", b"")]))
    read_refusal(first.post(f"/job_retry/{UNKNOWN}"))
    assert first.post(f"/job_cancel/{UNKNOWN}").status_code == 404


@pytest.mark.usefixtures("pretended_probe")
def test_each_job_of_a_batch_counts_as_an_order(open_site: OpenSite) -> None:
    site = open_site(API_TOKENS=f"{TOKEN},{OTHER}", ORDERS_PER_MINUTE="5")

    def post_batch(token: str, jobs: int, **members: bool) -> int:
        client = site.open_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        session = upload(client, [("a.jpg", make_photo())])["session_id"]
        job = {"kind": "slideshow", "session_id": session, **SMALL}
        body = {"jobs": [job] * jobs, **members}
        return client.post("/generate_batch", json=body).status_code

    client = site.open_client()
    assert post_batch(TOKEN, 3, dry_run=True) == 200  # one
    assert post_batch(TOKEN, 3) == 202  # and three
    assert order(client, token=TOKEN).status_code == 422
    read_refusal(order(client, token=TOKEN))
    assert [order(client, token=OTHER).status_code for _ in range(4)] == [422] * 4
    assert post_batch(OTHER, 7) == 202  # the fifth, which is not refused for being large
    read_refusal(order(client, token=OTHER))


def test_requests_are_limited_for_each_address_and_network(open_site: OpenSite) -> None:
    client = open_site(REQUESTS_PER_MINUTE="2").open_client()

    def ask(address: str) -> TestResponse:
        return client.get("/nothing", environ_overrides={"REMOTE_ADDR": address})

    for first, same, other in [
        ("198.51.100.1", "198.51.100.1", "198.51.100.2"),
        ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
    ]:
        assert [ask(first).status_code, ask(same).status_code] == [404, 404]
        assert "too many requests" in read_refusal(ask(first))
        assert ask(other).status_code == 404
    page = client.get("/static/style.css", environ_overrides={"REMOTE_ADDR": "198.51.100.1"})
    assert page.status_code == 200
    page.close()


def test_choice_of_a_language_is_a_request_like_any_other(open_site: OpenSite) -> None:
    client = open_site(REQUESTS_PER_MINUTE="2").open_client()
    statuses = [client.get("/?language=de").status_code for _ in range(3)]
    assert statuses == [303, 303, 429]


def test_many_requests_are_told_to_redis_together(open_site: OpenSite, redis_url: str) -> None:
    """Each of two processes may hold back four requests of 4,000."""
    settings = {"REQUESTS_PER_MINUTE": "4000", "REDIS_URL": redis_url}
    clients = [open_site(**settings).open_client() for _ in range(2)]
    place = {"REMOTE_ADDR": "203.0.113.77"}

    def ask(client: FlaskClient, times: int) -> list[int]:
        answers = (client.get("/nothing", environ_overrides=place) for _ in range(times))
        return [answer.status_code for answer in answers]

    assert [ask(client, 40) for client in clients] == [[404] * 40] * 2
    with Redis.from_url(redis_url) as redis:
        (key,) = redis.keys("*203.0.113.77*")
        assert 70 <= int(redis.get(key) or 0) <= 80
        redis.incrby(key, 3930)
        assert sum(ask(client, 9).count(404) for client in clients) <= 8
        assert [ask(client, 1) for client in clients] == [[429], [429]]
        redis.delete(key)  # as at the end of the minute
        assert [ask(client, 1) for client in clients] == [[404], [404]]


def test_zero_is_no_limit(open_site: OpenSite) -> None:
    names = ("REQUESTS", "UPLOADS", "ORDERS", "WRONG_PASSWORDS")
    site = open_site(API_TOKENS=TOKEN, **{f"{name}_PER_MINUTE": "0" for name in names})
    answers = [order(site.open_client(), token="wrong") for _ in range(30)]
    assert {answer.status_code for answer in answers} == {401}


@pytest.mark.parametrize(
    "path",
    [f"/job_status/{UNKNOWN}", "/nothing", "/dashboard/static/css/main.css", "/admin/failed"],
)
def test_tokens_and_passwords_cannot_be_tried_without_end(
    open_site: OpenSite, redis_url: str, path: str
) -> None:
    site = open_site(
        API_TOKENS=TOKEN,
        REDIS_URL=redis_url,
        DASHBOARD_USERNAME="operator",
        DASHBOARD_PASSWORD="right",
        WRONG_PASSWORDS_PER_MINUTE="3",
    )
    client = site.open_client()

    def attempt(secret: str, address: str = "127.0.0.1") -> TestResponse:
        is_basic = path.startswith(("/dashboard", "/admin"))
        basic = "Basic " + b64encode(f"operator:{secret}".encode()).decode()
        header = basic if is_basic else f"Bearer {secret}"
        place = {"REMOTE_ADDR": address}
        return client.get(path, headers={"Authorization": header}, environ_overrides=place)

    right = "right" if path.startswith(("/dashboard", "/admin")) else TOKEN
    for _ in range(5):
        with attempt(right) as welcome:
            assert welcome.status_code in (200, 404)  # and counts for nothing
        read_problem(client.get(f"/job_status/{UNKNOWN}"), 401)  # nothing was guessed
    assert [attempt("wrong").status_code for _ in range(3)] == [401] * 3
    assert "wrong tokens or passwords" in read_refusal(attempt("wrong"))
    read_refusal(attempt(right))
    with attempt(right, ELSEWHERE) as welcome:
        assert welcome.status_code in (200, 404)


@pytest.mark.redis
def test_wrong_guesses_of_one_process_count_in_the_others(
    open_site: OpenSite, redis_url: str
) -> None:
    options = {"REDIS_URL": redis_url, "API_TOKENS": TOKEN, "WRONG_PASSWORDS_PER_MINUTE": "3"}
    first, second = (open_site(**options).open_client() for _ in "12")
    assert order(first, token=TOKEN).status_code == 422  # then no guess is known here
    assert [order(second, token="wrong").status_code for _ in range(3)] == [401] * 3
    assert order(first, token="wrong").status_code == 401  # one more
    read_refusal(order(first, token="wrong"))
    read_refusal(order(first, token=TOKEN))


def test_sign_in_page_says_that_there_were_too_many_attempts(open_site: OpenSite) -> None:
    site = open_site(API_TOKENS=TOKEN, WRONG_PASSWORDS_PER_MINUTE="3")
    signed_in = site.open_client()
    assert sign_in(signed_in, TOKEN).status_code == 303
    client = site.open_client()
    assert [sign_in(client, "wrong").status_code for _ in range(3)] == [401] * 3
    refused = sign_in(client, TOKEN)
    assert (refused.status_code, refused.mimetype) == (429, "text/html")
    assert re.search(r"too many wrong tokens or passwords: try again in \d+ s\.", refused.text)
    assert int(refused.headers["Retry-After"]) > 0
    assert signed_in.get("/").status_code == 200  # a cookie is no guess
    assert sign_in(client, TOKEN, ELSEWHERE).status_code == 303


# --- Redis -------------------------------------------------------------------------------------


def test_processes_that_share_a_redis_count_together(open_site: OpenSite, redis_url: str) -> None:
    first, second = (
        open_site(REDIS_URL=redis_url, ORDERS_PER_MINUTE="2").open_client() for _ in range(2)
    )
    assert [order(first).status_code, order(second).status_code] == [422, 422]
    read_refusal(order(first))
    read_refusal(order(second))


@pytest.fixture
def own_redis() -> Iterator[tuple[int, int]]:
    """A redis-server that a test may spoil: its port, and its process."""
    port = find_free_port()
    command = ["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    with started(command) as server, Redis(port=port) as connection:
        wait_until(lambda: _answers_ping(connection))
        yield port, server.pid


@pytest.mark.redis
def test_processes_count_together_with_the_rights_that_doctor_asks_for(
    open_site: OpenSite, own_redis: tuple[int, int]
) -> None:
    port, _ = own_redis
    rights = ["+@all", "~rq:*", "~reelqueue:*", "&rq:*"]
    with Redis(port=port) as connection:
        connection.execute_command("ACL", "SETUSER", "reels", "on", ">secret", *rights)
    url = f"redis://reels:secret@127.0.0.1:{port}/0"
    first, second = (open_site(REDIS_URL=url, ORDERS_PER_MINUTE="2").open_client() for _ in "12")
    assert [order(first).status_code, order(second).status_code] == [422, 422]
    read_refusal(order(first))
    read_refusal(order(second))


@pytest.mark.redis
@pytest.mark.parametrize("trouble", ["away", "hung", "full"])
def test_requests_go_on_and_are_counted_without_redis(
    open_site: OpenSite, own_redis: tuple[int, int], trouble: str
) -> None:
    port, pid = own_redis
    url = f"redis://127.0.0.1:{find_free_port() if trouble == 'away' else port}/0"
    client = open_site(
        REDIS_URL=url, ORDERS_PER_MINUTE="3", API_TOKENS=TOKEN, WRONG_PASSWORDS_PER_MINUTE="2"
    ).open_client()
    if trouble == "full":
        with Redis(port=port) as connection:
            connection.config_set("maxmemory", 1)
    if trouble == "hung":
        os.kill(pid, signal.SIGSTOP)
    try:
        assert [order(client, token=TOKEN).status_code for _ in range(3)] == [422] * 3
        read_refusal(order(client, token=TOKEN))
        assert [order(client, token="wrong").status_code for _ in range(2)] == [401, 401]
        read_refusal(order(client, token=TOKEN))
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.usefixtures("pretended_probe")
def test_upload_is_counted_once_and_refused_before_it_is_received(open_site: OpenSite) -> None:
    """The server calls the app twice for a form: by its head, and with its content."""
    head = (
        b"POST /upload_images HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n"
    )
    part = b'--x\r\nContent-Disposition: form-data; name="images"; filename="a.jpg"\r\n\r\n'
    body = part + make_photo() + b"\r\n--x--\r\n"
    with serving(open_site(UPLOADS_PER_MINUTE="2").app) as server:
        for expected in (201, 201):
            with server.connect(head % len(body) + body) as connection:
                assert read_all(connection)[:12] == b"HTTP/1.1 %d" % expected
        with server.connect(head % 900_000) as connection:
            assert read_all(connection)[:12] == b"HTTP/1.1 429"


def test_threads_that_count_at_once_are_all_counted() -> None:
    counts = Counts()
    with ThreadPoolExecutor(12) as pool:
        counted = list(pool.map(lambda _: counts.incr("key", 60), range(500)))
    assert sorted(counted) == list(range(1, 501))
