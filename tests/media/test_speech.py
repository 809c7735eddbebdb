"""What a machine can recognise is told by its library and the files of its model."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from reelqueue.errors import InvalidSpecError
from reelqueue.media.speech.recognition import COMMAND, Ability, find_ability
from reelqueue.specs.clips.speech import Speech
from reelqueue.submission.speech import combine_abilities


@pytest.fixture
def with_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library can be found here."""
    module = ModuleType("faster_whisper")
    module.__spec__ = ModuleSpec("faster_whisper", None)
    monkeypatch.setitem(sys.modules, "faster_whisper", module)


def write_model(folder: Path, tokens: int, size: int = 1000) -> str:
    (folder / "model.bin").write_bytes(bytes(size))
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "vocabulary.txt").write_text("a\n" * tokens)
    return str(folder)


def test_machine_without_the_extra_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    ability = find_ability("small")
    assert f"`{COMMAND}`" in str(ability.fault)
    with pytest.raises(InvalidSpecError, match=r"^captions: Speech is not recognised here"):
        ability.check(Speech(), "captions", "language")


@pytest.mark.usefixtures("with_extra")
def test_folder_without_a_model_is_a_fault_that_tells_no_path(tmp_path: Path) -> None:
    fault = find_ability(str(tmp_path)).fault
    assert fault is not None
    assert "has no model.bin" in fault
    assert str(tmp_path) not in fault


@pytest.mark.usefixtures("with_extra")
@pytest.mark.parametrize(("tokens", "is_english_only"), [(51_864, True), (51_865, False)])
def test_vocabulary_tells_whether_a_model_knows_more_than_english(
    tmp_path: Path, tokens: int, is_english_only: bool
) -> None:
    ability = find_ability(write_model(tmp_path, tokens))
    assert (ability.fault, ability.is_english_only) == (None, is_english_only)


@pytest.mark.usefixtures("with_extra")
def test_name_tells_the_language_and_the_pace() -> None:
    assert find_ability("tiny.en").is_english_only
    assert not find_ability("small").is_english_only
    names = ["tiny", "base.en", "small", "medium", "large-v3", "somebody/unknown"]
    paces = [find_ability(name).pace for name in names]
    assert paces == sorted(paces)


def test_other_language_is_refused_where_the_model_knows_english_only() -> None:
    ability = Ability(is_english_only=True)
    ability.check(Speech(language="en"), "captions", "language")
    with pytest.raises(InvalidSpecError) as refusal:
        ability.check(Speech(language="de"), "captions", "language")
    assert refusal.value.field == "language"


def test_all_workers_must_be_able_as_any_of_them_may_get_a_job() -> None:
    assert combine_abilities([]) is None
    able = {"speech": {"pace": 0.5}}
    together = combine_abilities([able, {"speech": {"pace": 0.1, "is_english_only": True}}])
    assert together == Ability(pace=0.5, is_english_only=True)
    for lacking in ({"speech": {"fault": "It is not there."}}, {}):
        found = combine_abilities([able, lacking])
        assert found
        assert found.fault
