"""The look of clips, as an order has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.conftest import Site, post_json, read_problem
from tests.web.test_captions import upload_video

pytestmark = pytest.mark.render


@pytest.mark.parametrize(
    ("look", "field", "sentence"),
    [
        ({"fade_in": -1}, "fade_in", "0"),
        ({"fade_out": 61}, "fade_out", "60"),
        ({"fade_in": "1"}, "fade_in", "number"),
        ({"brightness": 0}, "brightness", "0.2"),
        ({"brightness": 4}, "brightness", "3"),
        ({"contrast": 0.1}, "contrast", "0.2"),
        ({"saturation": -1}, "saturation", "0"),
        ({"saturation": 3.5}, "saturation", "3"),
        ({"denoise": "much"}, "denoise", "light"),
    ],
)
def test_look_that_cannot_be_made_is_refused_by_name(
    site: Site, video_path: Path, look: dict[str, object], field: str, sentence: str
) -> None:
    client = site.open_client()
    problem = read_problem(
        client.post("/generate_clip", json=upload_video(client, video_path) | look), 422
    )
    assert problem["field"] == field
    assert sentence in problem["detail"]
    assert site.count_jobs() == 0


def test_clip_gets_the_look_that_was_ordered(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path)
    plain = post_json(client, "/generate_clip", order)["result"]
    look = {"fade_in": 0.1, "fade_out": 0.1, "brightness": 1.2, "denoise": "light"}
    result = post_json(client, "/generate_clip", order | look)["result"]
    assert result["frames"] == plain["frames"]
    files = [client.get(each["download_url"]).data for each in (plain, result)]
    assert files[0] != files[1]
