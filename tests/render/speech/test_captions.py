"""Captions that are recognised are those of what the clip lets hear."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.render.speech.captions import recognize_captions
from reelqueue.specs.clips.clip import ClipSpec

pytestmark = [pytest.mark.render, pytest.mark.process]


def test_words_are_those_of_the_chosen_track(
    reading_path: Path, whisper_model: Path, tmp_path: Path
) -> None:
    source = tmp_path / "two_tracks.mp4"
    silence = ("-f", "lavfi", "-t", "44", "-i", "anullsrc=r=48000")
    streams = ("-map", "0:v", "-map", "1:a", "-map", "0:a", "-c:v", "copy")
    start = [find_ffmpeg(), "-nostdin", "-v", "error"]
    subprocess.run([*start, "-i", reading_path, *silence, *streams, source], check=True)
    part = {"start": 13.2, "end": 16.8, "captions": "auto", "audio": {"track": 2}}
    heard = recognize_captions(
        source,
        ClipSpec.model_validate(part),
        str(whisper_model),
        tmp_path,
        lambda *_: None,
    )
    texts = " ".join(cue.text for cue in heard.spec.cue_sheet.cues)
    assert "season of light" in texts.lower()
    assert heard.spec.cue_sheet.language == "en"
