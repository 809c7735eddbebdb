"""The subtitles of a video's own track become captions, and pictures of words do not."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.media import subtitles as subtitles_module
from reelqueue.media.subtitles import load_cues
from reelqueue.render import subtitle_track
from reelqueue.render.ffmpeg.probe import probe_video
from reelqueue.render.subtitle_track import read_track
from tests.render.conftest import TEST_PICTURE, Make

pytestmark = pytest.mark.render

SRT = """1
00:00:00,500 --> 00:00:01,000
Hello <i>there</i>
second & last

2
00:00:01,200 --> 00:00:01,900
Zwei 🏖️ مرحبا
"""
CUES = [(0.5, 1.0, "Hello there\nsecond & last"), (1.2, 1.9, "Zwei 🏖️ مرحبا")]
X264 = ("-c:v", "libx264", "-preset", "ultrafast")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime")


@pytest.fixture(scope="session")
def srt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("srt") / "words.srt"
    path.write_text(SRT)
    return path


@pytest.fixture(scope="session")
def pictured(make_media: Make) -> Path:
    """A video with a track of pictures of words, as Blu-ray discs have it."""
    plain = make_media("plain.mkv", "-f", "lavfi", "-i", TEST_PICTURE, *X264)
    path = plain.with_name("pictured.mkv")
    with av.open(str(plain)) as source, av.open(str(path), "w") as target:
        video = target.add_stream_from_template(source.streams.video[0])
        words = target.add_mux_stream("hdmv_pgs_subtitle")
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                target.mux(packet)
        shown = av.Packet(b"\x80\x00\x00")
        shown.stream, shown.pts, shown.dts, shown.duration = words, 500, 500, 500
        target.mux(shown)
    return path


@pytest.mark.parametrize(
    ("name", "codec", "pictures"),
    [
        ("m.mp4", "mov_text", X264),
        ("m.mov", "mov_text", X264),
        ("s.mkv", "srt", X264),
        ("a.mkv", "ass", X264),
        ("v.mkv", "webvtt", X264),
        ("w.webm", "webvtt", VP9),
    ],
)
def test_track_of_text_is_read(
    make_media: Make, srt: Path, name: str, codec: str, pictures: tuple[str, ...]
) -> None:
    tags = ("-metadata:s:s:0", "language=ger")
    inputs = ("-f", "lavfi", "-i", TEST_PICTURE, "-i", srt)
    path = make_media(name, *inputs, *pictures, "-c:s", codec, *tags)
    read = read_track(path)
    assert [(cue.start, cue.end, cue.text) for cue in read.cues] == CUES
    assert (read.language, read.warnings) == ("ger", ())


def test_first_of_several_tracks_is_taken_unless_another_is_the_default(
    make_media: Make, srt: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.srt"
    other.write_text("1\n00:00:00,000 --> 00:00:01,000\nOther\n")
    inputs = ("-f", "lavfi", "-i", TEST_PICTURE, "-i", srt, "-i", other)
    maps = ("-map", "0", "-map", "1", "-map", "2", "-metadata:s:s:1", "language=fra")
    first = make_media("two.mkv", *inputs, *maps, *X264, "-disposition:s", "0")
    read = read_track(first)
    assert [cue.text for cue in read.cues] == [text for _, _, text in CUES]
    assert read.warnings == ("Of 2 subtitle tracks, the first one is used.",)
    second = make_media("def.mkv", *inputs, *maps, *X264, "-disposition:s:1", "default")
    read = read_track(second)
    assert [cue.text for cue in read.cues] == ["Other"]
    assert read.warnings == ("Of 2 subtitle tracks, the first one (fra) is used.",)


def test_facts_of_a_video_have_its_subtitles(make_media: Make, srt: Path, tmp_path: Path) -> None:
    inputs = ("-f", "lavfi", "-i", TEST_PICTURE, "-i", srt)
    path = make_media("m.mp4", *inputs, *X264, "-c:s", "mov_text")
    facts = probe_video(path, tmp_path / "cues.json").subtitles
    assert facts
    assert (facts.count, facts.problem) == (2, None)
    cues = load_cues((tmp_path / "cues.json").read_bytes())
    assert [(cue.start, cue.end, cue.text) for cue in cues] == CUES


def test_video_without_subtitles_says_so(bikes: Path, tmp_path: Path) -> None:
    assert probe_video(bikes, tmp_path / "cues.json").subtitles is None
    assert not list(tmp_path.iterdir())
    with pytest.raises(UnsupportedMediaError, match="has no subtitle track: send captions as an"):
        read_track(bikes)


def test_pictures_of_words_are_no_captions(pictured: Path, tmp_path: Path) -> None:
    sentence = r"subtitles of this video are pictures \(HDMV_PGS_SUBTITLE\), not text: send"
    with pytest.raises(UnsupportedMediaError, match=sentence):
        read_track(pictured)
    facts = probe_video(pictured, tmp_path / "cues.json")
    assert facts.duration == 2.0  # the video is taken all the same
    assert facts.subtitles
    assert facts.subtitles.count == 0
    assert not list(tmp_path.iterdir())


def test_very_large_subtitles_are_not_read(
    monkeypatch: pytest.MonkeyPatch, make_media: Make, srt: Path
) -> None:
    monkeypatch.setattr(subtitle_track, "LARGEST_FILE", 50)
    inputs = ("-f", "lavfi", "-i", TEST_PICTURE, "-i", srt)
    path = make_media("s.mkv", *inputs, *X264, "-c:s", "srt")
    with pytest.raises(UnreadableMediaError, match="more than 0 MB"):
        read_track(path)
    assert subtitles_module.LARGEST_FILE > 50
    facts = probe_video(path).subtitles
    assert facts
    assert "more than" in (facts.problem or "")
