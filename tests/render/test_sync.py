"""Sound and pictures of clips come together, and each picture is shown, whatever the source."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import psutil
import pytest

from reelqueue.errors import InvalidSpecError
from reelqueue.media.facts import RenderFacts, RenderStage
from reelqueue.planning.soundtrack import Track
from reelqueue.render.audio.encode import encode_audio
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.probe import probe_audio, probe_video
from reelqueue.render.ffmpeg.source import probe_source
from reelqueue.render.preflight import check_clip
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.clips.sound import ClipAudio
from tests.render.conftest import Make, find_ffmpegs, join_files
from tests.render.flashes import (
    BEEPS,
    FAST_BEEPS,
    SLOW_BEEPS,
    Shown,
    make_master,
    read_clip,
)

pytestmark = pytest.mark.render

IN_SYNC = 0.02  # seconds
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "10", "-pix_fmt", "yuv420p")

View = Callable[..., tuple[RenderFacts, Shown]]


@pytest.fixture
def view(tmp_path: Path) -> View:
    """Return a function that renders a clip and reads it: `view(source, start=1.0)`."""

    def render(source: Path, **choices: object) -> tuple[RenderFacts, Shown]:
        spec = ClipSpec.model_validate({"aspect": "original", **choices})
        clip = tmp_path / "clip.mp4"
        facts = render_clip(
            source, spec, clip, preset="ultrafast", on_progress=lambda *_, **__: None
        )
        return facts, read_clip(clip, facts)

    return render


def make_inputs(fps: str, seconds: float = 4, beeps: str = BEEPS) -> tuple[str, ...]:
    pictures = ("-f", "lavfi", "-i", make_master(fps, seconds))
    return (*pictures, "-f", "lavfi", "-i", beeps, "-t", str(seconds))


@pytest.fixture(scope="session")
def talk(make_media: Make) -> Path:
    """Four seconds of 30 frames each."""
    return make_media("talk.mp4", *make_inputs("30"), *X264, "-bf", "2", "-g", "30")


@pytest.fixture(scope="session")
def odd(make_media: Make, talk: Path) -> dict[str, Path]:
    """The talk with what goes wrong in recordings."""

    def copy(name: str, *options: str | Path) -> Path:
        return make_media(name, *options, "-c", "copy")

    lost = "noise=drop='eq(n,45)+between(n,60,63)+between(n,120,130)'"
    slow, fast = (f"setts=pts=PTS*48000/{rate}:dts=DTS*48000/{rate}" for rate in (47_800, 48_200))
    jitter = "select='gt(random(0),0.05)+eq(n,0)',settb=1/90000,setpts='PTS+gt(N,0)*random(1)*{}'"
    jittery = ("-fps_mode", "passthrough", "-enc_time_base", "1/90000", *X264, "-bf", "0")
    return {
        "whole": talk,
        "lost packets": copy("lost.mkv", "-i", talk, "-bsf:a", lost),
        "drift": make_media("drift.mkv", *make_inputs("30", 4, SLOW_BEEPS), *X264, "-bsf:a", slow),
        "fast clock": make_media(
            "fast.mkv", *make_inputs("30", 4, FAST_BEEPS), *X264, "-bsf:a", fast
        ),
        "negative start": copy("cut.mp4", "-ss", "0.62", "-i", talk),
        "phone of 60": make_media(
            "phone60.mp4", *make_inputs("60"), "-filter:v", jitter.format(500), *jittery
        ),
        "phone of 30": make_media(
            "phone30.mp4", *make_inputs("30"), "-filter:v", jitter.format(900), *jittery
        ),
        "slow": make_media("slow.mp4", *make_inputs("10"), *X264),
    }


@pytest.mark.parametrize(
    ("name", "start", "fps", "shown"),
    [
        # the start, frames a second, and the numbers of the source's frames that are shown
        ("whole", 0.47, 30, range(14, 120)),
        ("lost packets", 0.0, 30, range(120)),
        ("lost packets", 0.513, 30, range(15, 120)),
        ("drift", 0.0, 30, range(120)),
        ("fast clock", 0.0, 30, range(120)),
        ("fast clock", 1.513, 30, range(45, 120)),
        ("negative start", 0.0, 30, range(19, 120)),
        ("negative start", 0.77, 30, range(42, 120)),
        ("phone of 60", 0.0, 60, None),
        ("phone of 60", 1.613, 60, None),
        ("phone of 30", 0.513, 30, None),
        ("slow", 0.53, 10, range(5, 40)),
    ],
)
def test_beeps_stay_with_their_flashes_and_each_picture_is_shown(
    view: View, odd: dict[str, Path], name: str, start: float, fps: int, shown: range | None
) -> None:
    facts, clip = view(odd[name], start=start)
    assert facts.fps == fps
    assert len(clip.flashes) >= 2
    assert clip.measure_offsets() == pytest.approx([0] * len(clip.measure_offsets()), abs=IN_SYNC)
    assert clip.codes == sorted(clip.codes)
    if shown is not None:
        assert set(clip.codes) == set(shown)
        return
    first, *_ = clip.codes
    _, whole = view(odd[name])
    assert set(clip.codes) == {code for code in whole.codes if code >= first}
    assert len(set(whole.codes)) == len(probe_source(odd[name]).times.ticks)


def test_clip_that_begins_where_sound_was_lost_is_silent_until_it_comes_back(
    view: View, odd: dict[str, Path]
) -> None:
    facts, clip = view(odd["lost packets"], start=2.6)
    assert clip.sound == pytest.approx(facts.duration, abs=0.001)
    ((beep, second),) = clip.beeps
    assert second == 3
    assert beep == pytest.approx(0.4, abs=IN_SYNC)


@pytest.mark.parametrize("name", ["phone of 30", "phone of 60", "negative start"])
def test_dry_run_says_what_a_clip_will_be(view: View, odd: dict[str, Path], name: str) -> None:
    choices = {"start": 0.3, "end": 2.71, "aspect": "original"}
    said = check_clip(odd[name], ClipSpec.model_validate(choices))
    facts, _ = view(odd[name], **choices)
    assert (said.frames, said.fps, said.duration) == (facts.frames, facts.fps, facts.duration)


def test_sound_that_starts_late_or_early_keeps_its_distance(
    view: View, make_media: Make, talk: Path
) -> None:
    apart = ("-itsoffset", "0.4", "-i", talk)
    late = make_media("a.mp4", "-i", talk, *apart, "-map", "0:v", "-map", "1:a", "-c", "copy")
    early = make_media("v.mkv", *apart, "-i", talk, "-map", "0:v", "-map", "1:a", "-c", "copy")
    assert view(late, start=0.4, end=3)[1].measure_offsets() == pytest.approx([0.4] * 2, abs=0.005)
    assert view(early, end=3)[1].measure_offsets() == pytest.approx([-0.4] * 2, abs=0.005)


def test_sound_is_heard_before_the_first_picture_that_can_be_decoded(
    view: View, make_media: Make, talk: Path
) -> None:
    lost = ("-bsf:v", "noise=drop='eq(n,0)+eq(n,30)+eq(n,60)'")
    _, clip = view(make_media("keyless.mp4", "-i", talk, "-c", "copy", *lost), start=1.5)
    assert [second for _, second in clip.beeps] == [2, 3]
    assert [beep for beep, _ in clip.beeps] == pytest.approx([0.5, 1.5], abs=IN_SYNC)
    assert set(clip.codes[:45]) == {90}


@pytest.mark.parametrize(("start", "codes"), [(0.0, range(60)), (1.2, range(36, 60)), (2.6, [59])])
def test_last_picture_stays_while_sound_goes_on(
    view: View, make_media: Make, start: float, codes: range | list[int]
) -> None:
    short = make_inputs("30", 2)[:4]
    longer = make_media("longer.mp4", *short, *make_inputs("30")[4:], *X264)
    assert probe_video(longer).duration == 4
    facts, clip = view(longer, start=start)
    assert facts.duration == pytest.approx(4 - start)
    assert set(clip.codes) == set(codes)
    assert clip.sound == pytest.approx(4 - start, abs=0.001)
    assert clip.beeps[-1] == pytest.approx((3 - start, 3), abs=0.01)


def test_video_that_was_trimmed_without_encoding_is_as_long_as_it_is_shown(
    view: View, talk: Path, tmp_path: Path
) -> None:
    """Its edit list leaves out what comes before and after (ISO 14496-12, 8.6.6)."""
    facts, shown = view(trim(talk, tmp_path / "trimmed.mp4", start=1, seconds=2))
    assert facts.duration == 2
    assert shown.codes == list(range(30, 90))
    assert [second for _, second in shown.beeps] == [1, 2]
    assert shown.measure_offsets() == pytest.approx([0], abs=IN_SYNC)


def trim(source: Path, output: Path, start: int, seconds: int) -> Path:
    """Write an MP4 whose edit lists, of one edit each, show a part only."""
    data = bytearray(source.read_bytes())

    def read(at: int) -> int:
        return int.from_bytes(data[at : at + 4], "big")

    ticks = read(data.index(b"mvhd") + 16)
    for found in re.finditer(b"elst", bytes(data)):
        at = found.start()
        media_ticks = read(data.index(b"mdhd", at) + 16)
        edit = seconds * ticks, read(at + 16) + start * media_ticks
        struct.pack_into(">II", data, at + 12, *edit)
    output.write_bytes(data)
    return output


@pytest.mark.parametrize("start", [0.0, 3.0])
def test_silence_fills_the_track_of_sound_that_ends_early(
    view: View, make_media: Make, start: float
) -> None:
    source = make_media("shorter.mp4", *make_inputs("30"), "-af", "atrim=end=2.5", *X264)
    facts, clip = view(source, start=start)
    assert facts.duration == clip.sound == 4 - start
    assert [second for _, second in clip.beeps] == ([1, 2] if start == 0 else [])


@pytest.mark.parametrize(("late", "start"), [(0.0, 3.2), (55.0, 0.0)])
def test_pictures_do_not_wait_in_memory_for_sound(
    make_media: Make, tmp_path: Path, late: float, start: float
) -> None:
    """Sound ends before the clip, or begins late in it: decoded, its pictures take 0.8 GB."""
    pictures = ("-f", "lavfi", "-i", "color=navy:s=640x480:r=30:d=60")
    sound = ("-itsoffset", str(late), "-f", "lavfi", "-i", f"{BEEPS}:d=2.5")
    source = make_media("apart.mkv", *pictures, *sound, *X264, "-g", "30")
    most = 0

    def look(done: int, total: int, stage: RenderStage) -> None:  # noqa: ARG001
        nonlocal most
        with suppress(psutil.NoSuchProcess):  # it has just ended
            most = max([most, *(process.memory_info().rss for process in find_ffmpegs())])

    spec = ClipSpec(start=start, resolution="640x480")  # none of its pictures is copied
    facts = render_clip(source, spec, tmp_path / "clip.mp4", preset="ultrafast", on_progress=look)
    assert 0 < most < 400 << 20
    assert probe_audio(tmp_path / "clip.mp4").duration == pytest.approx(facts.duration, abs=0.03)


def test_pictures_of_a_screen_recording_come_at_their_times(view: View, make_media: Make) -> None:
    """Each second, pictures come for 0.3 seconds; the last one stays until the next second."""
    burst = ("-filter:v", "select='lt(mod(n,30),9)'", "-fps_mode", "vfr")
    vp8 = ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "2M", "-c:a", "libopus")
    facts, clip = view(make_media("screen.webm", *make_inputs("30"), *burst, *vp8), start=0.47)
    assert facts.fps == 30
    assert facts.duration == pytest.approx(4 - 0.47, abs=1 / 30)  # the last picture came at 3.27
    assert clip.sound == pytest.approx(facts.duration, abs=0.001)
    times = [14 + frame for frame in range(facts.frames)]
    assert clip.codes == [min(time, time // 30 * 30 + 8) for time in times]
    assert clip.measure_offsets() == pytest.approx([0] * 3, abs=IN_SYNC)


@pytest.mark.parametrize("fps", ["1", "1/3", "5"])
def test_slow_video_is_cut_where_it_is_ordered(view: View, make_media: Make, fps: str) -> None:
    source = make_media("slideshow.mp4", *make_inputs(fps, 6), *X264)
    facts, clip = view(source, start=0.53, end=4.9)
    assert facts.fps >= 24
    assert facts.duration == pytest.approx(4.37, abs=0.021)
    middles = [0.53 + (frame + 0.5) / facts.fps for frame in range(facts.frames)]
    at_change = 0.5 / facts.fps
    for middle, code in zip(middles, clip.codes, strict=True):
        assert code in {int((middle + shift) * Fraction(fps)) for shift in (-at_change, at_change)}
    assert (clip.beeps[0][0] + 0.53, clip.beeps[0][1]) == pytest.approx((1, 1), abs=0.021)


def test_many_tracks_and_subtitles_first_change_nothing(
    view: View, make_media: Make, talk: Path, tmp_path: Path
) -> None:
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,500 --> 00:00:01,500\nHello\n")
    maps = [*("-map", "1") * 40, "-map", "0:v", "-map", "0:a"]
    source = make_media("tracks.mkv", "-i", talk, "-i", words, *maps, "-c", "copy", "-c:s", "srt")
    facts, clip = view(source)
    assert (facts.frames, facts.warnings) == (120, None)
    assert clip.measure_offsets() == pytest.approx([0, 0, 0], abs=IN_SYNC)


SOUNDS = {
    "ac3.mkv": ("ac3",),
    "eac3.mp4": ("eac3",),
    "dts.mkv": ("dca", "-strict", "-2"),
    "truehd.mkv": ("truehd", "-strict", "-2"),
    "mp2.mkv": ("mp2",),
    "alac.mov": ("alac",),
    "wma.mkv": ("wmav2",),
    "adpcm.mov": ("adpcm_ima_qt",),
    "recorder.mkv": ("adpcm_ms",),
    "recorder2.mkv": ("adpcm_ima_wav",),
    "camera.mov": ("pcm_s16be",),
    "phone.3gp": ("libopencore_amrnb", "-ar", "8000", "-ac", "1"),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_sound_of_cameras_phones_and_players_is_heard(
    view: View, make_media: Make, tmp_path: Path, name: str
) -> None:
    """In a clip, and as the music of a slideshow."""
    source = make_media(name, *make_inputs("30", 2), *X264, "-c:a", *SOUNDS[name])
    said = probe_video(source)
    assert (said.has_audio, said.warnings) == (True, ())
    facts, clip = view(source)
    music = tmp_path / "music.m4a"
    encode_audio([Track(source, probe_audio(source).duration)], music, duration=2)
    assert probe_audio(music).duration == pytest.approx(2, abs=0.03)
    for heard in (clip, read_clip(music, facts)):
        ((beep, second),) = heard.beeps
        assert second == 1
        assert beep == pytest.approx(1, abs=IN_SYNC)


def test_track_that_is_marked_as_default_is_heard(
    view: View, make_media: Make, talk: Path, tmp_path: Path
) -> None:
    silent = ("-f", "lavfi", "-i", "anullsrc=r=48000:d=4")
    maps = ("-map", "0:v", "-map", "1:a", "-map", "0:a", "-c:v", "copy", "-t", "4")
    chosen = ("-disposition:a:0", "0", "-disposition:a:1", "default")
    for extension in ("mp4", "mkv"):
        source = make_media(f"second.{extension}", "-i", talk, *silent, *maps, *chosen)
        assert [second for _, second in view(source)[1].beeps] == [1, 2, 3]
    encode_audio([Track(source, 4.0)], tmp_path / "music.m4a", duration=4)
    heard = read_clip(tmp_path / "music.m4a", view(talk)[0])
    assert [second for _, second in heard.beeps] == [1, 2, 3]


def test_clip_has_the_track_that_is_asked_for_or_no_sound(
    view: View, make_media: Make, talk: Path
) -> None:
    silent = ("-f", "lavfi", "-i", "anullsrc=r=48000:d=4")
    maps = ("-map", "0:v", "-map", "1:a", "-map", "0:a", "-c:v", "copy", "-t", "4")
    source = make_media("two.mkv", "-i", talk, *silent, *maps)
    assert probe_video(source).sound_tracks == 2
    assert view(source, audio={"track": 1})[1].beeps == []
    assert [second for _, second in view(source, audio={"track": 2})[1].beeps] == [1, 2, 3]
    assert view(source, audio={"mute": True})[1].sound == 0
    for check in (view, lambda video, **choices: check_clip(video, ClipSpec(**choices))):
        with pytest.raises(InvalidSpecError, match="has 2 sound tracks") as caught:
            check(source, audio=ClipAudio(track=3))
        assert caught.value.field == "audio.track"


def test_clip_says_what_is_not_heard(view: View, make_media: Make) -> None:
    source = make_media("wavpack.mkv", *make_inputs("30", 1), *X264, "-c:a", "wavpack")
    facts, clip = view(source)
    assert facts.warnings == probe_video(source).warnings
    assert clip.sound == 0


@pytest.fixture(scope="session", params=["small", "large"])
def resized(request: pytest.FixtureRequest, make_media: Make) -> Path:
    """The talk of a window that was shared while it became larger, and of one that is high."""
    heights = {"small": (48, 96), "large": (1104, 2208)}[request.param]
    vp8 = ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "2M", "-g", "30")
    times = ("trim=end=2", "trim=start=2,setpts=PTS-STARTPTS")
    parts = [
        make_media(
            *(f"{height}.webm", "-f", "lavfi", "-i"),
            f"{make_master('30')},{time},scale={width}:{height}:flags=neighbor",
            *vp8,
        )
        for width, height, time in zip((160, 320), heights, times, strict=True)
    ]
    sound = ("-f", "lavfi", "-i", BEEPS, "-t", "4", "-map", "0:v", "-map", "1:a", "-c:v", "copy")
    return join_files(make_media, "resized.webm", *parts, *sound, "-c:a", "libopus")


@pytest.fixture(scope="session")
def remixed(make_media: Make, talk: Path) -> Path:
    """The talk as it is broadcast: after a film in 5.1 comes one in stereo, at another rate."""
    beeps = ("-f", "lavfi", "-i", BEEPS, "-af")
    first = make_media("six.ac3", *beeps, "atrim=end=2.016,aformat=channel_layouts=5.1")
    rest = "atrim=start=2.016,asetpts=PTS-STARTPTS,aformat=channel_layouts=stereo"
    second = make_media("two.ac3", *beeps, rest, "-t", "1.984", "-ar", "44100")
    sound = first.with_name("both.ac3")
    sound.write_bytes(first.read_bytes() + second.read_bytes())
    both = ("-i", talk, "-i", sound, "-map", "0:v", "-map", "1:a", "-c", "copy")
    return make_media("remixed.mkv", *both)


@pytest.mark.parametrize("start", [0.0, 1.6, 2.5])
def test_pictures_that_change_their_size_go_on(view: View, resized: Path, start: float) -> None:
    cue = {"start": 0.0, "end": 9.0, "text": "on"}
    facts, clip = view(resized, start=start)
    worded, _ = view(resized, start=start, captions=[cue])
    assert (facts.fps, facts.frames) == (worded.fps, worded.frames) == (30, round(120 - 30 * start))
    assert set(clip.codes) == set(range(round(30 * start), 120))
    assert clip.measure_offsets() == pytest.approx([0] * len(clip.flashes), abs=IN_SYNC)


@pytest.mark.parametrize("start", [0.0, 1.6, 2.5])
def test_sound_that_changes_its_channels_goes_on(view: View, remixed: Path, start: float) -> None:
    facts, clip = view(remixed, start=start)
    assert facts.frames == 120 - 30 * start
    assert clip.sound == facts.duration
    assert clip.measure_offsets() == pytest.approx([0] * len(clip.flashes), abs=IN_SYNC)
    assert [second for _, second in clip.beeps] == [n for n in (1, 2, 3) if n > start]


def test_music_that_changes_its_channels_goes_on(
    view: View, remixed: Path, talk: Path, tmp_path: Path
) -> None:
    encode_audio([Track(remixed, 4.0)], tmp_path / "music.m4a", duration=4)
    heard = read_clip(tmp_path / "music.m4a", view(talk, end=0.5)[0])
    assert [second for _, second in heard.beeps] == [1, 2, 3]
    assert [time for time, _ in heard.beeps] == pytest.approx([1, 2, 3], abs=IN_SYNC)


def test_music_follows_its_timestamps(odd: dict[str, Path], tmp_path: Path, view: View) -> None:
    for name in ("lost packets", "drift", "fast clock"):
        duration = probe_audio(odd[name]).duration
        encode_audio([Track(odd[name], duration)], tmp_path / "music.m4a", duration=4)
        heard = read_clip(tmp_path / "music.m4a", view(odd["whole"], end=0.5)[0])
        assert [time for time, _ in heard.beeps] == pytest.approx([1, 2, 3], abs=IN_SYNC)
