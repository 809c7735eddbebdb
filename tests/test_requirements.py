"""What pyproject.toml asks for has a reason, and is locked with all that it brings."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED: dict[str, list[str]] = {
    "requirements.txt": PROJECT["project"]["dependencies"],
    "requirements-moviepy.txt": PROJECT["dependency-groups"]["moviepy"],
    "requirements-faces.txt": PROJECT["dependency-groups"]["faces"],
    "requirements-speech.txt": PROJECT["project"]["optional-dependencies"]["speech"],
    "requirements-speech-tests.txt": PROJECT["dependency-groups"]["speech-tests"],
    "requirements-narration.txt": PROJECT["project"]["optional-dependencies"]["narration"],
    "requirements-narration-tests.txt": PROJECT["dependency-groups"]["narration-tests"],
    "requirements-dev.txt": PROJECT["dependency-groups"]["dev"],
}
LOCKS = sorted(WANTED)


def list_names(lock: str) -> list[str]:
    return sorted(Requirement(line).name for line in WANTED[lock])


def read_pins(lock: str) -> dict[str, str]:
    """Return the versions in a lock file by name."""
    lines = re.findall(
        r"^([a-z0-9-]+)(?:\[[\w,]+\])?==(\S+)", (ROOT / lock).read_text(), re.MULTILINE
    )
    return dict(lines)


@pytest.mark.parametrize("lock", LOCKS)
def test_contributing_has_a_reason_for_each_dependency_and_for_no_other(lock: str) -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    table = page.partition(f"`{lock}`")[2].partition("| --- | --- |\n")[2].partition("\n\n")[0]
    names = re.findall(r"^\| ([a-z0-9-]+) \| \w.+ \|$", table, re.MULTILINE)
    assert len(names) == len(table.splitlines())
    assert sorted(names) == list_names(lock)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_as_new_as_the_project(lock: str) -> None:
    pins = read_pins(lock)
    for line in WANTED[lock]:
        requirement = Requirement(line)
        assert requirement.name in pins, f"`make lock` adds {requirement.name} to {lock}"
        assert pins[requirement.name] in requirement.specifier, "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_in_a_lock_is_pinned_with_hashes_and_from_no_named_place(lock: str) -> None:
    text = re.sub(r"^ *#.*\n", "", (ROOT / lock).read_text(), flags=re.MULTILINE)
    entry = r"\S+==[\w.]+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert len(re.findall(r"==", re.sub(r" ; .*", "", text))) == len(read_pins(lock)) > 0
    assert re.sub(entry, "", text) == ""


def test_what_runs_is_what_was_tested() -> None:
    tested = read_pins("requirements-dev.txt")
    run = read_pins("requirements.txt")
    assert run.items() <= tested.items()
    for lock in set(LOCKS) - {"requirements.txt", "requirements-dev.txt"}:
        pins = read_pins(lock)
        assert {name: tested.get(name, version) for name, version in pins.items()} == pins
    assert run.items() <= read_pins("requirements-speech.txt").items()
