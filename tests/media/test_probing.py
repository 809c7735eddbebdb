"""Probing of uploads: how many at once, for how long, and what ends a child."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from reelqueue.errors import BusyError, InputError, MalformedRequestError, UnreadableMediaError
from reelqueue.media import probing
from reelqueue.media.facts import PhotoFacts
from reelqueue.media.probing import Staged, find_derived_path, probe_files
from reelqueue.processes.children import Limits
from reelqueue.processes.cores import count_cores
from reelqueue.processes.slots import Slots
from reelqueue.specs.picture import Point

MIDDLE = Point(x=0.5, y=0.5)
PLAIN: dict[str, Any] = {"detail": MIDDLE, "turned_details": (MIDDLE,) * 3}  # of one colour

# Lossless WebP of 8000 x 8000 pixels of one colour.
VAST = bytes.fromhex("524946461e000000574542505650384c110000002f3fdfcf170750e42ad4a3808188e87f0000")


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def make_photo() -> bytes:
    file = BytesIO()
    Image.new("RGB", (96, 64), "red").save(file, "JPEG")
    return file.getvalue()


def stage(folder: Path, *contents: bytes) -> list[Staged]:
    files = [Staged(folder / f"{number}", "photo.jpg") for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.path.write_bytes(content)
    return files


def probe(files: Sequence[Staged], has_left: Any = lambda: False) -> list[PhotoFacts | InputError]:
    answers = [facts for _, facts in probe_files("photo", files, has_left)]
    assert all(isinstance(facts, PhotoFacts | InputError) for facts in answers)
    return [_drop_textures(facts) for facts in answers]  # type: ignore[arg-type]  # checked above


def _drop_textures(facts: PhotoFacts | InputError) -> PhotoFacts | InputError:
    if isinstance(facts, InputError):
        return facts
    return facts.model_copy(update={"textures": ()})


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Answer in place of the child; the fixture has how many files each child got."""
    batches: list[int] = []

    def answer(_: str, files: Sequence[Staged], __: float) -> tuple[list[bytes], int | None]:
        batches.append(len(files))
        return [b'{"width":1,"height":1,"format":"jpeg"}\n'] * len(files), 0

    monkeypatch.setattr(probing, "_run_probe", answer)
    return batches


@pytest.fixture
def taken_slots(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All cores are probing other files."""
    monkeypatch.setattr(probing, "_PATIENCE_SECONDS", 0.0)
    with ExitStack() as stack:
        for _ in range(count_cores()):
            stack.enter_context(Slots("probes", count_cores()).reserve(0, BusyError("taken")))
        yield


@pytest.mark.usefixtures("taken_slots")
def test_no_more_children_than_cores_probe_at_once(tmp_path: Path, probed: list[int]) -> None:
    with pytest.raises(BusyError, match="try again later") as caught:
        probe(stage(tmp_path, b"x"))
    assert caught.value.retry_after > 0
    assert probed == []


def test_files_that_take_too_long_together_are_refused(
    tmp_path: Path, probed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "_REQUEST_SECONDS", -40)
    with pytest.raises(BusyError, match="send fewer at once"):
        probe(stage(tmp_path, *[b"x"] * 40))
    assert probed == [16]


def test_files_of_a_client_that_has_left_are_not_probed(tmp_path: Path, probed: list[int]) -> None:
    looks = iter([False, True])
    with pytest.raises(MalformedRequestError, match="left"):
        probe(stage(tmp_path, *[b"x"] * 40), lambda: next(looks))
    assert probed == [16, 16]


@pytest.mark.process
def test_child_gets_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    run_child = probing._children.run

    def run(order: Any, **options: Any) -> Any:
        given.update(options)
        return run_child(order, **options)

    monkeypatch.setattr(probing._children, "run", run)
    (file,) = stage(tmp_path, make_photo())
    assert probe([file]) == [PhotoFacts(width=96, height=64, format="jpeg", **PLAIN)]
    assert find_derived_path("photo", file).stat().st_size > 0
    assert given["sandbox"].writes == (tmp_path,)


@pytest.mark.process
def test_photo_that_takes_too_much_time_is_refused_and_the_next_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "FILE_CPU_SECONDS", 1)
    first, slow, last = probe(stage(tmp_path, make_photo(), VAST, make_photo()))
    assert isinstance(slow, UnreadableMediaError)
    assert "takes too long to check: export it again" in str(slow)
    assert first == last == PhotoFacts(width=96, height=64, format="jpeg", **PLAIN)


@pytest.mark.process
def test_photo_that_takes_too_much_memory_is_refused_and_the_next_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "_LIMITS", Limits(memory_bytes=900 << 20, cpu_seconds=60))
    greedy, last = probe(stage(tmp_path, VAST, make_photo()))
    assert isinstance(greedy, UnreadableMediaError)
    assert last == PhotoFacts(width=96, height=64, format="jpeg", **PLAIN)


@pytest.mark.process
def test_child_measures_what_there_is_to_encode(tmp_path: Path) -> None:
    ((_, facts),) = probe_files("photo", stage(tmp_path, make_photo()), lambda: False)
    assert isinstance(facts, PhotoFacts)
    assert [texture.side for texture in facts.textures] == [640, 1280, 2560]


@pytest.mark.process
def test_photo_may_use_the_memory_that_its_pixels_need(tmp_path: Path) -> None:
    assert probe(stage(tmp_path, VAST)) == [
        PhotoFacts(width=8000, height=8000, format="webp", **PLAIN)
    ]
