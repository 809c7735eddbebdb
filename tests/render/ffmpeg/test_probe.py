"""Facts of real, odd, damaged and hostile files."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest
import skimage

from reelqueue.errors import InputError, UnreadableMediaError, UnsupportedMediaError
from reelqueue.media.facts import AudioFacts, VideoFacts
from reelqueue.media.sniff import sniff_video
from reelqueue.render.ffmpeg import first_frame, streams
from reelqueue.render.ffmpeg import run as ffmpeg
from reelqueue.render.ffmpeg.color import Color
from reelqueue.render.ffmpeg.probe import probe_audio, probe_video
from reelqueue.render.ffmpeg.run import DECODERS, MAX_STREAMS, FfmpegError
from reelqueue.render.ffmpeg.source import probe_source
from reelqueue.render.ffmpeg.streams import list_streams
from tests.render.conftest import RAMP, TEST_PICTURE, TONE, Make

pytestmark = pytest.mark.render

SKIMAGE_FOLDER = Path(skimage.__file__).parent / "data"

PICTURE = ("-f", "lavfi", "-i", TEST_PICTURE)
SOUND = ("-f", "lavfi", "-i", TONE)
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")


def test_facts_of_real_videos_are_exact(bikes: Path, bunny: Path, carphone: Path) -> None:
    assert probe_video(bikes) == VideoFacts(
        duration=10, width=640, height=272, fps=25, has_audio=False, sound_tracks=0, format="mp4"
    )
    assert probe_video(bunny) == VideoFacts(
        duration=5.28, width=1280, height=720, fps=25, has_audio=True, sound_tracks=1, format="mp4"
    )
    # 176 pixels of 128:117 are shown 193 wide; 120 frames of 1001/30000 seconds last 4.004.
    assert probe_video(carphone) == VideoFacts(
        duration=4.004,
        width=193,
        height=144,
        fps=30000 / 1001,
        has_audio=False,
        sound_tracks=0,
        format="mp4",
    )


UNEVEN = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=30:d=2,select='mod(n,7)-2'")

ODD_VIDEOS = {
    "odd.mp4": ("-f", "lavfi", "-i", "testsrc=s=853x481:r=30:d=1", "-c:v", "libx264"),
    "film.mp4": ("-f", "lavfi", "-i", "testsrc=s=64x64:r=30000/1001:d=1", *X264),
    "wide.mp4": ("-f", "lavfi", "-i", f"{TEST_PICTURE},setsar=4/3", *X264),
    "live.webm": (*PICTURE, "-c:v", "libvpx", "-deadline", "realtime", "-live", "1"),
    "vp9.webm": ("-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=1", "-c:v", "libvpx-vp9"),
    "av1.mp4": ("-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=1", "-c:v", "libsvtav1"),
    "ten.mov": (*PICTURE, "-pix_fmt", "yuv420p10le", *X265),
    "old.mkv": (*PICTURE, *SOUND, "-c:v", "mpeg4", "-c:a", "pcm_s24le"),
    "fragments.mp4": (*PICTURE, *X264, "-movflags", "frag_keyframe+empty_moov"),
    "front.mp4": (*PICTURE, *X264, "-movflags", "+faststart"),
    "delayed.mkv": (*PICTURE, *SOUND, *X264, "-c:a", "aac", "-output_ts_offset", "10"),
    "phone.mp4": (*UNEVEN, "-fps_mode", "vfr", *X264),
    "camera.mov": (*PICTURE, *SOUND, *X264, "-c:a", "aac", "-timecode", "10:00:00:00"),
}


@pytest.mark.parametrize(
    ("name", "shape", "fps", "duration", "has_audio"),
    [
        ("odd.mp4", (853, 481), 30, 1, False),
        ("film.mp4", (64, 64), 30000 / 1001, 1.001, False),
        ("wide.mp4", (427, 180), 25, 2, False),
        ("live.webm", (320, 180), 25, 2, False),
        ("vp9.webm", (64, 64), 25, 1, False),
        ("av1.mp4", (64, 64), 25, 1, False),
        ("ten.mov", (320, 180), 25, 2, False),
        ("old.mkv", (320, 180), 25, 2, True),
        ("fragments.mp4", (320, 180), 25, 2, False),
        ("front.mp4", (320, 180), 25, 2, False),
        ("delayed.mkv", (320, 180), 25, 2, True),
        ("phone.mp4", (64, 64), 30, 2, False),
        ("camera.mov", (320, 180), 25, 2, True),
    ],
)
def test_facts_of_odd_videos_are_as_shown(
    make_media: Make,
    name: str,
    shape: tuple[int, int],
    fps: float,
    duration: float,
    has_audio: bool,
) -> None:
    facts = probe_video(make_media(name, *ODD_VIDEOS[name]))
    assert (facts.width, facts.height, facts.has_audio) == (*shape, has_audio)
    assert facts.fps == pytest.approx(fps)
    assert facts.duration == pytest.approx(duration, abs=0.002)
    assert facts.format == name.rpartition(".")[2]


@pytest.mark.parametrize(
    ("turn", "shape"), [(90, (180, 320)), (180, (320, 180)), (270, (180, 320))]
)
def test_size_of_a_rotated_video_is_as_shown(
    make_media: Make, talkie: Path, turn: int, shape: tuple[int, int]
) -> None:
    source = ("-display_rotation:v", str(turn), "-i", talkie, "-c", "copy")
    facts = probe_video(make_media(f"turned-{turn}.mp4", *source))
    assert (facts.width, facts.height) == shape


def test_sound_that_cannot_be_decoded_is_named(make_media: Make) -> None:
    """WavPack is not supported, but the video is taken."""
    wavpack = make_media("wavpack.mkv", *PICTURE, *SOUND, *X264, "-c:a", "wavpack")
    facts = probe_video(wavpack)
    assert not facts.has_audio
    assert facts.warnings == (
        "The sound of this video (WAVPACK) cannot be decoded, so its clips are silent: export it "
        "with AAC sound.",
    )
    both = ("-map", "0:v", "-map", "1:a", "-map", "1:a", "-c:a:0", "wavpack", "-c:a:1", "aac")
    facts = probe_video(make_media("both.mkv", *PICTURE, *SOUND, *X264, *both))
    assert facts.has_audio
    assert facts.warnings == (
        "The main sound track (WAVPACK) cannot be decoded, so another one is heard: export the "
        "file with AAC sound.",
    )


@pytest.mark.parametrize("name", ["camera.mov", "action.mp4"])
def test_video_with_the_timecode_of_a_camera_is_taken(make_media: Make, name: str) -> None:
    """ffmpeg lists its pictures in a group with the track of the timecode, before the sound."""
    maps = ("-map", "1:a", "-map", "0:v", "-map", "0:v", "-s:v:1", "64x64")
    path = make_media(name, *PICTURE, *SOUND, *maps, *X264, "-timecode", "10:00:00:00")
    streams = list_streams(path, sniff_video(path))
    assert [(stream.index, stream.kind) for stream in streams] == [
        (0, "audio"),
        (1, "video"),
        (2, "video"),
    ]
    facts = probe_video(path)
    assert (facts.width, facts.duration, facts.has_audio) == (320, 2, True)


def test_file_of_too_many_tracks_is_refused_and_says_so(
    make_media: Make, talkie: Path, tmp_path: Path
) -> None:
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,500 --> 00:00:01,500\nHello\n")
    maps = ["-map", "0", *("-map", "1") * (MAX_STREAMS - 1), "-c", "copy", "-c:s", "srt"]
    path = make_media("tracks.mkv", "-i", talkie, "-i", words, *maps)
    for look in (probe_video, probe_audio):
        with pytest.raises(UnreadableMediaError, match=f"more than {MAX_STREAMS} tracks"):
            look(path)


@pytest.mark.parametrize(
    ("name", "codec", "duration"),
    [
        ("tone.mp3", "libmp3lame", 2),
        ("tone.wav", "pcm_s16le", 2),
        ("tone.flac", "flac", 2),
        ("tone.aac", "aac", 2),
        ("vorbis.ogg", "libvorbis", 2),
        ("opus.ogg", "libopus", 2),
        ("tone.mp4", "aac", 2),
        ("deep.wav", "pcm_f32le", 2),
    ],
)
def test_facts_of_music_have_its_duration(
    make_media: Make, name: str, codec: str, duration: float
) -> None:
    facts = probe_audio(make_media(f"two-{name}", *SOUND, "-c:a", codec))
    assert facts.format == name.rpartition(".")[2]
    assert facts.duration == pytest.approx(duration, abs=0.05)


def test_sound_that_has_no_stereo_is_named(make_media: Make) -> None:
    """A sound field (ambisonics) of a camera that looks in all directions."""
    field = ("-f", "lavfi", "-i", "aevalsrc=sin(t)|0|0|0:c=ambisonic 1:d=1:s=48000")
    opus = ("-c:a", "libopus", "-mapping_family", "2", "-b:a", "128k")
    facts = probe_video(make_media("field.mkv", *PICTURE, *field, *X264, *opus))
    assert not facts.has_audio
    assert "its clips are silent" in facts.warnings[0]
    with pytest.raises(UnsupportedMediaError, match="export it with stereo sound"):
        probe_audio(make_media("field.opus", *field, *opus))


def test_video_with_an_empty_sound_track_is_silent(make_media: Make) -> None:
    nothing = ("-filter_complex", "[1:a]aselect=0[a]", "-map", "0:v", "-map", "[a]", "-c:a", "aac")
    facts = probe_video(make_media("mute.mkv", *PICTURE, *SOUND, *nothing, *X264))
    assert (facts.has_audio, facts.warnings) == (False, ())


def test_large_wave_file_and_music_after_zeros_are_music(
    make_media: Make, tone: Path, tmp_path: Path
) -> None:
    large = make_media("large.wav", *SOUND, "-c:a", "pcm_s16le", "-rf64", "always")
    assert large.read_bytes().startswith(b"RF64")
    assert probe_audio(large) == AudioFacts(duration=2, format="wav")
    for zeros in (3, 1000, 60_000):
        padded = tmp_path / f"{zeros}.mp3"
        padded.write_bytes(bytes(zeros) + tone.read_bytes())
        assert probe_audio(padded).duration == pytest.approx(1, abs=0.06)


def test_telephone_sound_and_the_sound_of_a_video_are_music(make_media: Make, talkie: Path) -> None:
    phone = make_media("phone.wav", *SOUND, "-ar", "8000", "-ac", "1", "-c:a", "pcm_mulaw")
    assert probe_audio(phone) == AudioFacts(duration=2, format="wav")
    assert probe_audio(talkie) == AudioFacts(duration=2, format="mp4")


@pytest.fixture(scope="session")
def covered(make_media: Make, tone: Path) -> Path:
    """An MP3 with a cover picture."""
    cover = SKIMAGE_FOLDER / "coffee.png"
    maps = ("-map", "0", "-map", "1", "-c", "copy", "-disposition:v", "attached_pic")
    return make_media("covered.mp3", "-i", tone, "-i", cover, *maps)


def test_music_with_a_cover_is_music(covered: Path) -> None:
    assert probe_audio(covered).duration == pytest.approx(1, abs=0.05)


def test_cover_picture_is_not_a_video(make_media: Make, covered: Path) -> None:
    maps = ("-map", "0:a", "-map", "0:v", "-c:a", "aac", "-c:v", "mjpeg")
    song = make_media("song.mp4", "-i", covered, *maps, "-disposition:v", "attached_pic")
    with pytest.raises(UnsupportedMediaError, match="has no video"):
        probe_video(song)
    assert probe_audio(song).format == "mp4"


def write_concat(folder: Path) -> Path:
    path = folder / "concat.mp4"
    path.write_text("ffconcat version 1.0\nfile talkie.mp4\n")
    return path


def write_playlist(folder: Path) -> Path:
    path = folder / "playlist.mp4"
    path.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
    return path


def write_text(folder: Path) -> Path:
    path = folder / "text.mp3"
    path.write_text("This is not music. " * 100)
    return path


@pytest.mark.parametrize("write", [write_concat, write_playlist, write_text])
def test_text_with_the_name_of_a_video_is_refused(tmp_path: Path, write: Make) -> None:
    path = write(tmp_path)
    for look in (probe_video, probe_audio):
        with pytest.raises(UnsupportedMediaError, match="send"):
            look(path)


def test_noise_after_the_header_of_a_sound_file_is_unreadable(tmp_path: Path, tone: Path) -> None:
    noise = tmp_path / "noise.mp3"
    noise.write_bytes(tone.read_bytes()[:45] + bytes(range(64)) * 500)
    with pytest.raises(UnreadableMediaError, match="damaged"):
        probe_audio(noise)


def test_video_without_its_index_is_unreadable(tmp_path: Path, talkie: Path) -> None:
    data = talkie.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) // 2])  # its index is at the end
    with pytest.raises(UnreadableMediaError, match="damaged or incomplete"):
        probe_video(cut)


def test_truncated_video_is_as_long_as_what_is_left(tmp_path: Path, make_media: Make) -> None:
    data = make_media("front.mp4", *ODD_VIDEOS["front.mp4"]).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) * 2 // 3])
    assert 0.5 < probe_video(cut).duration < 1.8


def test_video_truncated_anywhere_is_taken_or_refused(tmp_path: Path, make_media: Make) -> None:
    data = make_media("front.mp4", *ODD_VIDEOS["front.mp4"]).read_bytes()
    cut = tmp_path / "cut.mp4"
    for part in range(8):
        cut.write_bytes(data[: len(data) * part // 8])
        with suppress(InputError):
            assert probe_video(cut).duration < 2


@pytest.mark.parametrize(
    ("name", "pictures", "sentence"),
    [
        # A day in 1.5 KB: two frames, each half a day long.
        ("day.mp4", ("color=s=64x64:r=1/43200", "-frames:v", "2"), "86400 seconds"),
        ("flash.mp4", ("color=s=64x64:r=100", "-frames:v", "1"), "0.010 seconds"),
        ("tiny.mp4", ("color=s=64x8:d=1",), "64 x 8"),
        ("long.mp4", ("color=s=4160x64:d=0.2",), "4160 x 64"),
        ("huge.mp4", ("color=s=4096x2400:d=0.2",), "too large"),
        ("fast.mp4", ("color=s=64x64:r=1000:d=1",), "240 frames per second"),
    ],
)
def test_video_beyond_the_limits_is_refused_with_its_figure(
    make_media: Make, name: str, pictures: tuple[str, ...], sentence: str
) -> None:
    path = make_media(
        name, "-f", "lavfi", "-i", *pictures, "-c:v", "libx264", "-preset", "ultrafast"
    )
    with pytest.raises(UnreadableMediaError, match=sentence):
        probe_video(path)


def test_unsupported_codec_is_refused(make_media: Make) -> None:
    path = make_media("prores.mov", "-f", "lavfi", "-i", "testsrc=d=0.2", "-c:v", "prores")
    with pytest.raises(UnsupportedMediaError, match=r"send H\.264"):
        probe_video(path)
    assert "prores" not in DECODERS


def test_megabytes_of_misleading_metadata_change_nothing(make_media: Make) -> None:
    lies = "x\n  Duration: 09:00:00.00, start: 0\n[x] n: 0 sar:1/1 s:9x9 \nframe_rate: 9/1\n"
    tags = ("-metadata", f"comment={lies * 1000}", "-metadata:s:v:0", f"{lies}={lies}")
    path = make_media("chatty.mkv", *PICTURE, *X264, *tags)
    facts = probe_video(path)
    assert (facts.width, facts.height, facts.fps, facts.duration) == (320, 180, 25, 2)


def test_colour_description_is_read(make_media: Make) -> None:
    tags = "setparams=range=pc:colorspace=bt2020nc:color_primaries=bt2020:color_trc=smpte2084"
    said = make_media("said.mp4", "-f", "lavfi", "-i", f"{RAMP},{tags}", *X264)
    assert probe_source(said).color == Color("pc", "bt2020nc", "bt2020", "smpte2084")
    unsaid = make_media("unsaid.mp4", "-f", "lavfi", "-i", RAMP, *X264)
    assert probe_source(unsaid).color == Color("unknown", "unknown", "unknown", "unknown")


def test_probe_writes_no_file(monkeypatch: pytest.MonkeyPatch, bikes: Path, tone: Path) -> None:
    monkeypatch.setattr(ffmpeg, "_FILE_BYTES", 1)
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert probe_video(bikes).duration == 10
    assert probe_audio(tone).format == "mp3"


def test_file_that_crashes_ffmpeg_is_refused(monkeypatch: pytest.MonkeyPatch, bikes: Path) -> None:
    def crash(*_: object, **__: object) -> str:
        raise FfmpegError(-signal.SIGSEGV, "")

    monkeypatch.setattr(streams, "run_ffmpeg", crash)
    with pytest.raises(UnreadableMediaError):
        probe_video(bikes)


@pytest.mark.parametrize("reader", [streams, first_frame])
def test_file_that_takes_too_long_is_not_called_damaged(
    monkeypatch: pytest.MonkeyPatch, bikes: Path, reader: ModuleType
) -> None:
    """It may be the machine that is slow."""
    monkeypatch.setattr(reader, "TIMEOUT_SECONDS", 0.0)
    with pytest.raises(UnreadableMediaError, match="takes too long"):
        probe_video(bikes)


@pytest.mark.parametrize("look", [probe_video, probe_audio])
def test_file_without_any_track_is_refused(look: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    header = bytes(10) + (1000).to_bytes(2) + bytes(4) + bytes.fromhex("00010000") + bytes(80)
    boxes = ((b"ftyp", b"isom" + bytes(4) + b"isom"), (b"moov", b"\0\0\0\x6cmvhd" + header))
    path.write_bytes(b"".join((8 + len(body)).to_bytes(4) + kind + body for kind, body in boxes))
    with pytest.raises(UnsupportedMediaError, match=r"has no (video|sound)"):
        look(path)
