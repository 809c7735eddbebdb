"""Music trimmed, joined, looped and normalised, checked sample by sample after decoding."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import skimage.data

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.planning.soundtrack import RATE, Track
from reelqueue.render.audio import encode as audio
from reelqueue.render.audio.aac import AAC_FRAME_SAMPLES
from reelqueue.render.audio.encode import encode_audio
from reelqueue.render.ffmpeg import run as ffmpeg
from reelqueue.render.ffmpeg.probe import probe_audio
from reelqueue.render.ffmpeg.run import FfmpegError, find_ffmpeg, run_ffmpeg
from tests.render.conftest import TEST_PICTURE, TONE, Make, find_ffmpegs, measure_loudness

pytestmark = pytest.mark.render

Samples = npt.NDArray[np.int64]


def encode(
    source: Path,
    output: Path,
    *,
    duration: float = 6,
    volume: float = 1,
    on_progress: Callable[[int], None] | None = None,
) -> None:
    """Encode one file's sound."""
    track = Track(source, probe_audio(source).duration)
    encode_audio([track], output, duration=duration, volume=volume, on_progress=on_progress)


@pytest.fixture(scope="session")
def tune(make_media: Make) -> Path:
    """Six seconds of two tones, as loud at the end as at the start."""
    voices = "aevalsrc=0.2*sin(2*PI*330*t)+0.1*sin(2*PI*555*t):d=6:s=48000"
    return make_media("tune.mp3", "-f", "lavfi", "-i", voices, "-c:a", "libmp3lame")


def hear(path: Path) -> Samples:
    """Return the samples of a file as `(channels, samples)`."""
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-i", str(path), "-f", "s16le", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, "<i2").reshape(-1, 2).T.astype(np.int64)


def describe(path: Path) -> str:
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", "-i", str(path)]
    return subprocess.run(command, check=False, capture_output=True).stderr.decode()


def loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2)))


@pytest.mark.parametrize(
    ("source", "duration"),
    [
        ("tone", 0.2),
        ("tone", 0.7),
        ("tone", 5.005),
        ("bunny", 3.0),
        ("bunny", 7.0),
        ("talkie", 2.0),
    ],
)
def test_music_lasts_as_long_as_the_video_and_never_longer(
    request: pytest.FixtureRequest, tmp_path: Path, source: str, duration: float
) -> None:
    output = tmp_path / "music.m4a"
    encode(request.getfixturevalue(source), output, duration=duration)
    samples = hear(output).shape[1]
    assert 0 <= duration * RATE - samples < AAC_FRAME_SAMPLES
    assert [file.name for file in tmp_path.iterdir()] == ["music.m4a"]


def test_music_is_stereo_aac_at_48_khz(tmp_path: Path, talkie: Path) -> None:
    output = tmp_path / "music.m4a"
    encode(talkie, output, duration=2)
    assert "Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo" in describe(output)
    left, right = hear(output)
    assert loudness(left - right) < 0.01 * loudness(left)


def test_short_music_loops(tmp_path: Path, tune: Path) -> None:
    output = tmp_path / "music.m4a"
    encode(tune, output, duration=15)
    left = hear(output)[0]
    tenths = left[: 13 * RATE].reshape(-1, RATE // 10)
    assert min(map(loudness, tenths)) > 0.5 * loudness(left[: 13 * RATE])


def test_longer_music_fades_out_at_the_end(tmp_path: Path, tune: Path) -> None:
    output = tmp_path / "music.m4a"
    encode(tune, output, duration=4.4)
    left = hear(output)[0]
    quarters = [loudness(part) for part in np.array_split(left[-RATE:], 4)]
    assert quarters == sorted(quarters, reverse=True)
    assert np.abs(left[-480:]).max() < 0.03 * np.abs(left).max()


def test_music_that_ends_with_the_video_keeps_its_own_end(tmp_path: Path, tune: Path) -> None:
    output = tmp_path / "music.m4a"
    encode(tune, output, duration=6)
    left = hear(output)[0]
    assert loudness(left[-RATE // 2 :]) > 0.8 * loudness(left)


def test_tracks_follow_each_other_within_their_ranges(tmp_path: Path, make_media: Make) -> None:
    """The frequency of a sweep, which rises by 100 Hz per second, tells the time."""
    sweep = ("-f", "lavfi", "-i", "aevalsrc=0.3*sin(2*PI*(300*t+50*t*t)):d=20:s=48000")
    path = make_media("sweep.flac", *sweep)
    tracks = [Track(path, 20, 2, 7), Track(path, 20, 12, 18.5)]
    output = tmp_path / "music.m4a"
    encode_audio(tracks, output, duration=9.5)
    left = hear(output)[0]
    for second, expected in ((0, 500), (2, 700), (5, 300 + 100 * 14), (7, 300 + 100 * 16)):
        tenth = left[round((second + 0.1) * RATE) :][: RATE // 5]
        pitch = np.abs(np.fft.rfft(tenth)).argmax() * 5
        assert pitch == pytest.approx(expected + 20, abs=15)


LOUD = "aevalsrc=1.2*sin(2*PI*110*t)*sin(2*PI*440*t)+0.5*sin(2*PI*3000*t):d=6:s=48000"
QUIET = "anoisesrc=c=pink:a=0.1:d=6:r=48000:seed=1"
DRUMS = (
    "anoisesrc=c=pink:a=0.9:d=6:r=48000:seed=2,lowpass=f=8000,asetnsamples=64,"
    "volume='exp(-12*mod(t,0.5))':eval=frame"
)


@pytest.mark.parametrize("sound", [LOUD, QUIET, DRUMS], ids=["loud", "quiet", "drums"])
@pytest.mark.parametrize("duration", [4.0, 6.0, 20.0])
def test_music_has_the_loudness_of_video_services(
    tmp_path: Path, make_media: Make, sound: str, duration: float
) -> None:
    output = tmp_path / "music.m4a"
    encode(make_media("sound.flac", "-f", "lavfi", "-i", sound), output, duration=duration)
    integrated, peak = measure_loudness(output)
    assert integrated == pytest.approx(-14, abs=1)
    assert peak <= -1


def test_sound_of_a_film_is_as_loud_as_music(tmp_path: Path, bunny: Path) -> None:
    """The film is about 20 dB too quiet, with a few loud moments."""
    encode(bunny, tmp_path / "music.m4a", duration=12)
    integrated, peak = measure_loudness(tmp_path / "music.m4a")
    assert integrated == pytest.approx(-14, abs=1)
    assert peak <= -1


def test_tracks_are_equally_loud(tmp_path: Path, make_media: Make) -> None:
    sounds = [make_media("sound.flac", "-f", "lavfi", "-i", sound) for sound in (LOUD, QUIET)]
    output = tmp_path / "music.m4a"
    encode_audio([Track(sound, 6) for sound in sounds], output, duration=10)
    halves = []
    for name, start in (("first.wav", 0), ("second.wav", 6)):
        part = make_media(name, "-ss", str(start), "-t", "4", "-i", output)
        halves.append(measure_loudness(part)[0])
    assert halves[0] == pytest.approx(halves[1], abs=1)


def test_loudness_is_that_of_the_part_that_is_played(tmp_path: Path, make_media: Make) -> None:
    swell = f"{QUIET},volume='if(lt(t,3),8,1)':eval=frame"
    path = make_media("swell.flac", "-f", "lavfi", "-i", swell)
    output = tmp_path / "music.m4a"
    encode_audio([Track(path, 6, 3.5, 5.5)], output, duration=2)
    assert measure_loudness(output)[0] == pytest.approx(-14, abs=1.5)  # a quarter of it fades out


@pytest.mark.parametrize(("volume", "lufs"), [(0.5, -20), (0.1, -34), (1.5, -10.5)])
def test_volume_scales_the_amplitude(
    tmp_path: Path, make_media: Make, volume: float, lufs: float
) -> None:
    quiet = make_media("sound.flac", "-f", "lavfi", "-i", QUIET)
    encode(quiet, tmp_path / "music.m4a", duration=6, volume=volume)
    assert measure_loudness(tmp_path / "music.m4a")[0] == pytest.approx(lufs, abs=1)


def test_volume_of_0_is_silence(tmp_path: Path, tune: Path) -> None:
    encode(tune, tmp_path / "music.m4a", duration=2, volume=0)
    assert not hear(tmp_path / "music.m4a").any()


def test_silent_music_stays_silent(tmp_path: Path, make_media: Make) -> None:
    silence = make_media("silence.wav", "-f", "lavfi", "-i", "anullsrc=r=48000:d=2")
    encode(silence, tmp_path / "music.m4a", duration=3)
    assert not hear(tmp_path / "music.m4a").any()


FORMATS = {
    "song.mp3": ("-c:a", "libmp3lame"),
    "song.m4a": ("-c:a", "aac"),
    "song.aac": ("-c:a", "aac", "-f", "adts"),
    "song.wav": ("-c:a", "pcm_s24le"),
    "song.flac": ("-c:a", "flac"),
    "song.ogg": ("-c:a", "libvorbis"),
    "song.opus": ("-c:a", "libopus"),
    "song.webm": ("-c:a", "libopus"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_heard_in_full(tmp_path: Path, make_media: Make, name: str) -> None:
    song = make_media(name, "-f", "lavfi", "-i", LOUD, *FORMATS[name])
    assert probe_audio(song).duration == pytest.approx(6, abs=0.06)
    encode(song, tmp_path / "music.m4a", duration=6)
    left = hear(tmp_path / "music.m4a")[0]
    assert min(map(loudness, left[: 58 * RATE // 10].reshape(29, -1))) > 0.5 * loudness(left)


def test_recording_without_a_duration_is_heard_in_full(tmp_path: Path, make_media: Make) -> None:
    """Browsers record like this: a WebM without a duration in its header."""
    song = make_media("live.webm", "-f", "lavfi", "-i", LOUD, "-c:a", "libopus", "-live", "1")
    assert "Duration: N/A" in describe(song)
    assert probe_audio(song).duration == pytest.approx(6, abs=0.05)
    encode(song, tmp_path / "music.m4a", duration=6)
    left = hear(tmp_path / "music.m4a")[0]
    assert loudness(left[-RATE:]) > 0.8 * loudness(left)


def test_cover_picture_is_not_heard(tmp_path: Path, make_media: Make, tune: Path) -> None:
    cover = Path(skimage.data.__file__).parent / "coffee.png"
    maps = ("-map", "0", "-map", "1", "-c", "copy", "-disposition:v", "attached_pic")
    encode(make_media("covered.mp3", "-i", tune, "-i", cover, *maps), tmp_path / "a.m4a")
    encode(tune, tmp_path / "b.m4a")
    assert np.array_equal(hear(tmp_path / "a.m4a"), hear(tmp_path / "b.m4a"))


def test_sound_that_begins_late_in_a_video_keeps_its_time(tmp_path: Path, make_media: Make) -> None:
    inputs = ("-f", "lavfi", "-i", TEST_PICTURE, "-itsoffset", "1", "-f", "lavfi", "-i", TONE)
    late = make_media("late.mp4", *inputs, "-c:v", "libx264", "-pix_fmt", "yuv420p")
    encode(late, tmp_path / "music.m4a", duration=3)
    left = hear(tmp_path / "music.m4a")[0]
    assert loudness(left[: RATE * 9 // 10]) < 0.01 * loudness(left[RATE : 2 * RATE])


def test_telephone_sound_becomes_stereo(tmp_path: Path, make_media: Make) -> None:
    tone = ("-f", "lavfi", "-i", "sine=f=440:d=1:r=8000")
    phone = make_media("mono.wav", *tone, "-ac", "1", "-ar", "8000")
    encode(phone, tmp_path / "music.m4a", duration=2)
    left, right = hear(tmp_path / "music.m4a")
    assert loudness(left - right) < 0.01 * loudness(left)
    assert loudness(left) > 1000


def test_tags_are_left_behind(tmp_path: Path, make_media: Make) -> None:
    tone = ("-f", "lavfi", "-i", "sine=d=1")
    tagged = make_media("tagged.mp3", *tone, "-metadata", "title=Secret", "-metadata", "artist=Me")
    assert "Secret" in describe(tagged)
    encode(tagged, tmp_path / "music.m4a", duration=1)
    assert "Secret" not in describe(tmp_path / "music.m4a")
    assert "Lavf" not in describe(tmp_path / "music.m4a")


def test_damaged_music_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 3)
    with pytest.raises(UnreadableMediaError, match="damaged"):
        encode_audio([Track(broken, 1)], tmp_path / "music.m4a", duration=1)
    assert [file.name for file in tmp_path.iterdir()] == ["broken.mp3"]
    assert not find_ffmpegs()


def test_full_disk_is_not_blamed_on_the_music(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tone: Path
) -> None:
    def run_on_a_full_disk(arguments: Sequence[str], *, timeout: float, **_: object) -> str:
        full = ["/dev/full" if name.endswith(".pcm") else name for name in arguments]
        return run_ffmpeg(full, timeout=timeout, cwd=Path("/dev"))

    monkeypatch.setattr(audio, "run_ffmpeg", run_on_a_full_disk)
    with pytest.raises(FfmpegError) as caught:
        encode(tone, tmp_path / "music.m4a", duration=1)
    assert caught.value.exit_code > 0
    assert not list(tmp_path.iterdir())


def test_signal_that_ends_ffmpeg_is_not_blamed_on_the_music(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tone: Path
) -> None:
    monkeypatch.setattr(ffmpeg, "_FILE_BYTES", 1000)
    with pytest.raises(FfmpegError) as caught:
        encode(tone, tmp_path / "music.m4a", duration=1)
    assert caught.value.exit_code == -signal.SIGXFSZ
    assert not list(tmp_path.iterdir())


def test_exception_from_on_progress_ends_the_music(tmp_path: Path, tone: Path) -> None:
    def stop(_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        encode(tone, tmp_path / "music.m4a", duration=1, on_progress=stop)
    assert not list(tmp_path.iterdir())
    assert not find_ffmpegs()


def test_text_is_refused_as_music(tmp_path: Path) -> None:
    text = tmp_path / "text.mp3"
    text.write_text("not music")
    with pytest.raises(UnsupportedMediaError):
        encode_audio([Track(text, 1)], tmp_path / "music.m4a", duration=1)
