"""Links to videos for people who are not their owner."""

from __future__ import annotations

import pytest

from tests.web.conftest import (
    SMALL,
    UNKNOWN,
    Finished,
    OpenSite,
    Site,
    make_photo,
    post_json,
    read_problem,
    upload,
)


def test_link_shows_the_video_to_others_and_nothing_else(finished: Finished) -> None:
    link = post_json(finished.browser, f"/jobs/{finished.job_id}/share", {})["share_url"]
    stranger = finished.site.open_browser()
    page = stranger.get(link)
    assert page.mimetype == "text/html"
    assert f'src="{link}/video?inline=1"' in page.text
    shown = stranger.get(f"{link}/video?inline=1")
    assert (shown.status_code, shown.data) == (200, finished.video)
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert stranger.get(f"{link}/video").headers["Content-Disposition"].startswith("attachment")
    part = stranger.get(f"{link}/video", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, finished.video[:10])
    read_problem(stranger.get(finished.url), 404)
    read_problem(stranger.post(f"/jobs/{finished.job_id}/share"), 404)


def test_link_that_was_changed_leads_nowhere(finished: Finished) -> None:
    link = post_json(finished.browser, f"/jobs/{finished.job_id}/share", {})["share_url"]
    signature = link.rpartition("/")[2]
    other = ("0" if signature[0] != "0" else "1") + signature[1:]
    for path in (
        f"{finished.job_id}/{other}",
        f"{finished.job_id}/{signature[:-1]}",
        f"{finished.job_id}/ü",
        f"{UNKNOWN}/{signature}",
        f"..%2F{finished.job_id}/{signature}",
    ):
        read_problem(finished.site.open_client().get(f"/shared/{path}/video"), 404)
    page = finished.site.open_client().get(f"/shared/{finished.job_id}/{other}")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "This link leads to no video" in page.text


@pytest.mark.render
def test_link_needs_no_token_and_ends_with_the_job(open_site: OpenSite) -> None:
    tokens = {"API_TOKENS": "one-token-of-many,another-token-here"}
    site = open_site(**tokens, SHARE_LINKS="true")
    owner, other = site.open_client(), site.open_client()
    owner.environ_base["HTTP_AUTHORIZATION"] = "Bearer one-token-of-many"
    session = upload(owner, [("red.jpg", make_photo())])["session_id"]
    job_id = post_json(owner, "/generate_video", {"session_id": session, **SMALL})["job_id"]
    link = post_json(owner, f"/jobs/{job_id}/share", {})["share_url"]
    assert other.get(link).status_code == other.get(f"{link}/video").status_code == 200
    read_problem(other.get(f"/download/{job_id}"), 401)
    for settings in (tokens, {"API_TOKENS": "another-token-here", "SHARE_LINKS": "true"}):
        later = open_site(**settings).open_client()
        assert later.get(link).status_code == later.get(f"{link}/video").status_code == 404
    assert owner.delete(f"/jobs/{job_id}").status_code == 204
    assert other.get(link).status_code == 404
    read_problem(other.get(f"{link}/video"), 404)


def test_job_without_a_video_is_not_shared(queue_site: Site) -> None:
    browser = queue_site.open_browser()
    session = upload(browser, [("red.jpg", make_photo())])["session_id"]
    job_id = post_json(browser, "/generate_video", {"session_id": session})["job_id"]
    problem = read_problem(browser.post(f"/jobs/{job_id}/share"), 409)
    assert "still being made" in problem["detail"]


def test_operator_can_switch_links_off(open_site: OpenSite) -> None:
    site = open_site(SHARE_LINKS="false")
    read_problem(site.open_browser().post(f"/jobs/{UNKNOWN}/share"), 403)


def test_service_with_tokens_gives_links_only_if_it_is_told_so(open_site: OpenSite) -> None:
    for share, status in (("", 403), ("true", 404)):
        client = open_site(API_TOKENS="one-token-of-many", SHARE_LINKS=share).open_client()
        client.environ_base["HTTP_AUTHORIZATION"] = "Bearer one-token-of-many"
        read_problem(client.post(f"/jobs/{UNKNOWN}/share"), status)
