"""Analyses of videos whose scenes, silences and loudness are known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reelqueue.errors import (
    RenderCanceledError,
    RenderError,
    UnreadableMediaError,
    UnsupportedMediaError,
)
from reelqueue.media.facts import RenderStage, Span
from reelqueue.planning.analysis.loudness import integrate_loudness, to_lufs
from reelqueue.render.analysis.pictures import Seen, watch_pictures
from reelqueue.render.analysis.sound import Heard, _Listener, hear_sound
from reelqueue.render.analyze import Analysis, analyze_video
from reelqueue.render.ffmpeg.source import probe_source
from reelqueue.specs.analysis import AnalysisSpec
from tests.conftest import PATIENCE_SECONDS
from tests.render.conftest import Make, find_ffmpegs, join_files, measure_loudness

pytestmark = pytest.mark.render

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
SCENES = (
    ("testsrc=s=320x180:r={rate}", 1.2),
    ("smptebars=s=320x180:r={rate}", 1.28),
    ("rgbtestsrc=s=320x180:r={rate}", 0.52),
    ("mandelbrot=s=320x180:r={rate}", 1.0),
)
CUTS = (1.2, 2.48, 3.0)
SPEECH = "between(t,0.5,1.5)+between(t,1.61,2.2)+between(t,3,3.6)"
SILENCES = ((0, 0.5), (2.2, 3), (3.6, 4))


def ignore(done: int, total: int, stage: RenderStage) -> None:
    """Ignore the progress."""


def analyze(source: Path, folder: Path, **choices: object) -> Analysis:
    return analyze_video(source, AnalysisSpec.model_validate(choices), folder, on_progress=ignore)


def list_edges(spans: Sequence[Span] | None) -> list[float]:
    assert spans is not None
    return [time for span in spans for time in (span.start, span.end)]


def flatten(spans: Sequence[tuple[float, float]]) -> list[float]:
    return [float(time) for span in spans for time in span]


def join_scenes(rate: str, scenes: Sequence[tuple[str, float]] = SCENES) -> tuple[str, ...]:
    """Return ffmpeg's arguments for a source of four scenes."""
    inputs = [
        argument
        for source, seconds in scenes
        for argument in ("-f", "lavfi", "-t", str(seconds), "-i", source.format(rate=rate))
    ]
    joined = "".join(f"[{number}:v]" for number in range(len(SCENES)))
    return (*inputs, "-filter_complex", f"{joined}concat=n={len(SCENES)}[v]", "-map", "[v]")


def make_speech(volume: float, noise: float = 0.0) -> str:
    """Return a source of sound that is modulated as speech is, with pauses."""
    voice = f"{volume}*({SPEECH})*(0.6+0.4*sin(2*PI*4*t))*sin(2*PI*300*t)"
    return f"aevalsrc='{voice}+{noise}*(2*random(0)-1)':s=48000:d=4"


@pytest.mark.parametrize("rate", ["25", "30000/1001", "50", "10"])
def test_scenes_begin_at_their_frames(make_media: Make, tmp_path: Path, rate: str) -> None:
    source = make_media(f"scenes{rate[:2]}.mp4", *join_scenes(rate), *X264)
    found = analyze(source, tmp_path).full
    assert found.scenes is not None
    starts = [scene.start for scene in found.scenes]
    slack = 1.01 / float(Fraction(rate)) if rate != "25" else 0.001
    assert starts == pytest.approx([0, *CUTS], abs=slack)
    assert found.scenes[-1].end == pytest.approx(found.duration, abs=0.001)


def test_scenes_of_a_real_film_are_found(bikes: Path, tmp_path: Path) -> None:
    """Seen by eye at frames 30, 76, 137, 187 and 242."""
    scenes = analyze(bikes, tmp_path).full.scenes
    assert scenes is not None
    assert [round(25 * scene.start) for scene in scenes] == [0, 30, 76, 137, 187, 242]


@pytest.mark.parametrize("name", ["bunny", "carphone"])
def test_one_shot_is_one_scene(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    scenes = analyze(request.getfixturevalue(name), tmp_path).full.scenes
    assert scenes is not None
    assert len(scenes) == 1


def test_scenes_of_a_variable_rate_are_at_their_times(make_media: Make, tmp_path: Path) -> None:
    """A screen recording that has a picture only where something changes."""
    held = "select='not(mod(n,7))+eq(n,30)+eq(n,62)+eq(n,75)'"
    inputs = join_scenes("25", [*SCENES[:3], ("testsrc2=s=320x180:r={rate}", 1.0)])
    filters = (*inputs[:-3], f"{inputs[-3].removesuffix('[v]')},{held}[v]", *inputs[-2:])
    source = make_media("vfr.mp4", *filters, "-fps_mode", "vfr", *X264)
    scenes = analyze(source, tmp_path).full.scenes
    assert scenes is not None
    assert [scene.start for scene in scenes] == pytest.approx([0, *CUTS], abs=0.05)


@pytest.mark.parametrize(
    ("volume", "noise"), [(0.9, 0), (0.9, 0.02), (0.01, 0), (0.01, 0.0005), (0.05, 0.003)]
)
def test_silences_are_found_however_loud_a_recording_is(
    make_media: Make, tmp_path: Path, volume: float, noise: float
) -> None:
    """A pause of 0.11 seconds is within a word."""
    sound = ("-f", "lavfi", "-i", make_speech(volume, noise))
    picture = ("-f", "lavfi", "-i", "color=gray:s=64x64:r=10:d=4")
    source = make_media("speech.mkv", *picture, *sound, *X264, "-c:a", "flac")
    edges = list_edges(analyze(source, tmp_path).full.silences)
    assert edges == pytest.approx(flatten(SILENCES), abs=0.05)


def test_steady_sound_has_no_silence(talkie: Path, tmp_path: Path) -> None:
    assert analyze(talkie, tmp_path).full.silences == ()


def test_sound_that_begins_late_and_ends_early_is_silent_there(
    make_media: Make, tmp_path: Path
) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=4")
    sound = ("-itsoffset", "1", "-f", "lavfi", "-i", "sine=f=440:d=1.5:r=48000")
    source = make_media("late.mp4", *picture, *sound, *X264)
    found = analyze(source, tmp_path).full
    assert list_edges(found.silences) == pytest.approx([0, 1, 2.5, 4], abs=0.05)
    assert {level for time, level in found.loudness if time < 0.9} == {-70}
    assert len(found.loudness) == 40


def test_sound_after_the_last_picture_is_heard_too(make_media: Make, tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=1")
    source = make_media("long.mp4", *picture, "-f", "lavfi", "-i", make_speech(0.5), *X264)
    found = analyze(source, tmp_path).full
    assert found.duration == pytest.approx(4, abs=0.05)
    assert list_edges(found.silences) == pytest.approx(flatten(SILENCES), abs=0.06)
    assert found.scenes is not None
    assert len(found.scenes) == 1


@pytest.mark.parametrize(
    ("name", "mix"),
    [
        ("bunny", "aformat=sample_fmts=fltp:channel_layouts=stereo"),
        ("talkie", "pan=stereo|c0=c0|c1=c0"),
    ],
)
def test_loudness_is_that_of_the_standard(
    name: str, mix: str, request: pytest.FixtureRequest, make_media: Make, tmp_path: Path
) -> None:
    """Mono is heard from both sides."""
    source: Path = request.getfixturevalue(name)
    stereo = make_media("stereo.wav", "-i", source, "-vn", "-af", mix, "-ar", "48000")
    seconds: list[int] = []
    heard = hear_sound(source, probe_source(source), tmp_path, seconds.append)
    expected, _ = measure_loudness(stereo)
    assert integrate_loudness(heard.sound.powers) == pytest.approx(expected, abs=0.15)
    assert seconds == sorted(set(seconds))


def test_part_is_heard_as_it_is_in_the_whole(make_media: Make, tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "color=gray:s=64x64:r=10:d=4")
    source = make_media("aac.mp4", *picture, "-f", "lavfi", "-i", make_speech(0.5, 0.01), *X264)
    video = probe_source(source)
    whole = hear_sound(source, video, tmp_path, lambda _: None)
    part = hear_sound(source, video, tmp_path, lambda _: None, Span(start=1.3, end=3.5))
    assert len(part.sound.powers) == 220
    there, here = (
        [*map(to_lufs, powers)] for powers in (whole.sound.powers[130:350], part.sound.powers)
    )
    assert here[5:] == pytest.approx(there[5:], abs=1)  # the filters settle within 50 ms


def test_voicing_is_that_of_its_window() -> None:
    sound = np.zeros(48_000, "<f4")
    sound[9600:28_800] = np.sin(np.arange(19_200) * 2 * np.pi * 150 / 48_000)  # from 0.2 to 0.6 s
    listener = _Listener(lambda _: None)
    listener.feed(np.stack([sound] * 3, axis=1).tobytes())
    heard = listener.heard.sound
    assert len(heard.voicing) == len(heard.powers) == 100
    voiced = [number for number, voice in enumerate(heard.voicing) if voice > 0.6]
    assert voiced == list(range(voiced[0], voiced[-1] + 1))
    # A frame reaches two windows to each side, in which it weighs little.
    assert voiced[0] == pytest.approx(20 - 1, abs=1)
    assert voiced[-1] == pytest.approx(59 + 1, abs=1)


def test_sound_is_heard_in_pieces_of_any_size() -> None:
    tone = np.sin(np.arange(48_000) / 7).astype("<f4")
    data = np.stack([tone] * 3, axis=1).tobytes()
    heard = []
    for size in (1000, 3839, 3840, 100_000, len(data)):
        listener = _Listener(lambda _: None)
        for first in range(0, len(data), size):
            listener.feed(data[first : first + size])
        heard.append(listener.heard)
    assert len(heard[0].sound.powers) == 100
    assert all(each == heard[0] for each in heard)
    assert heard[0].sound.powers[50] == pytest.approx(1, abs=0.02)  # two channels of a half each
    assert heard[0].peaks[50] == pytest.approx(1, abs=0.01)


def test_video_without_sound_has_no_loudness_and_no_waveform(bikes: Path, tmp_path: Path) -> None:
    analysis = analyze(bikes, tmp_path, highlights={"count": 2, "duration": 5})
    assert (analysis.full.loudness, analysis.full.silences) == ((), ())
    assert list(analysis.files) == ["analysis", "filmstrip"]
    starts = {scene.start for scene in analysis.full.scenes or ()}
    assert analysis.full.highlights
    assert {highlight.start for highlight in analysis.full.highlights} <= starts


def test_highlight_is_the_loud_part_from_pause_to_pause(make_media: Make, tmp_path: Path) -> None:
    """Speech in phrases of two seconds, of which one is very loud."""
    loud = "if(between(t,13,14.5),0.9,0.05)*lt(mod(t,2.5),2)"
    sound = f"aevalsrc='{loud}*sin(2*PI*300*t)':s=48000:d=30"
    picture = ("-f", "lavfi", "-i", "color=gray:s=64x64:r=10:d=30")
    source = make_media("loud.mkv", *picture, "-f", "lavfi", "-i", sound, *X264, "-c:a", "flac")
    (found,) = (
        analyze(source, tmp_path, highlights={"count": 1, "duration": 6}).full.highlights or ()
    )
    assert found.start < 13 < 14.5 < found.end
    assert found.why == "Louder than what is around it."
    for time in (found.start, found.end):
        assert 2 <= time % 2.5 <= 2.5


def test_filmstrip_shows_the_video_in_equal_steps(ramp: Path, tmp_path: Path) -> None:
    analysis = analyze(ramp, tmp_path)
    with Image.open(analysis.files["filmstrip"]) as strip:
        assert (strip.format, strip.size) == ("JPEG", (20 * 160, 160))
        shades = np.asarray(strip.convert("L"), float).reshape(160, 20, 160).mean(axis=(0, 2))
    assert analysis.full.filmstrip_frames == 20
    frames = [int(50 * (number + 0.5) / 20) for number in range(20)]
    lumas = [(16 + 4 * frame - 16) * 255 / 219 for frame in frames]
    assert shades == pytest.approx(lumas, abs=4)


def test_overviews_are_small_even_of_noise(make_media: Make, tmp_path: Path) -> None:
    noise = ("-f", "lavfi", "-i", "nullsrc=s=320x180:r=10:d=2,geq='255*random(1)':128:128")
    hiss = ("-f", "lavfi", "-i", "anoisesrc=d=2:r=48000")
    source = make_media("noise.mp4", *noise, *hiss, *X264)
    files = analyze(source, tmp_path).files
    assert files["filmstrip"].stat().st_size < 200_000
    assert files["waveform"].stat().st_size < 200_000


def test_waveform_is_as_high_as_the_sound_on_nothing(make_media: Make, tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "color=gray:s=64x64:r=10:d=4")
    tone = "aevalsrc='if(lt(t,1),0.8,if(lt(t,2),0,0.4))*sin(2*PI*997*t)':s=48000:d=4"
    source = make_media("steps.mkv", *picture, "-f", "lavfi", "-i", tone, *X264, "-c:a", "flac")
    with Image.open(analyze(source, tmp_path).files["waveform"]) as drawn:
        assert (drawn.format, drawn.mode) == ("PNG", "RGBA")
        pixels = np.asarray(drawn)
    height, width = pixels.shape[:2]
    assert {tuple(color) for color in pixels[pixels[..., 3] > 0][:, :3]} == {(58, 110, 165)}
    heights = (pixels[..., 3] > 0).sum(axis=0)
    middles = [heights[int(width * share)] for share in (0.125, 0.375, 0.75)]
    assert middles[0] == pytest.approx(height, abs=6)
    assert middles[1] <= 2
    assert middles[2] == pytest.approx(height / 2, abs=3)


def test_file_has_all_that_was_found(talkie: Path, tmp_path: Path) -> None:
    analysis = analyze(talkie, tmp_path)
    assert json.loads(analysis.files["analysis"].read_text()) == analysis.full.model_dump(
        mode="json", exclude_none=True
    )
    names = {"analysis.json", "filmstrip.jpg", "waveform.png"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert next(iter(analysis.files)) == "analysis"


def test_rotated_video_has_an_upright_filmstrip(
    make_media: Make, talkie: Path, tmp_path: Path
) -> None:
    turned = ("-display_rotation:v", "90", "-i", talkie, "-c", "copy")
    analysis = analyze(make_media("turned.mp4", *turned), tmp_path)
    with Image.open(analysis.files["filmstrip"]) as strip:
        assert strip.size == (20 * 90, 160)


def test_pictures_that_change_their_size_are_all_seen(make_media: Make, tmp_path: Path) -> None:
    vp8 = ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "2M")
    parts = [
        make_media(f"{size}.webm", "-f", "lavfi", "-i", f"{kind}=s={size}:r=25:d=1", *vp8)
        for kind, size in (("testsrc", "320x180"), ("smptebars", "180x320"))
    ]
    source = join_files(make_media, "turned.webm", *parts, "-c", "copy")
    scenes = analyze(source, tmp_path).full.scenes
    assert scenes is not None
    assert [scene.start for scene in scenes] == pytest.approx([0, 1], abs=0.05)


def test_what_an_edit_list_leaves_out_is_not_counted(make_media: Make, tmp_path: Path) -> None:
    """A phone's trim: the start is in the file, and not in the video."""
    whole = make_media("whole.mp4", *join_scenes("25"), *X264, "-g", "5", "-bf", "0")
    trimmed = make_media("trimmed.mp4", "-ss", "0.8", "-i", whole, "-c", "copy")
    scenes = analyze(trimmed, tmp_path).full.scenes
    assert scenes is not None
    starts = [scene.start for scene in scenes]
    assert starts == pytest.approx([0, *(cut - 0.8 for cut in CUTS)], abs=0.045)


def test_progress_goes_from_start_to_end(talkie: Path, tmp_path: Path) -> None:
    told: list[tuple[float, RenderStage]] = []

    def note(done: int, total: int, stage: RenderStage) -> None:
        told.append((done / total, stage))

    analyze_video(talkie, AnalysisSpec(), tmp_path, on_progress=note)
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert list(dict.fromkeys(stage for _, stage in told)) == [
        "preparing",
        "rendering",
        "audio",
        "saving",
    ]


@pytest.mark.parametrize("last", ["rendering", "audio", "saving"])
def test_analysis_that_is_stopped_leaves_nothing(
    talkie: Path, tmp_path: Path, last: RenderStage
) -> None:
    def stop(done: int, total: int, stage: RenderStage) -> None:  # noqa: ARG001 (as it is called)
        if stage == last:
            raise RenderCanceledError("stopped")

    with pytest.raises(RenderCanceledError):
        analyze_video(talkie, AnalysisSpec(), tmp_path, on_progress=stop)
    assert list(tmp_path.iterdir()) == []
    assert find_ffmpegs() == []


def test_sound_is_heard_while_pictures_are_seen(
    talkie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Event()

    def hear(*arguments: Any) -> Heard:
        found = hear_sound(*arguments)
        heard.set()
        return found

    def watch(*arguments: Any) -> Seen:
        assert heard.wait(PATIENCE_SECONDS)
        return watch_pictures(*arguments)

    monkeypatch.setattr("reelqueue.render.analyze.hear_sound", hear)
    monkeypatch.setattr("reelqueue.render.analyze.watch_pictures", watch)
    assert analyze(talkie, tmp_path).full.loudness


def test_sound_that_cannot_be_heard_fails_the_analysis(
    talkie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Heard:
        raise RenderError("no sound")

    monkeypatch.setattr("reelqueue.render.analyze.hear_sound", fail)
    with pytest.raises(RenderError, match="no sound"):
        analyze(talkie, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert find_ffmpegs() == []


def test_file_that_is_no_video_is_refused(tone: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    for source in (tone, text):
        with pytest.raises((UnsupportedMediaError, UnreadableMediaError)):
            analyze(source, tmp_path)
    assert list(tmp_path.iterdir()) == [text]


def test_slow_fade_has_no_cut(ramp: Path, tmp_path: Path) -> None:
    scenes = analyze(ramp, tmp_path).full.scenes
    assert scenes is not None
    assert len(scenes) == 1
