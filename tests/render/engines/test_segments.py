"""What an earlier render drew is taken as it is, and only what has changed is drawn again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.photo import Motion, PhotoSpec, Transition
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from reelqueue.specs.text import TitleCard

pytestmark = pytest.mark.render

MOVING = SlideshowSpec(
    resolution="160x90", fps=15, duration=1, transition_duration=0.4, motion=Motion.KENBURNS
)
ENDS = {"title": TitleCard(text="Begin", duration=0.4), "end_title": TitleCard(text="End")}


class Folder:
    """Segments in a folder, and which of them were found and left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir()
        self.found: list[str] = []
        self.kept: list[str] = []

    def find(self, names: Collection[str]) -> Mapping[str, Path]:
        self.found = [name for name in names if (self._path / name).exists()]
        self.kept = []
        return {name: self._path / name for name in self.found}

    def keep(self, name: str, data: bytes) -> None:
        self.kept.append(name)
        (self._path / name).write_bytes(data)


@pytest.fixture
def segments(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "segments")


@pytest.fixture
def photos(photo_paths: list[Path]) -> list[Photo]:
    return [open_photo(path) for path in [*photo_paths[:3], photo_paths[0]]]


def open_photo(path: Path) -> Photo:
    return Photo(path, path.name, PhotoSpec(), hashlib.sha256(path.read_bytes()).hexdigest())


def render(
    photos: list[Photo],
    output: Path,
    segments: Folder | None = None,
    spec: SlideshowSpec = MOVING,
    engine: Engine = Engine.STILL,
) -> bytes:
    render_slideshow(
        photos, spec, output, segments=segments, engine=engine, on_progress=lambda *_: None
    )
    return output.read_bytes()


def test_same_again_is_the_same_file_and_draws_nothing(
    tmp_path: Path, photos: list[Photo], segments: Folder
) -> None:
    first = render(photos, tmp_path / "first.mp4", segments)
    assert len(segments.kept) == len(photos)
    gone = [photo._replace(path=tmp_path / "gone.jpg") for photo in photos]
    again = render(gone, tmp_path / "again.mp4", segments)  # which reads no photo
    assert not segments.kept
    assert again == first == render(photos, tmp_path / "alone.mp4")


def test_one_changed_photo_is_drawn_with_the_changes_around_it(
    tmp_path: Path, photos: list[Photo], photo_paths: list[Path], segments: Folder
) -> None:
    render(photos, tmp_path / "first.mp4", segments)
    changed = [*photos[:2], open_photo(photo_paths[3]), *photos[3:]]
    again = render(changed, tmp_path / "again.mp4", segments)
    assert (len(segments.found), len(segments.kept)) == (2, 2)
    assert again == render(changed, tmp_path / "alone.mp4")


@pytest.mark.parametrize(
    ("change", "drawn"),
    [
        ({"background": "#123456"}, 4),
        ({"resolution": "160x120"}, 4),
        ({"fps": 20}, 4),
        ({"seed": 1}, 4),
        ({"transition": Transition.CIRCLE_OPEN}, 3),  # the last one gives way to none
        ({"transition_duration": 0.6}, 4),
        ({"volume": 0.5}, 0),
        (ENDS, 3),  # the card's change, and the photos whose way is longer by theirs
    ],
)
def test_whatever_makes_another_picture_is_drawn(
    tmp_path: Path, photos: list[Photo], segments: Folder, change: dict[str, object], drawn: int
) -> None:
    render(photos, tmp_path / "first.mp4", segments)
    spec = MOVING.model_copy(update=change)
    again = render(photos, tmp_path / "again.mp4", segments, spec)
    assert len(segments.kept) == drawn
    assert again == render(photos, tmp_path / "alone.mp4", None, spec)


@pytest.mark.parametrize(
    "own", [{"caption": "Words"}, {"rotate": 90}, {"focus": {"x": 0.1, "y": 0.1}}]
)
def test_what_a_photo_has_of_its_own_makes_another_picture(
    tmp_path: Path, photos: list[Photo], segments: Folder, own: dict[str, object]
) -> None:
    render(photos, tmp_path / "first.mp4", segments)
    photos[1] = photos[1]._replace(spec=PhotoSpec.model_validate(own))
    again = render(photos, tmp_path / "again.mp4", segments)
    assert len(segments.kept) == 2
    assert again == render(photos, tmp_path / "alone.mp4")


def test_drawn_changes_between_photos_that_stand_still_are_kept_too(
    tmp_path: Path, photos: list[Photo], segments: Folder
) -> None:
    spec = MOVING.model_copy(update={"motion": Motion.NONE, "transition": Transition.BLUR})
    render(photos, tmp_path / "first.mp4", segments, spec)
    assert len(segments.kept) == 3
    again = render(photos, tmp_path / "again.mp4", segments, spec)
    assert not segments.kept
    assert again == render(photos, tmp_path / "alone.mp4", None, spec)


def test_file_that_nobody_knows_is_drawn_each_time(
    tmp_path: Path, photos: list[Photo], segments: Folder
) -> None:
    photos[1] = photos[1]._replace(digest="")
    render(photos, tmp_path / "first.mp4", segments)
    assert len(segments.kept) == 2
    render(photos, tmp_path / "again.mp4", segments)
    assert not segments.kept


@pytest.mark.parametrize("rest", [b"", b"[]", b"[[1]]\nx", b"{}\n", None])
def test_broken_part_is_drawn_anew(
    tmp_path: Path, photos: list[Photo], segments: Folder, rest: bytes | None
) -> None:
    whole = render(photos, tmp_path / "first.mp4", segments)
    broken = tmp_path / "segments" / segments.kept[1]
    broken.write_bytes(broken.read_bytes()[:-1] if rest is None else rest)
    assert render(photos, tmp_path / "again.mp4", segments) == whole
    assert segments.kept == [broken.name]
