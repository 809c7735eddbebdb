"""Files of captions are uploaded, read by the server alone, and burnt into clips."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from reelqueue.render.ffmpeg.run import find_ffmpeg
from tests.web.conftest import Site, post_json, read_problem, send, send_one

pytestmark = pytest.mark.render

UNKNOWN = "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10"
VTT = """WEBVTT
Language: de

00:00.100 --> 00:00.300
Grüße &amp; Küsse 🏖️

00:00.300 --> 00:00.300
zu kurz

00:02.000 --> 00:03.000
später
"""


def upload_captions(client: FlaskClient, session_id: str, text: str = VTT) -> dict[str, Any]:
    files = [("talk.vtt", text.encode())]
    response = send(client, "/upload_captions", "captions", files, session_id=session_id)
    assert response.status_code == 201, response.text
    assert isinstance(response.json, dict)
    return response.json


def upload_video(client: FlaskClient, path: Path) -> dict[str, Any]:
    video = send_one(client, "/upload_video", "video", path)
    order = {key: video[key] for key in ("session_id", "source_id")}
    return order | {"end": 0.4, "aspect": "original"}


def test_answer_has_what_was_read_and_what_was_changed(site: Site) -> None:
    answer = upload_captions(site.open_client(), UNKNOWN)
    assert answer["filename"] == "talk.vtt"
    assert answer["language"] == "de"
    assert [(cue["start"], cue["end"], cue["text"]) for cue in answer["cues"]] == [
        (0.1, 0.3, "Grüße & Küsse 🏖️"),
        (0.3, 1.3, "zu kurz"),
        (2.0, 3.0, "später"),
    ]
    (warning,) = answer["warnings"]
    assert warning.startswith("Line 7: the end is not after the start")
    assert {path.rpartition("/")[2] for path in site.list_stored()} == {
        *("cues.json", "media.json", "original.vtt"),
    }


def test_answer_has_the_times_of_words_that_the_file_has(site: Site) -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nLook<00:01.300> there"
    (cue,) = upload_captions(site.open_client(), UNKNOWN, text)["cues"]
    assert cue["words"] == [
        {"start": 1.0, "end": 1.3, "text": "Look"},
        {"start": 1.3, "end": 2.0, "text": "there"},
    ]


def test_file_counts_from_the_source_unless_it_is_told_otherwise(
    site: Site, video_path: Path
) -> None:
    client = site.open_client()
    order = upload_video(client, video_path) | {"start": 0.2}
    captions = {"id": upload_captions(client, order["session_id"])["captions_id"]}
    said = post_json(client, "/generate_clip", order | {"captions": captions, "dry_run": True})
    assert said["warnings"] == []
    outside = ["2 of 3 captions lie outside of the clip and will not be shown."]
    later = captions | {"times": "clip"}
    said = post_json(client, "/generate_clip", order | {"captions": later, "dry_run": True})
    assert said["warnings"] == outside
    result = post_json(client, "/generate_clip", order | {"captions": later})["result"]
    assert result["warnings"] == outside


def test_style_without_captions_is_told(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path) | {"caption_style": {"color": "#ff0000"}}
    (warning,) = post_json(client, "/generate_clip", order | {"dry_run": True})["warnings"]
    assert warning.startswith("The clip has no captions")
    result = post_json(client, "/generate_clip", order)["result"]
    assert result["warnings"] == [warning]
    captions = {"captions": [{"start": 0.0, "end": 0.1, "text": "x"}], "dry_run": True}
    assert post_json(client, "/generate_clip", order | captions)["warnings"] == []


def test_list_counts_from_the_clip_and_with_times_from_the_source(
    site: Site, video_path: Path
) -> None:
    client = site.open_client()
    order = upload_video(client, video_path) | {"start": 0.3, "dry_run": True}
    times = ((0.0, 0.05), (0.3, 0.4), (0.35, 0.4))
    cues = [{"start": start, "end": end, "text": "x"} for start, end in times]
    counts = [
        [warning[0] for warning in post_json(client, "/generate_clip", order | asked)["warnings"]]
        for asked in (
            {"captions": cues},
            {"captions": {"cues": cues}},
            {"captions": {"cues": cues, "times": "source"}},
        )
    ]
    assert counts == [["2"], ["2"], []]


def test_clip_with_the_same_captions_is_not_rendered_again(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path)
    answers = [
        post_json(client, "/generate_clip", order | {"captions": {"id": answer["captions_id"]}})
        for answer in (
            upload_captions(client, order["session_id"]),
            upload_captions(client, order["session_id"]),
            upload_captions(client, order["session_id"], VTT.replace("Küsse", "Tschüss")),
        )
    ]
    assert [answer["result"].get("reused", False) for answer in answers] == [False, True, False]


def test_captions_that_are_not_there_are_not_found(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path)
    elsewhere = upload_captions(client, UNKNOWN)["captions_id"]
    for captions_id in (UNKNOWN, elsewhere, order["source_id"]):
        body = order | {"captions": {"id": captions_id}}
        problem = read_problem(client.post("/generate_clip", json=body), 404)
        assert problem["detail"].startswith("There is no file of captions ")
        assert problem["detail"].endswith("in this session: upload it again.")


WORDS = [{"start": 0.0, "end": 0.2, "text": "So"}, {"start": 0.2, "end": 0.4, "text": "good"}]


def test_words_can_be_marked(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path)
    cues = [{"start": 0.0, "end": 0.4, "text": "So good", "words": WORDS}]
    plain = post_json(client, "/generate_clip", order | {"captions": cues})
    style = {"preset": "karaoke", "highlight": "#ff0000", "backing": "box"}
    marked = post_json(client, "/generate_clip", order | {"captions": cues, "caption_style": style})
    assert marked["status"] == "finished"
    sizes = [each["result"]["file_size"] for each in (plain, marked)]
    assert sizes[0] != sizes[1]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"caption_style": {"preset": "disco"}}, "caption_style.preset"),
        ({"caption_style": {"color": "red"}}, "caption_style.color"),
        (
            {"captions": [{"start": 0.1, "end": 0.4, "text": "So good", "words": WORDS}]},
            "captions.0.words.0.start",
        ),
    ],
)
def test_unknown_looks_and_stray_words_are_refused(
    site: Site, video_path: Path, asked: dict[str, Any], field: str
) -> None:
    client = site.open_client()
    problem = read_problem(
        client.post("/generate_clip", json=upload_video(client, video_path) | asked), 422
    )
    assert problem["field"] == field
    assert problem["detail"].startswith(f"{field}: must")


@pytest.fixture
def subtitled_path(tmp_path: Path, video_path: Path) -> Path:
    """A video with two subtitles, of which one is within its first 0.4 seconds."""
    words, path = tmp_path / "words.srt", tmp_path / "subtitled.mp4"
    words.write_text(
        "1\n00:00:00,100 --> 00:00:00,300\nSo\n\n2\n00:00:00,500 --> 00:00:00,600\nX\n"
    )
    command = [find_ffmpeg(), "-v", "error", "-i", str(video_path), "-i", str(words)]
    command += ["-map", "0:v", "-map", "1", "-c:v", "copy", "-c:s", "mov_text"]
    subprocess.run([*command, "-metadata:s:s:0", "language=deu", str(path)], check=True)
    return path


def test_subtitles_of_a_video_can_be_its_captions(site: Site, subtitled_path: Path) -> None:
    client = site.open_client()
    answer = send_one(client, "/upload_video", "video", subtitled_path)
    assert answer["subtitles"] == {"count": 2, "language": "deu", "warnings": []}
    order = {key: answer[key] for key in ("session_id", "source_id")}
    order |= {"end": 0.4, "aspect": "original", "captions": "track"}
    said = post_json(client, "/generate_clip", order | {"dry_run": True})
    assert said["warnings"] == []
    result = post_json(client, "/generate_clip", order)["result"]
    assert "warnings" not in result
    plain = post_json(client, "/generate_clip", order | {"captions": []})["result"]
    assert plain["file_size"] != result["file_size"]


def test_video_without_subtitles_has_no_captions(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path) | {"captions": "track"}
    for asked in (order | {"dry_run": True}, order):
        problem = read_problem(client.post("/generate_clip", json=asked), 422)
        assert problem["field"] == "captions"
        assert "send captions as an SRT, WebVTT or ASS file" in problem["detail"]
    problem = read_problem(client.post("/generate_clip", json=order | {"captions": "rack"}), 422)
    assert (problem["field"], problem["detail"]) == (
        "captions",
        "captions: must be 'auto' or 'track'.",
    )


SAID = "So this is what we said. Well. And then, before a pause, we said some more of it."
SPOKEN = [
    {"start": number * 0.08, "end": number * 0.08 + 0.07, "text": word}
    for number, word in enumerate(SAID.split())
]
TRANSCRIPT: dict[str, Any] = {
    "language": "en",
    "segments": [
        {"start": 0.0, "end": 0.4, "text": "So this is what we", "words": SPOKEN[:5]},
        {"start": 0.4, "end": 1.6, "text": SAID.partition("we ")[2], "words": SPOKEN[5:]},
    ],
}
LOOKS: tuple[dict[str, Any], ...] = (
    {"caption_style": {"preset": "plain"}},
    {"caption_style": {"preset": "phrase"}},
    {"caption_style": {"preset": "karaoke"}},
    {"caption_style": {"preset": "pop"}},
)


def plan(client: FlaskClient, order: dict[str, Any], captions: Any) -> list[Any]:
    """Return the captions that a clip would have in each style."""
    body = order | {"captions": captions, "dry_run": True}
    plans = [post_json(client, "/generate_clip", body | look)["timeline"] for look in LOOKS]
    return [plan["captions"] for plan in plans]


@pytest.mark.parametrize("part", [{"end": 1.6}, {"start": 0.3, "end": 0.9}])
def test_uploaded_transcript_gives_the_captions_that_it_gives_in_an_order(
    site: Site, video_path: Path, part: dict[str, float]
) -> None:
    client = site.open_client()
    order = upload_video(client, video_path) | part
    answer = upload_captions(client, order["session_id"], json.dumps(TRANSCRIPT))
    assert answer["transcript"] == TRANSCRIPT
    sent = plan(client, order, TRANSCRIPT)
    assert all(sent)
    assert plan(client, order, {"id": answer["captions_id"]}) == sent
    cues = {"cues": answer["cues"], "times": "source"}
    assert plan(client, order, cues) != sent  # those of a style that marks words are longer


def test_transcript_of_whisper_gives_the_captions_that_its_words_give(
    site: Site, video_path: Path
) -> None:
    client = site.open_client()
    order = upload_video(client, video_path) | {"end": 1.6}
    parts = [part | {"id": 1, "text": f" {part['text']}"} for part in TRANSCRIPT["segments"]]
    file = json.dumps({"text": SAID, "segments": parts, "language": "en"})
    captions = {"id": upload_captions(client, order["session_id"], file)["captions_id"]}
    assert plan(client, order, captions) == plan(client, order, TRANSCRIPT)
    late = plan(client, order | {"start": 0.5}, captions | {"times": "clip"})
    assert late[0][0]["start"] == 0


def test_transcript_without_words_gives_the_captions_that_it_gives_in_an_order(
    site: Site, video_path: Path
) -> None:
    client = site.open_client()
    order = upload_video(client, video_path) | {"end": 1.6}
    lines = {"segments": [{"start": 0.0, "end": 1.5, "text": f"So. {SAID} Well."}]}
    answer = upload_captions(client, order["session_id"], json.dumps(lines))
    assert plan(client, order, {"id": answer["captions_id"]}) == plan(client, order, lines)


def say(texts: list[str], *, has_words: bool) -> dict[str, Any]:
    """Return a transcript of parts that follow each other at once."""
    segments: list[dict[str, Any]] = []
    for at, text in enumerate(texts):
        start, chunks = at * 0.4, text.split()
        words = [
            {
                "start": start + 0.4 * number / len(chunks),
                "end": start + 0.4 * (number + 1) / len(chunks),
                "text": chunk,
            }
            for number, chunk in enumerate(chunks)
        ]
        own = {"words": words} if has_words else {}
        segments.append({"start": start, "end": start + 0.4, "text": text, **own})
    return {"segments": segments}


@pytest.mark.parametrize("has_words", [True, False])
@pytest.mark.parametrize(
    "texts",
    [
        ["line 0\nline 1", "line 1\nline 2", "line 2\nline 3"],  # they roll
        ["No, no."] * 4,
        ["-", "Soup - salad", "- Well."],
        ["Soup.", "Salad."],
    ],
)
def test_answer_to_a_transcript_has_the_captions_of_the_plain_style(
    site: Site, video_path: Path, texts: list[str], *, has_words: bool
) -> None:
    client = site.open_client()
    order = upload_video(client, video_path) | {"end": 1.6}
    file = json.dumps(say(texts, has_words=has_words))
    answer = upload_captions(client, order["session_id"], file)
    shown, *_ = plan(client, order, {"id": answer["captions_id"]})
    plain, *_ = plan(client, order, {"cues": answer["cues"], "times": "source"})
    assert shown == plain


def test_captions_of_lines_stay_as_the_file_has_them(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path) | {"end": 1.6}
    file = "WEBVTT\n\n00:00.000 --> 00:00.500\nSo.\n\n00:00.500 --> 00:01.000\nWell.\n"
    answer = upload_captions(client, order["session_id"], file)
    assert "transcript" not in answer
    stored = plan(client, order, {"id": answer["captions_id"]})
    assert stored == plan(client, order, {"cues": answer["cues"], "times": "source"})


def test_transcript_that_an_earlier_version_took_has_the_captions_of_that_time(
    site: Site, video_path: Path
) -> None:
    client = site.open_client()
    order = upload_video(client, video_path) | {"end": 1.6}
    answer = upload_captions(client, order["session_id"], json.dumps(TRANSCRIPT))
    (folder,) = [path.parent for path in site.storage.rglob("original.json")]
    (folder / "transcript.json").unlink()
    record = folder / "media.json"
    record.write_text(record.read_text().replace('"has_transcript":true', '"has_words":1'))
    stored = plan(client, order, {"id": answer["captions_id"]})
    assert stored == plan(client, order, {"cues": answer["cues"], "times": "source"})
