"""A real model writes down real recordings, and speech whose times are known."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import time
import wave
from collections.abc import Sequence
from contextlib import suppress
from difflib import SequenceMatcher
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import psutil
import pytest

from reelqueue.errors import InvalidSpecError, RenderError, UnavailableError
from reelqueue.media.facts import OnProgress, RenderStage
from reelqueue.media.transcripts import Transcript
from reelqueue.processes.checkup import find_gaps
from reelqueue.processes.children import run_child
from reelqueue.render.analyze import analyze_video
from reelqueue.render.ffmpeg.source import probe_source
from reelqueue.render.speech import recognize
from reelqueue.render.speech.child import Line
from reelqueue.render.speech.recognize import Span, transcribe
from reelqueue.specs.analysis import AnalysisSpec
from reelqueue.specs.clips.captions import Word
from reelqueue.specs.clips.speech import LANGUAGES, Speech
from tests.conftest import ROOT, find_free_port, find_package
from tests.render.speech.spoken import speak

pytestmark = [pytest.mark.render, pytest.mark.process]

TALE = """
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of
foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of
Light, it was the season of Darkness, it was the spring of hope, it was the winter of despair, we
had everything before us, we had nothing before us, we were all going direct to Heaven, we were all
going direct the other way--in short, the period was so far like the present period, that some of
its noisiest authorities insisted on its being received, for good or for evil, in the superlative
degree of comparison only.
"""
LESSON = (
    "Good afternoon, and welcome back to the workshop. Today we are going to build a small wooden "
    "boat. First you need two boards, a saw, some glue and a little patience. Measure the boards "
    "before you cut them. When the glue is dry, paint the boat in a bright colour and let it float "
    "on the lake."
)


def hear(
    path: Path,
    model: Path,
    folder: Path,
    speech: Speech | None = None,
    *,
    spans: Sequence[Span] | None = None,
    on_progress: OnProgress = lambda *_, **__: None,
) -> Transcript:
    video, speech = probe_source(path), speech or Speech()
    return transcribe(path, video, speech, str(model), folder, spans=spans, on_progress=on_progress)


def list_words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def measure_errors(wanted: list[str], heard: list[str]) -> float:
    """Return the word error rate: the fewest words to change, for each that is wanted."""
    before = list(range(len(heard) + 1))
    for number, word in enumerate(wanted, 1):
        row = [number]
        for at, other in enumerate(heard, 1):
            row.append(min(before[at] + 1, row[-1] + 1, before[at - 1] + (word != other)))
        before = row
    return before[-1] / len(wanted)


def join(transcript: Transcript) -> str:
    return " ".join(segment.text for segment in transcript.segments)


def write_video(folder: Path, text: str) -> tuple[Path, list[Word]]:
    """Write a video in which a text is spoken after half a second; return it and its words."""
    samples, rate, words = speak(text)
    sound = folder / "spoken.wav"
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\0\0" * (rate // 2) + samples.tobytes() + b"\0\0" * rate)
    seconds = len(samples) / rate + 1.5
    pictures = ["-f", "lavfi", "-i", f"color=size=64x64:rate=10:duration={seconds}"]
    path = folder / "spoken.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *pictures, "-i", sound, path]
    code, _, errors = run_child(command, timeout=60)
    assert code == 0, errors
    moved = [
        word.model_copy(update={"start": word.start + 0.5, "end": word.end + 0.5}) for word in words
    ]
    return path, moved


@pytest.fixture(scope="module")
def reading(
    reading_path: Path, whisper_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Transcript, list[tuple[int, int, RenderStage]]]:
    """What the model hears in a reading, and the reports of progress."""
    reports: list[tuple[int, int, RenderStage]] = []
    folder = tmp_path_factory.mktemp("heard")
    transcript = hear(
        reading_path, whisper_model, folder, on_progress=lambda *report: reports.append(report)
    )
    assert list(folder.iterdir()) == []
    return transcript, reports


Reading = tuple[Transcript, list[tuple[int, int, RenderStage]]]


def test_reading_is_written_down_with_few_errors(reading: Reading) -> None:
    transcript, _ = reading
    assert transcript.language == "en"
    assert measure_errors(list_words(TALE), list_words(join(transcript))) <= 0.1


def test_words_of_a_reading_are_within_it_and_in_order(reading: Reading) -> None:
    words = [word for segment in reading[0].segments for word in segment.words]
    assert len(words) > 100
    assert 1.1 < words[0].start < 1.4  # where the voice begins
    assert 41 < words[-1].end < 42.5
    assert all(word.start <= word.end for word in words)
    assert words == sorted(words, key=lambda word: word.start)


def test_progress_grows_up_to_all_of_it(reading: Reading) -> None:
    reports = reading[1]
    assert {(total, stage) for _, total, stage in reports} == {(4430, "transcribing")}
    done = [report[0] for report in reports]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 4430)
    assert len(set(done)) > 3


def test_words_of_synthetic_speech_are_at_their_times(tmp_path: Path, whisper_model: Path) -> None:
    path, spoken = write_video(tmp_path, LESSON)
    transcript = hear(path, whisper_model, tmp_path)
    heard = [word for segment in transcript.segments for word in segment.words]
    wanted, found = (["".join(list_words(w.text)) for w in ws] for ws in (spoken, heard))
    blocks = SequenceMatcher(a=wanted, b=found, autojunk=False).get_matching_blocks()
    errors = [
        abs(heard[block.b + at].start - spoken[block.a + at].start)
        for block in blocks
        for at in range(block.size)
    ]
    assert len(errors) > 0.8 * len(spoken)
    assert statistics.median(errors) <= 0.08


def test_ranges_are_heard_alone_and_in_the_time_of_the_video(
    reading_path: Path, whisper_model: Path, tmp_path: Path
) -> None:
    spans = [(13.2, 16.8), (29.0, 32.4)]
    transcript = hear(reading_path, whisper_model, tmp_path, spans=spans)
    light, short = (
        [s for s in transcript.segments if start - 0.1 <= s.start < end] for start, end in spans
    )
    assert len(light) + len(short) == len(transcript.segments)
    assert "season of light" in light[0].text.lower()
    assert abs(light[0].start - 13.49) < 0.2
    assert "in short" in short[0].text.lower()
    assert abs(short[0].start - 29.12) < 0.2


def test_words_before_the_first_picture_that_can_be_decoded_are_heard(
    reading_path: Path, whisper_model: Path, tmp_path: Path
) -> None:
    source = tmp_path / "keyless.mp4"
    lost = ("-c", "copy", "-bsf:v", "noise=drop='eq(n,0)'")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", reading_path, *lost, source]
    subprocess.run(command, check=True)
    transcript = hear(source, whisper_model, tmp_path, spans=[(13.2, 16.8)])
    assert "season of light" in join(transcript).lower()


def test_long_sound_is_heard_in_windows(
    reading_path: Path, whisper_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is cut is heard as if it were not: the cut is at a pause."""
    text = (
        "import reelqueue.render.speech.windows as w; w.WINDOW = 20 * 16000; w._SLACK = 5 * 16000"
    )
    (tmp_path / "short").mkdir()
    (tmp_path / "short" / "sitecustomize.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'short'}:{ROOT}")
    monkeypatch.syspath_prepend(tmp_path / "short")
    windows = []
    take = recognize._Answer._take

    def count(answer: recognize._Answer, line: Line) -> None:
        windows.append(line.language is not None)
        take(answer, line)

    monkeypatch.setattr(recognize._Answer, "_take", count)
    transcript = hear(reading_path, whisper_model, tmp_path)
    assert sum(windows) in (2, 3)
    assert measure_errors(list_words(TALE), list_words(join(transcript))) <= 0.1
    words = [word for segment in transcript.segments for word in segment.words]
    assert words == sorted(words, key=lambda word: word.start)


def test_vocabulary_decides_how_a_name_is_written(tmp_path: Path, whisper_model: Path) -> None:
    path, _ = write_video(tmp_path, "My name is Jon Smyth and I live here with my brother Jon.")
    plain = join(hear(path, whisper_model, tmp_path))
    told = join(hear(path, whisper_model, tmp_path, Speech(vocabulary=("Jon Smyth",))))
    assert "Jon Smyth" not in plain
    assert "Jon Smyth" in told


def test_silence_has_no_words(tmp_path: Path, whisper_model: Path) -> None:
    path = tmp_path / "silent.mp4"
    pictures = ["-f", "lavfi", "-i", "color=size=64x64:rate=10:duration=5"]
    silence = ["-f", "lavfi", "-i", "anullsrc=duration=5"]
    run_child([imageio_ffmpeg.get_ffmpeg_exe(), *pictures, *silence, path], timeout=60)
    assert hear(path, whisper_model, tmp_path).segments == ()


def test_language_that_the_model_does_not_have_is_refused(
    reading_path: Path, whisper_model: Path, tmp_path: Path
) -> None:
    with pytest.raises(InvalidSpecError, match=r"captions\.speech\.language: the model does not"):
        hear(reading_path, whisper_model, tmp_path, Speech(language="de"), spans=[(0.0, 3.0)])


def test_cancel_ends_the_child_at_once(
    reading_path: Path, whisper_model: Path, tmp_path: Path
) -> None:
    def cancel(*_: object, **__: object) -> None:
        if is_recognizing():
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        hear(reading_path, whisper_model, tmp_path, on_progress=cancel)
    assert time.monotonic() - began < 30
    assert not is_recognizing()
    assert list(tmp_path.iterdir()) == []


def is_recognizing() -> bool:
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "reelqueue.render.speech.child" in child.cmdline():
                return True
    return False


def test_child_that_takes_too_much_memory_is_stopped(
    reading_path: Path, whisper_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognize, "_BASE_BYTES", 200 << 20)
    monkeypatch.setattr(recognize, "_MODEL_FACTOR", 0)
    with pytest.raises(RenderError, match=r"ran out of memory|stopped with an error"):
        hear(reading_path, whisper_model, tmp_path, spans=[(0.0, 3.0)])
    assert list(tmp_path.iterdir()) == []


INTRUDER = """
import os, socket, sys

def is_open(call):
    try:
        call()
    except OSError:
        return False
    return True

doors = [socket.socket, lambda: open({video!r}), lambda: open("/etc/passwd")]
found = [is_open(door) for door in doors] + ["SECRET_KEY" in os.environ]
text = "open" if any(found) else "closed"
sys.stdout.write('{{"segment": {{"start": 0.0, "end": 1.0, "text": "%s"}}}}' % text + chr(10))
sys.stdout.flush()
"""


def test_child_has_no_network_no_secret_and_no_file_of_others(
    reading_path: Path, whisper_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if find_gaps():
        pytest.skip("the kernel of this machine closes less")
    (tmp_path / "sitecustomize.py").write_text(INTRUDER.format(video=str(reading_path)))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    monkeypatch.setenv("SECRET_KEY", "hush")
    monkeypatch.syspath_prepend(tmp_path)
    transcript = hear(reading_path, whisper_model, tmp_path, spans=[(13.2, 16.8)])
    assert transcript.segments[0].text == "closed"
    assert "season of light" in join(transcript).lower()


def test_model_that_is_damaged_is_our_fault(reading_path: Path, tmp_path: Path) -> None:
    find_package("faster_whisper")
    model = tmp_path / "model"
    model.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (model / name).write_bytes(b"{}")
    with pytest.raises(RenderError, match="stopped with an error"):
        hear(reading_path, model, tmp_path, spans=[(0.0, 1.0)])


def test_named_model_is_taken_from_the_cache_without_the_network(
    reading_path: Path, whisper_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache has links to files beside it, which the sandbox has to open."""
    repository = tmp_path / "hub" / "models--Systran--faster-whisper-tiny.en"
    snapshot = repository / "snapshots" / ("0" * 40)
    for folder in (repository / "refs", snapshot):
        folder.mkdir(parents=True)
    (repository / "refs" / "main").write_text(snapshot.name)
    for file in whisper_model.iterdir():
        (snapshot / file.name).symlink_to(file)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    transcript = hear(reading_path, Path("tiny.en"), tmp_path, spans=[(13.2, 16.8)])
    assert "season of light" in join(transcript).lower()


def test_model_that_cannot_be_fetched_is_named_in_a_sentence(
    reading_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_package("faster_whisper")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{find_free_port()}")
    with pytest.raises(UnavailableError, match=r"tiny\.en could not be fetched.*WHISPER_MODEL"):
        hear(reading_path, Path("tiny.en"), tmp_path, spans=[(0.0, 1.0)])


def test_languages_are_those_of_the_library() -> None:
    package = find_package("faster_whisper")
    codes = re.findall(r'^    "([a-z]{2,3})",$', (package / "tokenizer.py").read_text(), re.M)
    assert set(codes) == set(LANGUAGES)


def test_samples_of_speech_are_mono_at_their_rate(
    reading_path: Path, whisper_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []

    def count(folder: Path, *_: object) -> Transcript:
        kept.append(len(np.fromfile(folder / "speech.pcm", np.int16)))
        return Transcript(segments=())

    monkeypatch.setattr(recognize, "_run_child", count)
    hear(reading_path, whisper_model, tmp_path, spans=[(2.0, 5.5)])
    assert kept == [56_000]


def test_analysis_has_the_transcript_and_highlights_that_cut_no_word(
    reading_path: Path, whisper_model: Path, tmp_path: Path
) -> None:
    spec = AnalysisSpec.model_validate(
        {"transcript": True, "highlights": {"count": 2, "duration": 10.0}}
    )
    analysis = analyze_video(
        reading_path, spec, tmp_path, model=str(whisper_model), on_progress=lambda *_: None
    )
    assert set(analysis.files) == {"analysis", "filmstrip", "waveform", "transcript"}
    told = json.loads(analysis.files["analysis"].read_text())
    assert told["transcript"] == json.loads(analysis.files["transcript"].read_text())
    words = [word for segment in told["transcript"]["segments"] for word in segment["words"]]
    assert len(words) > 80
    for highlight in told["highlights"]:
        for edge in (highlight["start"], highlight["end"]):
            assert not any(word["start"] + 0.1 < edge < word["end"] - 0.1 for word in words)
    assert analysis.brief.transcript is None
