"""Narration by a real espeak-ng: what is heard when, and what a text can do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import wave
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from reelqueue.config import ROOT
from reelqueue.errors import InvalidSpecError, RenderCanceledError, RenderError
from reelqueue.media.facts import RenderStage
from reelqueue.media.speech.narration import SpeakingAbility
from reelqueue.planning.narration import estimate_seconds
from reelqueue.processes.checkup import find_gaps
from reelqueue.render.narration.narrate import SpokenFile, narrating
from reelqueue.specs.narration import LANGUAGES, Narrator, SpeechEngine, Voice
from reelqueue.specs.text import clean_text
from tests.conftest import wait_until

pytestmark = pytest.mark.render

PLAIN = Voice()
ESPEAK = Narrator(SpeechEngine.ESPEAK)
SENTENCE = "The beach was long, and the water was cold. We stayed for hours."


def ignore(done: int, total: int, stage: RenderStage) -> None:
    """Take a report."""


def speak(folder: Path, *texts: str, voice: Voice = PLAIN) -> list[SpokenFile]:
    with narrating(texts, voice, ESPEAK, folder, ignore) as spoken:
        for speech in spoken.values():
            with wave.open(str(speech.path)) as file:
                assert file.getnframes() / file.getframerate() == pytest.approx(speech.seconds)
        return [spoken[text] for text in texts]


def test_words_begin_when_they_are_heard(tmp_path: Path) -> None:
    with narrating([SENTENCE], Voice(), ESPEAK, tmp_path, ignore) as spoken:
        speech = spoken[SENTENCE]
        with wave.open(str(speech.path)) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    assert "".join(word.text for word in speech.words) == SENTENCE
    starts = [word.start for word in speech.words]
    assert starts == sorted(starts)
    assert starts[0] == 0
    assert speech.words[-1].end == pytest.approx(speech.seconds, abs=0.01)
    cold, we = speech.words[8], speech.words[9]
    assert (cold.text, we.text) == ("cold. ", "We ")
    assert we.start - cold.end > 0.15  # the pause after a sentence
    pause = samples[round(cold.end * rate) : round(we.start * rate)]
    assert np.abs(pause).max() <= 0.01 * np.abs(samples).max()


def test_estimate_is_near_what_is_spoken(tmp_path: Path) -> None:
    for speed in (0.7, 1.0, 1.6):
        voice = Voice(language="en", speed=speed)
        (speech,) = speak(tmp_path, SENTENCE, voice=voice)
        assert estimate_seconds(SENTENCE, voice) == pytest.approx(speech.seconds, rel=0.2)


def test_voices_of_women_and_men_differ(tmp_path: Path) -> None:
    sounds = []
    for name in ("m3", "f2"):
        with narrating([SENTENCE], Voice(name=name), ESPEAK, tmp_path, ignore) as spoken:
            sounds.append(spoken[SENTENCE].path.read_bytes())
    assert sounds[0] != sounds[1]


ALL_LANGUAGES = """
from reelqueue.render.narration.espeak import Espeak
from reelqueue.specs.narration import LANGUAGES, VARIANTS, Voice

for number, language in enumerate(sorted(LANGUAGES)):
    voice = Voice(language=language, name=VARIANTS[number % len(VARIANTS)])
    print(language, len(Espeak(voice, 60).speak("la 1 \u043b\u0430").samples))
"""


def test_every_language_is_spoken() -> None:
    said = subprocess.run(
        [sys.executable, "-c", ALL_LANGUAGES],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    spoken = dict(line.split() for line in said.splitlines())
    assert set(spoken) == LANGUAGES
    assert all(int(samples) > 2000 for samples in spoken.values()), spoken


HOSTILE = [
    "-f /etc/passwd --path=/ -w /tmp/x.wav --help",
    "<speak><audio src='/etc/passwd'/><break time='3600s'/></speak>",
    "[[h@l'oU]] $(reboot) `id` ; rm -rf / \\x00 %s%n",
    "".join(map(chr, range(1, 32))) + "\u202eabc\u2066 \ufeff\u200b",
    "שלום עולם مرحبا 😀👍🏽🇫🇷 e\u0301\u0302\u0303",
    "x" * 1000,
    "a." * 500,
    "\u4e2d." * 500,
    "9" * 300,
]


def test_hostile_text_is_only_spoken(tmp_path: Path) -> None:
    texts = [clean_text(text) for text in HOSTILE]
    spoken = speak(tmp_path, *texts)
    assert all(0.05 < speech.seconds < 400 for speech in spoken)
    assert spoken[1].seconds < 30  # no break of an hour
    words = [word.text for word in spoken[2].words]
    assert "".join(words) == texts[2]
    assert list(tmp_path.iterdir()) == []


def test_text_without_sound_is_short(tmp_path: Path) -> None:
    (speech,) = speak(tmp_path, "...")
    assert speech.seconds < 0.1


def test_nothing_is_started_for_no_text(tmp_path: Path) -> None:
    with narrating([], Voice(), None, tmp_path, ignore) as spoken:
        assert spoken == {}


def test_text_that_takes_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelqueue.render.narration.narrate._LONGEST_SECONDS", 3.0)
    with pytest.raises(InvalidSpecError, match="to speak: make it shorter"):
        speak(tmp_path, SENTENCE * 4)


def test_progress_can_stop_the_speech(tmp_path: Path) -> None:
    def stop(done: int, total: int, stage: RenderStage) -> None:
        assert (total, stage) == (30, "narrating")
        if done:
            raise RenderCanceledError("enough")

    texts = [f"{number} {SENTENCE * 10}" for number in range(30)]
    with (
        pytest.raises(RenderCanceledError),
        narrating(texts, Voice(), ESPEAK, tmp_path, stop),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
    assert count_speaking() == 0


def test_fault_of_the_engine_is_ours(tmp_path: Path) -> None:
    voice = Voice.model_construct(language="klingon", name=None, speed=1.0, engine=None)
    with pytest.raises(RenderError, match="could not be spoken"):
        speak(tmp_path, "Hello", voice=voice)


INTRUDER = """
import os, socket, sys

def is_open(door):
    try:
        door()
    except OSError:
        return False
    return True

doors = [socket.socket, lambda: open({secret!r}), lambda: open("/etc/passwd")]
found = [is_open(door) for door in doors] + ["SECRET_KEY" in os.environ]
if any(found):
    sys.stdout.write("open" + chr(10))
    sys.stdout.flush()
"""


def test_child_has_no_network_no_secret_and_no_file_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_gaps():
        pytest.skip("the kernel of this machine closes less")
    secret = tmp_path / "secret"
    secret.write_text("hush")
    code = tmp_path / "code"
    code.mkdir()
    (code / "sitecustomize.py").write_text(INTRUDER.format(secret=str(secret)))
    monkeypatch.setenv("PYTHONPATH", f"{code}:{ROOT}")
    monkeypatch.setenv("SECRET_KEY", "hush")
    monkeypatch.syspath_prepend(code)
    (speech,) = speak(tmp_path, SENTENCE)  # what the intruder finds would be no valid line
    assert speech.words


KILLED = """
from pathlib import Path
from reelqueue.render.narration.narrate import narrating
from reelqueue.specs.narration import Narrator, SpeechEngine, Voice

texts = [f"{number} " + "long words " * 80 for number in range(200)]
with narrating(
    texts, Voice(), Narrator(SpeechEngine.ESPEAK), Path(FOLDER), lambda *_: None
):
    pass
"""


def test_kill_of_the_render_leaves_no_child(tmp_path: Path) -> None:
    program = KILLED.replace("FOLDER", repr(str(tmp_path)))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", program], env=environment) as parent:
        wait_until(lambda: count_speaking(parent.pid) == 1)
        (child,) = list_speaking(parent.pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_until(lambda: has_ended(child))


def has_ended(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    return True


def list_speaking(pid: int | None = None) -> list[psutil.Process]:
    """Return the children of a process that speak right now."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        try:
            if "reelqueue.render.narration.child" in child.cmdline():
                found.append(child)
        except psutil.Error:
            continue
    return found


def count_speaking(pid: int | None = None) -> int:
    return len(list_speaking(pid))


def test_engine_is_chosen_by_voice_and_by_what_is_there() -> None:
    both = SpeakingAbility(has_espeak=True, piper={"en_US-joe": "en-us", "de_DE-eva": "de-de"})
    assert both.choose_engine(Voice()) is SpeechEngine.PIPER
    assert both.choose_piper_voice(Voice(language="de")) == "de_DE-eva"
    assert both.choose_engine(Voice(language="en-gb")) is SpeechEngine.ESPEAK
    assert both.choose_engine(Voice(language="fr")) is SpeechEngine.ESPEAK
    assert both.choose_engine(Voice(name="f2")) is SpeechEngine.ESPEAK
    assert both.choose_engine(Voice(name="de_DE-eva", language="fr")) is SpeechEngine.PIPER
    assert both.choose_engine(Voice(engine=SpeechEngine.ESPEAK)) is SpeechEngine.ESPEAK
    for voice, sentence in [
        (Voice(name="nobody"), "there is no such voice"),
        (Voice(engine=SpeechEngine.PIPER, language="fr"), "Piper has no voice of this language"),
    ]:
        with pytest.raises(InvalidSpecError, match=sentence):
            both.choose_engine(voice)
    piper = SpeakingAbility(piper={"en_US-joe": "en-us"})
    with pytest.raises(InvalidSpecError, match="espeak-ng is not installed"):
        piper.choose_engine(Voice(language="fr"))
    with pytest.raises(InvalidSpecError, match="apt-get install espeak-ng"):
        SpeakingAbility().choose_engine(Voice())
    with pytest.raises(InvalidSpecError, match="Piper is not installed"):
        SpeakingAbility(has_espeak=True).choose_engine(Voice(engine=SpeechEngine.PIPER))
