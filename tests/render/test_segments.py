"""Clips of several segments: every frame is the one that was ordered, and sound stays with it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from reelqueue.media.facts import Span
from reelqueue.render.analysis.sound import Heard, hear_sound
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.source import probe_source
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.clips.segments import Silences
from tests.render.conftest import Make
from tests.render.flashes import make_master, read_clip
from tests.render.test_sync import IN_SYNC, View, odd, talk, view

__all__ = ["odd", "talk", "view"]

pytestmark = pytest.mark.render

TEN_CUTS = [(0.3 * number, 0.3 * number + 0.2) for number in range(11)]


def order(*ranges: tuple[float, float]) -> list[dict[str, float]]:
    return [{"start": start, "end": end} for start, end in ranges]


def test_segments_are_cut_to_the_frame(view: View, talk: Path) -> None:
    facts, clip = view(talk, segments=order((0.5, 1.2), (1.8, 2.5), (2.9, 3.5)))
    assert clip.codes == [*range(15, 36), *range(54, 75), *range(87, 105)]
    assert facts.frames == 60
    assert len(clip.flashes) == 3
    assert clip.measure_offsets() == pytest.approx([0] * 3, abs=IN_SYNC)


def test_sound_stays_in_sync_over_ten_cuts(view: View, odd: dict[str, Path]) -> None:
    facts, clip = view(odd["whole"], segments=order(*TEN_CUTS))
    assert facts.frames == 66
    assert clip.codes == [
        code for start, end in TEN_CUTS for code in range(round(start * 30), round(end * 30))
    ]
    assert len(clip.flashes) >= 2
    assert clip.measure_offsets() == pytest.approx([0] * len(clip.flashes), abs=IN_SYNC)
    assert clip.sound == pytest.approx(facts.duration, abs=0.001)


@pytest.mark.parametrize("denoise", ["none", "light"])  # which begins before a piece does
def test_segments_fade_into_each_other(view: View, talk: Path, denoise: str) -> None:
    fade = {"transition": "fade", "transition_duration": 0.4, "denoise": denoise}
    facts, clip = view(talk, segments=order((0.0, 1.5), (2.2, 3.8)), **fade)
    assert facts.frames == 45 + 48 - 12
    assert clip.codes[:33] == list(range(33))
    assert clip.codes[45:] == list(range(78, 114))
    assert clip.measure_offsets() == pytest.approx([0] * len(clip.flashes), abs=IN_SYNC)


@pytest.mark.parametrize(
    ("speed", "codes"),
    [
        (0.5, [code for code in range(15, 90) for _ in range(2)]),
        (2.0, list(range(15, 90, 2))),
    ],
)
def test_speed_shows_the_frames_at_their_times(
    view: View, talk: Path, speed: float, codes: list[int]
) -> None:
    facts, clip = view(talk, start=0.5, end=3.0, speed=speed)
    assert clip.codes == pytest.approx(codes, abs=1)
    assert facts.frames == len(codes)
    assert clip.measure_offsets() == pytest.approx([0] * len(clip.flashes), abs=IN_SYNC)


def test_variable_rate_is_cut_in_order(view: View, odd: dict[str, Path]) -> None:
    _, clip = view(odd["phone of 60"], segments=order((0.5, 1.5), (2.0, 3.0)))
    assert all(before <= after for before, after in pairwise(clip.codes))
    assert clip.measure_offsets() == pytest.approx([0] * len(clip.flashes), abs=IN_SYNC)


CUE = {"start": 2.2, "end": 2.3, "text": "x", "words": [{"start": 2.2, "end": 2.3, "text": "x"}]}
KEPT = 0.1 + 1 + 0.2 + 1 + 0.1


@pytest.mark.parametrize(
    ("choices", "seconds"),
    [
        ({"aspect": "original"}, KEPT),
        ({"aspect": "1:1"}, KEPT),
        ({"aspect": "original", "audio": {"mute": True}}, KEPT),
        ({"captions": {"cues": [CUE], "times": "source"}, "aspect": "1:1"}, KEPT + 0.1 + 0.2),
        ({"captions": {"cues": [CUE], "times": "clip"}, "aspect": "1:1"}, KEPT),
    ],
)
def test_pauses_are_cut_out(
    make_media: Make, tmp_path: Path, choices: dict[str, Any], seconds: float
) -> None:
    sound = "sine=400:sample_rate=48000,volume='between(t,0.5,1.5)+between(t,3,4)':eval=frame"
    source = make_media(
        "pauses.mp4",
        *("-f", "lavfi", "-i", make_master("30", 5), "-f", "lavfi", "-i", sound, "-t", "5"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
    )
    spec = ClipSpec.model_validate({"silences": "cut", **choices})
    clip = tmp_path / "clip.mp4"
    facts = render_clip(source, spec, clip, preset="ultrafast", on_progress=lambda *_: None)
    assert facts.duration == pytest.approx(seconds, abs=0.1)
    assert facts.pauses
    cut = sum(pause.end - pause.start for pause in facts.pauses)
    assert facts.duration + cut == pytest.approx(5, abs=0.1)
    if choices == {"aspect": "original"}:
        codes = read_clip(clip, facts).codes
        assert codes == sorted(codes)
        assert set(range(16, 44)) | set(range(92, 118)) <= set(codes)


@pytest.mark.parametrize(("pitch", "is_kept"), [("sine=120", True), ("anoisesrc=a=0.1", False)])
def test_quiet_word_in_a_pause_is_kept_and_a_breath_is_not(
    make_media: Make, tmp_path: Path, pitch: str, is_kept: bool
) -> None:
    """The word is 34 decibels below the rest, and far above the noise of the room."""
    loud = "sine=200:sample_rate=48000,volume='if(between(t,1,3),0,8)':eval=frame"
    quiet = f"{pitch}:r=48000,volume='between(t,1.9,2.0)*0.16':eval=frame"
    room = "anoisesrc=a=0.0002:r=48000"
    source = make_media(
        f"quiet-word-{is_kept}.mkv",
        *("-f", "lavfi", "-i", make_master("30", 4), "-f", "lavfi", "-i", loud),
        *("-f", "lavfi", "-i", quiet, "-f", "lavfi", "-i", room, "-t", "4"),
        *("-filter_complex", "[1][2][3]amix=3:normalize=0[a]", "-map", "0:v", "-map", "[a]"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "flac"),
    )
    spec = ClipSpec.model_validate({"silences": "cut", "aspect": "original"})
    clip = tmp_path / "clip.mp4"
    facts = render_clip(source, spec, clip, preset="ultrafast", on_progress=lambda *_: None)
    assert facts.duration == pytest.approx(2.5 if is_kept else 2.2, abs=0.12)


def test_pauses_of_a_part_are_found_by_the_sound_around_it(
    make_media: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = "sine=400:sample_rate=48000,volume='lt(mod(t,2),1.2)':eval=frame"
    source = make_media(
        "long-pauses.mp4",
        *("-f", "lavfi", "-i", "color=s=64x64:r=5", "-f", "lavfi", "-i", sound, "-t", "400"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
    )
    heard: list[Span | None] = []

    def hear(*arguments: Any) -> Heard:
        heard.append(arguments[-1])
        return hear_sound(*arguments)

    monkeypatch.setattr("reelqueue.render.clip.hear_sound", hear)
    segments = [{"start": 2.0, "end": 5.2}, {"start": 350.5, "end": 353.0}]
    spec = ClipSpec.model_validate({"silences": "cut", "aspect": "original", "segments": segments})
    clip = tmp_path / "clip.mp4"
    facts = render_clip(source, spec, clip, preset="ultrafast", on_progress=lambda *_: None)
    assert heard == [Span(start=0, end=68.2), Span(start=287.5, end=400)]
    # From 3.2 to 4 and from 351.2 to 352 there is a pause, of which 0.2 seconds are left.
    assert facts.duration == pytest.approx(3.2 + 2.5 - 2 * (0.8 - 0.2), abs=0.11)


def test_pause_in_which_three_strokes_of_a_clock_are_heard_is_cut_out(
    make_media: Make, tmp_path: Path
) -> None:
    """It ticks twice a second, and is heard alone for 1.8 seconds three times a minute."""
    voice = "sine=200:r=48000,volume='gte(mod(t,20),1.8)*4':eval=frame"
    clock = "anoisesrc=a=0.1:r=48000,volume='between(mod(t,0.5),0.3,0.35)':eval=frame"
    source = make_media(
        "clock.mkv",
        *("-f", "lavfi", "-i", "color=s=64x64:r=10", "-f", "lavfi", "-i", voice),
        *("-f", "lavfi", "-i", clock, "-f", "lavfi", "-i", "anoisesrc=a=0.0005:r=48000"),
        *("-filter_complex", "[1][2][3]amix=3:normalize=0[a]", "-map", "0:v", "-map", "[a]"),
        *("-t", "100", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "flac"),
    )
    part = {"start": 36.0, "end": 44.0}
    spec = ClipSpec.model_validate({"silences": "cut", "aspect": "original", **part})
    clip = tmp_path / "clip.mp4"
    facts = render_clip(source, spec, clip, preset="ultrafast", on_progress=lambda *_: None)
    assert facts.duration == pytest.approx(8 - 1.6, abs=0.11)


def test_sound_before_the_first_picture_that_can_be_decoded_is_no_pause(
    make_media: Make, talk: Path, tmp_path: Path
) -> None:
    lost = ("-bsf:v", "noise=drop='eq(n,0)+eq(n,30)+eq(n,60)'")
    source = make_media("keyless-part.mp4", "-i", talk, "-c", "copy", *lost)
    heard = hear_sound(
        source, probe_source(source), tmp_path, lambda _: None, Span(start=1.5, end=3.5)
    )
    loud = [number for number, power in enumerate(heard.sound.powers) if power > 1e-4]
    assert loud[0] == pytest.approx(50, abs=3)  # windows of 10 ms: the beep is at 2 s
    assert loud[-1] == pytest.approx(160, abs=3)  # and another one ends at 3.1 s


def test_video_without_sound_has_no_pauses(make_media: Make, tmp_path: Path) -> None:
    source = make_media(
        "mute.mp4", "-f", "lavfi", "-i", make_master("30", 2), "-c:v", "libx264", "-g", "15"
    )
    spec = ClipSpec.model_validate({"silences": "cut", "aspect": "original"})
    facts = render_clip(source, spec, tmp_path / "clip.mp4", on_progress=lambda *_: None)
    assert (facts.duration, facts.pauses) == (2, ())
    kept = spec.model_copy(update={"silences": Silences.KEEP})
    again = render_clip(source, kept, tmp_path / "clip.mp4", on_progress=lambda *_: None)
    assert again.pauses is None
