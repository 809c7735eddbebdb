"""Clips that change only time, of one segment: their sound is that of the video, to the sample."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Page, sync_playwright

from reelqueue.media.facts import RenderFacts
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.specs.clips.clip import ClipSpec
from tests.conftest import find_chromium
from tests.render.conftest import Make
from tests.render.flashes import BEEPS, FAST_BEEPS, make_master, read_clip
from tests.render.test_segments import order
from tests.render.test_sync import IN_SYNC

pytestmark = pytest.mark.render

Sound = npt.NDArray[np.float32]
SECONDS = 4
PICTURES = ("-f", "lavfi", "-i", make_master("30", SECONDS))
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "15")
STRAY = 24  # samples in half a millisecond, to which Matroska rounds times
# Without noise that decoders make up: they would not make up the same from another packet on.
AAC = ("-c:a", "aac", "-aac_pns", "0", "-b:a", "128k")


def make_noise(rate: int = 48_000, channels: int = 2, *, seconds: float = SECONDS) -> str:
    """Return a source of noise, which is nowhere the same and in each channel another."""
    each = "|".join(["0.6*random(0)-0.3", "0.6*random(1)-0.3"][:channels])
    return f"aevalsrc={each}:s={rate}:d={seconds}"


def make_talk(make_media: Make, name: str, *options: str | Path, sound: str = make_noise()) -> Path:
    return make_media(name, *PICTURES, "-f", "lavfi", "-i", sound, *H264, *AAC, *options)


def cut(source: Path, output: Path, **choices: Any) -> RenderFacts:
    spec = ClipSpec.model_validate({"aspect": "original", **choices})
    return render_clip(source, spec, output, on_progress=lambda *_: None)


def hear(path: Path, channels: int = 2, stream: str = "0:a") -> Sound:
    """Return the sound of a file as players decode it: `(samples, channels)`."""
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-i", str(path), "-map", stream]
    command += ["-f", "f32le", "-c:a", "pcm_f32le", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, "<f4").reshape(-1, channels)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize(("rate", "channels"), [(48_000, 2), (44_100, 2), (48_000, 1)])
@pytest.mark.parametrize(("start", "end"), [(0.0, 2.5), (1.3, 2.9), (1.7, 4.0), (0.0, 4.0)])
def test_samples_are_those_of_the_video(
    make_media: Make,
    tmp_path: Path,
    suffix: str,
    rate: int,
    channels: int,
    start: float,
    end: float,
) -> None:
    sound = make_noise(rate, channels)
    source = make_talk(make_media, f"{rate}-{channels}.{suffix}", sound=sound)
    facts = cut(source, tmp_path / "clip.mp4", start=start, end=end)
    assert facts.copied_sound
    heard, known = hear(tmp_path / "clip.mp4", channels), hear(source, channels)
    near = STRAY if suffix == "mkv" else 0
    assert len(heard) == pytest.approx(round((end - start) * rate), abs=near)
    assert any(
        np.array_equal(heard[near : -near or None], known[first : first + len(heard) - 2 * near])
        for first in range(round(start * rate), round(start * rate) + 2 * near + 1)
    )


def test_beeps_stay_with_their_flashes(make_media: Make, tmp_path: Path) -> None:
    source = make_talk(make_media, "beeps.mp4", sound=f"{BEEPS}:d={SECONDS}")
    facts = cut(source, tmp_path / "clip.mp4", start=0.37, end=3.6)
    assert facts.copied_sound
    clip = read_clip(tmp_path / "clip.mp4", facts)
    assert [second for _, second in clip.beeps] == [1, 2, 3]
    assert clip.measure_offsets() == pytest.approx([0] * 3, abs=IN_SYNC)


def test_sound_is_copied_beside_pictures_that_are_encoded(make_media: Make, tmp_path: Path) -> None:
    source = make_talk(make_media, "hevc.mp4", "-c:v", "libx265", "-x265-params", "log-level=none")
    facts = cut(source, tmp_path / "clip.mp4", start=1.3, end=2.9)
    assert (facts.copied_frames, facts.copied_sound) == (None, True)


@pytest.mark.parametrize(
    "choices",
    [
        {"audio": {"loudness": -14.0}},
        {"audio": {"volume": 0.5}},
        {"audio": {"fade_in": 0.5}},
        {"audio": {"fade_out": 0.5}},
        {"audio": {"mute": True}},
        {"segments": order((0.3, 1.5), (2.0, 3.0))},
        {"speed": 2.0},
        {"fade_in": 0.5},
        {"title": {"text": "Hello", "duration": 1.0}},
        {"aspect": "9:16"},
    ],
)
def test_sound_is_not_copied_if_it_changes(
    make_media: Make, tmp_path: Path, choices: dict[str, Any]
) -> None:
    source = make_talk(make_media, "talk.mp4")
    assert not cut(source, tmp_path / "clip.mp4", **choices).copied_sound


@pytest.mark.parametrize(
    "options",
    [
        ("-c:a", "libmp3lame"),
        ("-c:a", "ac3"),
        ("-ar", "22050"),  # HE-AAC may say so, and have twice as many samples
        ("-ac", "6"),
    ],
)
def test_other_sound_is_encoded(make_media: Make, tmp_path: Path, options: tuple[str, ...]) -> None:
    source = make_talk(make_media, f"other{''.join(options)}.mp4", *options)
    facts = cut(source, tmp_path / "clip.mp4", start=0.37, end=3.6)
    assert not facts.copied_sound
    assert len(hear(tmp_path / "clip.mp4")) == round(facts.duration * 48_000)


def test_track_that_was_chosen_is_copied(make_media: Make, tmp_path: Path) -> None:
    other = ("-f", "lavfi", "-i", make_noise(44_100, 1))
    maps = ("-map", "0:v", "-map", "1:a", "-map", "2:a")
    source = make_media(
        "two.mp4", *PICTURES, "-f", "lavfi", "-i", make_noise(), *other, *maps, *H264, *AAC
    )
    facts = cut(source, tmp_path / "clip.mp4", start=1.3, end=2.9, audio={"track": 2})
    assert facts.copied_sound
    heard, known = hear(tmp_path / "clip.mp4", 1), hear(source, 1, "0:a:1")
    assert np.array_equal(heard, known[round(1.3 * 44_100) : round(2.9 * 44_100)])


def test_cut_of_a_cut_is_exact(make_media: Make, tmp_path: Path) -> None:
    """The video has an edit list of its own, which starts within a packet."""
    source = make_talk(make_media, "talk.mp4")
    cut(source, tmp_path / "first.mp4", start=0.7, end=3.5)
    assert cut(tmp_path / "first.mp4", tmp_path / "again.mp4").copied_sound
    assert np.array_equal(hear(tmp_path / "again.mp4"), hear(tmp_path / "first.mp4"))
    assert cut(tmp_path / "first.mp4", tmp_path / "part.mp4", start=0.6, end=2.0).copied_sound
    known = hear(source)[round(1.3 * 48_000) : round(2.7 * 48_000)]
    assert np.array_equal(hear(tmp_path / "part.mp4"), known)


def test_sound_that_begins_later_is_encoded(make_media: Make, tmp_path: Path) -> None:
    talk = make_talk(make_media, "beeps.mp4", sound=f"{BEEPS}:d={SECONDS}")
    later = ("-itsoffset", "0.3", "-i", talk, "-map", "0:v", "-map", "1:a", "-c", "copy")
    source = make_media("later.mp4", "-i", talk, *later)
    assert not cut(source, tmp_path / "all.mp4").copied_sound
    facts = cut(source, tmp_path / "clip.mp4", start=0.7)
    assert facts.copied_sound
    clip = read_clip(tmp_path / "clip.mp4", facts)
    assert clip.measure_offsets() == pytest.approx([0.3] * 3, abs=IN_SYNC)


def test_sound_that_ends_earlier_is_encoded(make_media: Make, tmp_path: Path) -> None:
    source = make_talk(make_media, "short.mp4", sound=make_noise(seconds=3))
    facts = cut(source, tmp_path / "clip.mp4", start=1.3)
    assert not facts.copied_sound
    assert len(hear(tmp_path / "clip.mp4")) == round(facts.duration * 48_000)
    assert cut(source, tmp_path / "clip.mp4", start=1.3, end=2.9).copied_sound


def test_gap_is_kept(make_media: Make, tmp_path: Path) -> None:
    """Sound that was lost is silent: what follows must not move to its place."""
    talk = make_talk(make_media, "beeps.mp4", sound=f"{BEEPS}:d={SECONDS}")
    lost = ("-c", "copy", "-bsf:a", "noise=drop=gt(pts\\,60000)*lt(pts\\,84000)")
    facts = cut(make_media("gap.mp4", "-i", talk, *lost), tmp_path / "clip.mp4", start=0.37)
    assert not facts.copied_sound
    clip = read_clip(tmp_path / "clip.mp4", facts)
    assert clip.measure_offsets() == pytest.approx([0] * 3, abs=IN_SYNC)


def test_clock_that_drifts_is_followed(make_media: Make, tmp_path: Path) -> None:
    source = make_talk(make_media, "fast.mkv", sound=f"{FAST_BEEPS},atrim=end=4")
    squeezed = ("-c", "copy", "-bsf:a", "setts=ts=TS*48000/48200")
    facts = cut(make_media("drift.mkv", "-i", source, *squeezed), tmp_path / "clip.mp4", start=0.37)
    assert not facts.copied_sound
    clip = read_clip(tmp_path / "clip.mp4", facts)
    assert clip.measure_offsets() == pytest.approx([0] * 3, abs=IN_SYNC)


def test_damaged_sound_is_encoded(make_media: Make, tmp_path: Path) -> None:
    """Browsers stop at a packet that they cannot decode."""
    talk = make_talk(make_media, "beeps.mp4", sound=f"{BEEPS}:d={SECONDS}")
    noise = ("-c", "copy", "-bsf:a", "noise=amount=gt(pts\\,60000)*lt(pts\\,70000)*3")
    source = make_media("damaged.mp4", "-i", talk, *noise)
    facts = cut(source, tmp_path / "clip.mp4", start=0.37)
    assert not facts.copied_sound
    assert len(hear(tmp_path / "clip.mp4")) == round(facts.duration * 48_000)
    assert cut(source, tmp_path / "clip.mp4", start=2.1).copied_frames


LISTEN = """async ([encoded, start]) => {
    const bytes = Uint8Array.from(atob(encoded), letter => letter.charCodeAt(0));
    const video = document.createElement('video');
    video.src = URL.createObjectURL(new Blob([bytes], {type: 'video/mp4'}));
    await new Promise((resolve, reject) => {
        video.oncanplaythrough = resolve;
        video.onerror = () => reject(video.error.message);
    });
    if (start) {
        video.currentTime = start;
        await new Promise(resolve => { video.onseeked = resolve; });
    }
    const context = new AudioContext({sampleRate: 48000});
    const recorder = context.createScriptProcessor(16384, 2, 2);
    const heard = [];
    recorder.onaudioprocess = event => {
        heard.push(...event.inputBuffer.getChannelData(0));
    };
    context.createMediaElementSource(video).connect(recorder);
    recorder.connect(context.destination);
    await context.resume();
    await video.play();
    while (heard.findIndex(sample => sample) < 0 || heard.length % 65536) {
        await new Promise(resolve => setTimeout(resolve, 50));
    }
    return heard.slice(heard.findIndex(sample => sample));
}"""


@pytest.fixture
def page() -> Iterator[Page]:
    options = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=options)
        yield browser.new_page()
        browser.close()


@pytest.mark.browser
def test_browser_plays_from_the_first_sample(make_media: Make, tmp_path: Path, page: Page) -> None:
    source = make_talk(make_media, "talk.mp4")
    assert cut(source, tmp_path / "clip.mp4", start=0.7, end=3.5).copied_sound
    encoded = base64.b64encode((tmp_path / "clip.mp4").read_bytes()).decode()
    known = hear(source)[:, 0]
    for start in (0, 1):
        heard = np.array(page.evaluate(LISTEN, [encoded, start]), np.float32)[:2000]
        first = round((0.7 + start) * 48_000)
        assert heard == pytest.approx(known[first : first + len(heard)], abs=0.001)
