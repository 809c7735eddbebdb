"""What a machine can speak is told by the voices in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reelqueue.cli.doctor import examine
from reelqueue.config import Settings
from reelqueue.media.speech.narration import find_speaking


def write_voice(folder: Path, name: str, settings: str) -> None:
    (folder / f"{name}.onnx").write_bytes(b"a model")
    (folder / f"{name}.onnx.json").write_text(settings)


def test_voices_are_known_by_the_language_that_their_settings_tell(tmp_path: Path) -> None:
    write_voice(tmp_path, "anna", json.dumps({"language": {"code": "de_DE"}, "more": [1]}))
    write_voice(tmp_path, "old", json.dumps({"espeak": {"voice": "en-us"}}))
    (tmp_path / "lonely.onnx.json").write_text(json.dumps({"language": {"code": "fr_FR"}}))
    assert find_speaking(tmp_path).piper == {"anna": "de-de", "old": "en-us"}


DAMAGED = [
    "",
    "<html>Not Found</html>",
    "[]",
    "{}",
    '{"language": null}',
    '{"language": {"code": 7}}',
]


@pytest.mark.parametrize("settings", DAMAGED)
def test_voice_with_damaged_settings_leaves_the_others_alone(tmp_path: Path, settings: str) -> None:
    write_voice(tmp_path, "good", json.dumps({"language": {"code": "en_US"}}))
    write_voice(tmp_path, "broken", settings)
    assert find_speaking(tmp_path).piper == {"good": "en-us"}


@pytest.mark.render
def test_doctor_names_the_settings_of_voices_that_cannot_be_read(tmp_path: Path) -> None:
    voices = tmp_path / "voices"
    voices.mkdir()
    write_voice(voices, "good", json.dumps({"language": {"code": "en_US"}}))
    write_voice(voices, "broken", DAMAGED[1])
    environment = {"STORAGE_URL": (tmp_path / "data").as_uri(), "PIPER_VOICES": str(voices)}
    findings = examine(Settings.from_env(environment))
    texts = [each.text for each in findings if each.what == "narration"]
    assert [text for text in texts if "broken.onnx.json" in text and "good" not in text]
