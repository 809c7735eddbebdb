"""Title cards before and after the cuts of rendered clips, with their silence."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.soundtrack import Track
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.specs.clips.clip import ClipSpec
from tests.render.conftest import Make
from tests.render.look.seen import HEIGHT, TAGS, WIDTH, X264, render, see, see_rgb

pytestmark = pytest.mark.render

CARD = {"text": "HELLO", "duration": 0.4, "background": "#203040"}
BLUE = np.array([0x20, 0x30, 0x40])


@pytest.fixture(scope="session")
def ramp(make_media: Make) -> Path:
    """Two seconds; frame n has the luma 16 + 4n, and a tone is heard all the time."""
    picture = f"color=black:s={WIDTH}x{HEIGHT}:r=25:d=2,format=yuv420p"
    picture += f",geq=lum='16+4*N':cb=128:cr=128,{TAGS}"
    tone = ("-f", "lavfi", "-i", "sine=f=440:d=2:r=48000")
    return make_media("ramp.mp4", "-f", "lavfi", "-i", picture, *tone, *X264, "-c:a", "aac")


def hear(path: Path) -> npt.NDArray[np.float64]:
    """Return how loud each hundredth of a second is, from 0 to 1."""
    command = [find_ffmpeg(), "-v", "error", "-i", str(path), "-ac", "1", "-ar", "48000"]
    raw = subprocess.run([*command, "-f", "s16le", "-"], check=True, capture_output=True).stdout
    samples = np.frombuffer(raw, "<i2").astype(np.float64) / 2**15
    loudest: npt.NDArray[np.float64] = np.abs(
        samples[: len(samples) // 480 * 480].reshape(-1, 480)
    ).max(axis=1)
    return loudest


def is_card(frame: npt.NDArray[np.int64]) -> bool:
    edges = np.concatenate([frame[:8].reshape(-1, 3), frame[-8:].reshape(-1, 3)])
    return bool(np.abs(edges - BLUE).max() < 8)


def test_cards_stand_before_and_after_the_cuts(ramp: Path, tmp_path: Path) -> None:
    end = {**CARD, "duration": 0.8}
    facts = render(ramp, tmp_path / "c.mp4", start=0.4, end=1.2, title=CARD, end_title=end)
    assert (facts.frames, facts.duration) == (50, 2.0)
    frames = see_rgb(tmp_path / "c.mp4")
    assert [is_card(frame) for frame in frames] == [True] * 10 + [False] * 20 + [True] * 20
    assert frames[5].max() > 230
    assert frames[45].max() > 230
    luma = see(tmp_path / "c.mp4")[0][10:30].mean(axis=(1, 2))
    assert luma == pytest.approx([16 + 4 * number for number in range(10, 30)], abs=1.5)


def test_sound_stays_with_its_pictures_and_cards_are_silent(ramp: Path, tmp_path: Path) -> None:
    segments = [{"start": 0, "end": 0.8}, {"start": 1, "end": 1.6}]
    choices = {"transition": "fade", "transition_duration": 0.2, "segments": segments}
    facts = render(ramp, tmp_path / "c.mp4", title=CARD, end_title=CARD, **choices)
    loud = hear(tmp_path / "c.mp4")
    assert facts.duration == pytest.approx(2.0)
    assert len(loud) == pytest.approx(200, abs=3)
    assert loud[:39].max() < 0.01
    assert loud[161:].max() < 0.01
    assert loud[42:158].min() > 0.08


def test_music_goes_on_under_cards(ramp: Path, tmp_path: Path, tone: Path) -> None:
    spec = ClipSpec.model_validate(
        {"aspect": "original", "end": 0.4, "title": CARD, "end_title": CARD}
    )
    output = tmp_path / "c.mp4"
    music = [Track(tone, 1.0)]
    render_clip(ramp, spec, output, tracks=music, preset="ultrafast", on_progress=lambda *_: None)
    loud = hear(output)
    assert loud[5:30].min() > 0.02
    assert loud[85:90].min() > 0.02


def test_sound_fades_where_it_begins_and_ends(ramp: Path, tmp_path: Path) -> None:
    fades = {"fade_in": 0.4, "fade_out": 0.4}
    render(ramp, tmp_path / "c.mp4", end=1.2, title=CARD, end_title=CARD, audio=fades)
    loud = hear(tmp_path / "c.mp4")
    assert loud[:39].max() < 0.01
    assert loud[161:].max() < 0.01
    whole = loud[85:115].mean()
    assert loud[60] == pytest.approx(whole * np.sin(np.pi / 4), rel=0.1)
    assert loud[140] == pytest.approx(whole * np.sin(np.pi / 4), rel=0.1)


def test_silent_clip_has_cards_without_a_sound_track(gray: Path, tmp_path: Path) -> None:
    assert render(gray, tmp_path / "c.mp4", end=0.4, title=CARD).frames == 20
    log = subprocess.run(
        [find_ffmpeg(), "-hide_banner", "-i", str(tmp_path / "c.mp4")], capture_output=True
    ).stderr
    assert b"Audio" not in log


def test_card_without_a_colour_lies_on_the_picture_next_to_it(ramp: Path, tmp_path: Path) -> None:
    card = {"text": ".", "duration": 0.4}
    render(ramp, tmp_path / "c.mp4", start=0.4, end=1.6, title=card, end_title=card)
    luma = see(tmp_path / "c.mp4")[0]
    levels = [float(np.median(frame)) - 16 for frame in luma]
    assert levels[5] == pytest.approx(40 * 0.42, abs=3)
    assert levels[45] == pytest.approx(4 * 39 * 0.42, abs=4)


def test_card_shows_the_part_that_the_crop_keeps(make_media: Make, tmp_path: Path) -> None:
    halves = f"nullsrc=s=640x{HEIGHT}:r=25:d=1,format=yuv420p,geq='if(lt(X,320),60,200)'"
    source = f"{halves}:cb=128:cr=128,{TAGS}"
    video = make_media("halves.mp4", "-f", "lavfi", "-i", source, *X264)
    shape = {"aspect": None, "resolution": f"{WIDTH}x{HEIGHT}", "fit": "crop"}
    for x, level in ((0, 44), (1, 184)):
        card = {"text": ".", "duration": 0.2}
        focus = {"x": x, "y": 0.5}
        render(video, tmp_path / "c.mp4", end=0.2, end_title=card, focus=focus, **shape)
        seen = float(np.median(see(tmp_path / "c.mp4")[0][7])) - 16
        assert seen == pytest.approx(level * 0.42, abs=4)


def test_fades_begin_and_end_with_the_cards(gray: Path, tmp_path: Path) -> None:
    card = {"text": ".", "duration": 0.4, "background": "#808080"}
    fades = {"fade_in": 0.6, "fade_out": 0.6}
    render(gray, tmp_path / "c.mp4", end=0.8, title=card, end_title=card, **fades)
    light = [(float(np.median(frame)) - 16) / 110 for frame in see(tmp_path / "c.mp4")[0]]
    assert light[:15] == pytest.approx([number / 15 for number in range(15)], abs=0.04)
    assert light[15:25] == pytest.approx([1] * 10, abs=0.03)
    assert light[25:] == pytest.approx([number / 15 for number in range(14, -1, -1)], abs=0.04)


def test_logo_is_not_on_cards(gray: Path, tmp_path: Path) -> None:
    Image.new("RGB", (40, 40), "red").save(tmp_path / "logo.png")
    picture, logo = tmp_path / "logo.png", {"width": 0.2}
    render(gray, tmp_path / "c.mp4", picture, end=0.4, title=CARD, end_title=CARD, logo=logo)
    frames = see_rgb(tmp_path / "c.mp4")
    is_marked = [bool((frame[..., 0] - frame[..., 1] > 120).any()) for frame in frames]
    assert is_marked == [False] * 10 + [True] * 10 + [False] * 10


def test_words_of_the_source_stay_with_their_pictures(gray: Path, tmp_path: Path) -> None:
    cues = [{"start": 0.2, "end": 0.4, "text": "NOW"}]
    for preset in ("plain", "phrase"):
        choices = {"end": 0.4, "caption_style": {"preset": preset}, "end_title": CARD}
        captions = {"cues": cues, "times": "source"}
        blank = {**CARD, "text": "."}
        render(gray, tmp_path / "c.mp4", title=blank, captions=captions, **choices)
        luma = see(tmp_path / "c.mp4")[0]
        lowest = luma[:, HEIGHT * 3 // 5 :].max(axis=(1, 2))
        assert [bool(level > 180) for level in lowest] == [False] * 15 + [True] * 5 + [False] * 10


def test_title_for_which_there_is_no_font_is_refused(gray: Path, tmp_path: Path) -> None:
    for name in ("title", "end_title"):
        with pytest.raises(InvalidSpecError, match=rf"{name}\.text: no installed font"):
            render(gray, tmp_path / "c.mp4", **{name: {"text": "\U0003ffff"}})


def test_pictures_between_cards_are_not_copied(gray: Path, tmp_path: Path) -> None:
    assert not render(gray, tmp_path / "c.mp4", title=CARD).copied_frames
