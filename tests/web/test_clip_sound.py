"""The sound of clips, as an order has it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reelqueue.render.ffmpeg.run import find_ffmpeg
from tests.web.conftest import UNKNOWN, Site, post_json, read_problem, send_one
from tests.web.test_captions import upload_video

pytestmark = pytest.mark.render


@pytest.mark.parametrize(
    ("audio", "field", "sentence"),
    [
        ({"loudness": -3}, "audio.loudness", "-10"),
        ({"volume": -1}, "audio.volume", "0"),
        ({"volume": 5}, "audio.volume", "4"),
        ({"mute": "yes"}, "audio.mute", "valid"),
        ({"track": 0}, "audio.track", "1"),
        ({"track": 2}, "audio.track", "this video has 1 sound track"),
        ({"fade_in": 61}, "audio.fade_in", "60"),
        ({"fade_out": -1}, "audio.fade_out", "0"),
        ({"pitch": 2}, "audio.pitch", "not supported"),
    ],
)
def test_sound_that_cannot_be_made_is_refused_by_name(
    site: Site, video_path: Path, audio: dict[str, object], field: str, sentence: str
) -> None:
    client = site.open_client()
    order = upload_video(client, video_path) | {"audio": audio}
    problem = read_problem(client.post("/generate_clip", json=order), 422)
    assert problem["field"] == field
    assert sentence in problem["detail"]
    assert site.count_jobs() == 0


def test_muted_clip_has_no_sound_and_is_smaller(site: Site, video_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path)
    sizes = []
    for audio in ({"loudness": -14, "fade_out": 0.1}, {"mute": True}):
        asked = order | {"audio": audio}
        said = post_json(client, "/generate_clip", asked | {"dry_run": True})
        result = post_json(client, "/generate_clip", asked)["result"]
        sizes.append((said["estimated_file_size"], result["file_size"]))
    assert sizes[0] > sizes[1]


def test_clip_has_music_of_the_session(site: Site, video_path: Path, song_path: Path) -> None:
    client = site.open_client()
    order = upload_video(client, video_path)
    song = send_one(client, "/upload_audio", "audio", song_path, session_id=order["session_id"])
    sizes = []
    for tracks in ([], [{"id": song["audio_id"], "start": 0.5}]):
        asked = order | {"audio": {"mute": True}, "tracks": tracks}
        said = post_json(client, "/generate_clip", asked | {"dry_run": True})
        result = post_json(client, "/generate_clip", asked)["result"]
        sizes.append((said["estimated_file_size"], result["file_size"]))
    assert sizes[0] < sizes[1]
    for track, status, field in (
        ({"id": UNKNOWN}, 404, None),
        ({"id": song["audio_id"], "start": 99}, 422, "tracks.0.start"),
    ):
        response = client.post("/generate_clip", json=order | {"tracks": [track]})
        assert read_problem(response, status).get("field") == field
    bad = client.post("/generate_clip", json=order | {"music_volume": 3})
    assert read_problem(bad, 422)["field"] == "music_volume"


def test_result_tells_the_pauses_that_were_cut(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    sound = "aevalsrc='0.5*lt(mod(t,2),1)*sin(2*PI*300*t)':s=48000:d=5"
    command = [find_ffmpeg(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x64:duration=5"]
    subprocess.run([*command, "-f", "lavfi", "-i", sound, str(path)], check=True)
    client = site.open_client()
    order = upload_video(client, path) | {"start": 0.5, "end": 4.0}
    result = post_json(client, "/generate_clip", order | {"silences": "cut"})["result"]
    # From 1 to 2 and from 3 on there is a pause: 0.1 seconds stay beside each word.
    edges = [edge for pause in result["pauses"] for edge in (pause["start"], pause["end"])]
    assert edges == pytest.approx([1.1, 1.9, 3.1, 4.0], abs=0.05)
    assert "pauses" not in post_json(client, "/generate_clip", order)["result"]
