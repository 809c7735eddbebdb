"""Slideshows that are narrated: exact times, silence between words, and music that gives way."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.material import read_frames
from reelqueue.media.facts import RenderFacts, RenderStage
from reelqueue.planning.narration import BREATH, LEAD, Spoken
from reelqueue.planning.soundtrack import Track
from reelqueue.render.images.photos import Photo
from reelqueue.render.narration.narrate import narrating
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.narration import Narrator, SpeechEngine, Voice
from reelqueue.specs.photo import PhotoSpec
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from tests.render.conftest import Make, measure_loudness

pytestmark = pytest.mark.render

ESPEAK = Narrator(SpeechEngine.ESPEAK)
FPS = 25
FADE = 0.6
FIRST, SECOND = "The beach was long.", "Good bye, beach."
SPEC = SlideshowSpec(duration=1, transition_duration=FADE, resolution="320x180", fps=FPS)
ENGINES = pytest.mark.parametrize("engine", Engine)
RATE = 48_000


def ignore(done: int, total: int, stage: RenderStage) -> None:
    """Take a report."""


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Spoken]:
    """What espeak-ng makes of the texts; it always speaks alike."""
    folder = tmp_path_factory.mktemp("spoken")
    with narrating([FIRST, SECOND], Voice(), ESPEAK, folder, ignore) as speech:
        return dict(speech)


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    path = tmp_path / "grey.png"
    Image.new("RGB", (320, 180), "#404040").save(path)
    return path


def show(
    grey: Path,
    narrations: Sequence[str],
    spec: SlideshowSpec = SPEC,
    *,
    music: Path | None = None,
    engine: Engine = Engine.STILL,
) -> tuple[RenderFacts, Path]:
    output = grey.with_name("show.mp4")
    photos = [Photo(grey, "grey.png", PhotoSpec(narration=text), "grey") for text in narrations]
    facts = render_slideshow(
        photos,
        spec,
        output,
        tracks=[Track(music, 2.0)] if music else [],
        engine=engine,
        narrator=ESPEAK,
        on_progress=ignore,
    )
    return facts, output


def read_sound(path: Path) -> NDArray[np.float32]:
    """Return the left channel at 48 kHz."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    return np.concatenate(frames).astype(np.float32)


def list_levels(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the level of each hundredth of a second, in dB of full scale."""
    step = RATE // 100
    steps = sound[: len(sound) // step * step].reshape(-1, step).astype(float)
    levels: NDArray[np.float64] = 20 * np.log10(np.sqrt((steps**2).mean(axis=1)) + 1e-9)
    return levels


def count_frames(seconds: Fraction | float) -> int:
    return round(seconds * FPS)


@ENGINES
def test_words_are_heard_in_the_time_of_their_slide(
    grey: Path, spoken: dict[str, Spoken], engine: Engine
) -> None:
    facts, output = show(grey, [FIRST, "", SECOND], engine=engine)

    first, second = spoken[FIRST].seconds, spoken[SECOND].seconds
    middle = float(LEAD) + first + FADE  # a transition waits for the last word
    last = float(LEAD) + second + float(BREATH)
    assert facts.duration == pytest.approx(middle + 1 + last, abs=0.05)
    heard = np.flatnonzero(list_levels(read_sound(output)) > -40) / 100
    begin = middle + 1 + float(LEAD)
    early, late = heard[heard < middle], heard[heard > middle]
    assert early[0] == pytest.approx(float(LEAD), abs=0.06)
    assert early[-1] == pytest.approx(float(LEAD) + first, abs=0.06)
    assert late[0] == pytest.approx(begin, abs=0.06)
    assert late[-1] == pytest.approx(begin + second, abs=0.06)


def test_card_is_spoken_and_repeated_words_are_spoken_again(
    grey: Path, spoken: dict[str, Spoken]
) -> None:
    card = {"text": "Hello", "narration": FIRST, "duration": 0.5}
    spec = SlideshowSpec.model_validate(
        SPEC.model_dump() | {"transition": "none", "title": card, "end_title": card}
    )
    facts, output = show(grey, [""], spec)
    length = float(LEAD) + spoken[FIRST].seconds + float(BREATH)
    assert facts.duration == pytest.approx(2 * length + 1, abs=0.05)
    loud = list_levels(read_sound(output)) > -40
    half = len(loud) // 2
    assert loud[:half].sum() == pytest.approx(loud[half:].sum(), abs=4)


def test_narration_is_as_loud_as_music_on_video_services(grey: Path) -> None:
    _, output = show(grey, [FIRST, SECOND])
    loudness, peak = measure_loudness(output)
    assert loudness == pytest.approx(-14, abs=0.7)
    assert peak < -1


@pytest.mark.parametrize("duck", [True, False])
def test_music_gives_way_to_words(grey: Path, make_media: Make, *, duck: bool) -> None:
    """The music is a tone that no voice has: 9 kHz."""
    music = make_media("tone.wav", "-f", "lavfi", "-i", "sine=f=9000:d=2:r=48000")
    spec = SPEC.model_copy(update={"duck": duck, "duration": 5.0})
    _, output = show(grey, [FIRST], spec, music=music)
    sound = read_sound(output)
    during, after = (measure_tone(sound, second) for second in (0.9, 3.0))
    assert during - after == pytest.approx(-12 if duck else 0, abs=1.5)


def measure_tone(sound: NDArray[np.float32], second: float) -> float:
    """Return the level of the tone of 9 kHz in a fifth of a second, in dB."""
    part = sound[round(second * RATE) : round((second + 0.2) * RATE)].astype(float)
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    near = round(9000 * len(part) / RATE)
    return float(20 * np.log10(spectrum[near - 3 : near + 4].max()))


def find_marks(output: Path) -> list[float]:
    """Return for each frame the middle of what is marked in yellow, across; NaN if nothing is."""
    places = []
    for frame in read_frames(output):
        red, _, blue = np.moveaxis(np.asarray(frame, int), -1, 0)
        columns = np.flatnonzero((red - blue > 90).any(axis=0))
        places.append(float(columns.mean()) if len(columns) else float("nan"))
    return places


@ENGINES
@pytest.mark.parametrize("motion", ["none", "zoom_in"])
def test_words_are_marked_when_they_are_spoken(
    grey: Path, spoken: dict[str, Spoken], engine: Engine, motion: str
) -> None:
    spec = SPEC.model_copy(update={"captions": "narration", "motion": motion})
    facts, output = show(grey, [FIRST, ""], spec, engine=engine)

    places = find_marks(output)
    assert len(places) == facts.frames
    marked = [number for number, place in enumerate(places) if not np.isnan(place)]
    words = spoken[FIRST].words
    first, last = (count_frames(float(LEAD) + t) for t in (words[0].start, words[-1].end))
    assert marked[0] == pytest.approx(first, abs=1)
    assert last - 1 <= marked[-1] <= last + count_frames(0.3) + 1
    middles = [count_frames(float(LEAD) + (word.start + word.end) / 2) for word in words]
    seen = [places[middle] for middle in middles]
    assert seen == sorted(seen)  # from left to right
    assert len({round(place) for place in seen}) == len(words)


def test_captions_end_before_the_transition_and_begin_after_it(
    grey: Path, spoken: dict[str, Spoken]
) -> None:
    spec = SPEC.model_copy(update={"captions": "narration"})
    _, output = show(grey, [FIRST, SECOND], spec)
    written = [np.asarray(frame, int).max() > 150 for frame in read_frames(output)]
    end = count_frames(float(LEAD) + spoken[FIRST].seconds + FADE)
    fade = range(end - count_frames(FADE), end)
    assert written[fade.start - 2]
    assert not any(written[number] for number in fade)
    assert written[fade.stop + count_frames(LEAD) + 1]


def test_segments_of_other_words_are_not_used_again(grey: Path, tmp_path: Path) -> None:
    """Drawn frames are stored by all that they show, the words included."""
    from reelqueue.render.images.slides import Slides
    from reelqueue.specs.narration import NarrationStyle

    spec = SPEC.model_copy(update={"captions": "narration"})

    def describe(text: str, spec: SlideshowSpec = spec) -> str | None:
        photo = Photo(grey, "grey.png", PhotoSpec(narration=text), "grey")
        with narrating([text], spec.voice, ESPEAK, tmp_path, ignore) as speech:
            return Slides([photo], spec, speech).describe(0)

    pop = NarrationStyle.model_validate({"preset": "pop"})
    other = spec.model_copy(update={"narration_style": pop})
    found = {describe(FIRST), describe(SECOND), describe(FIRST, other), describe(FIRST, SPEC)}
    assert len(found) == 4
    assert describe(FIRST) in found
