"""The looks of docs/gallery.md come out as it says, and look as it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps
from skimage.metrics import structural_similarity

from benchmarks.gallery import Look, draw_sheet, list_tiles, read_looks, render_look
from reelqueue.specs.formats import RESOLUTIONS
from reelqueue.specs.photo import Fit, Motion, PhotoSpec, Transition
from reelqueue.specs.slideshow import Engine
from reelqueue.specs.text import Backing, LetterSize, Position, TitleCard
from reelqueue.submission.kinds.slideshow import SlideshowRequest
from tests.render.conftest import measure_loudness

MIN_SSIM = 0.9  # of a frame
MIN_PLACE_SSIM = 0.7  # of the place in it that is least alike: another caption has 0.6 or less
PLACE = 24  # pixels a side
MAX_COLOR_DISTANCE = 10  # levels of a channel, on average


class Wanted(NamedTuple):
    """What a look's video is to be; one without a loudness has no sound."""

    frames: int
    seconds: float
    size: tuple[int, int]
    lufs: float | None = None


WANTED = {
    "trip": Wanted(120, 6, (640, 360), -14),
    "reel": Wanted(180, 6, (360, 640)),
    "farewell": Wanted(450, 15, (640, 360), -20),
    "morning": Wanted(240, 8, (360, 360)),
    "panoramas": Wanted(144, 6, (640, 360)),
    "logos": Wanted(90, 3.6, (360, 360)),
    "scans": Wanted(50, 2.1, (3840, 2160)),
    "phone": Wanted(180, 6, (1920, 1080)),
    "stopmotion": Wanted(48, 2.4, (640, 360)),
    "story": Wanted(99, 6.6, (360, 640)),
    "album": Wanted(165, 5.5, (640, 360), -14),
    "mixed": Wanted(75, 5, (320, 180)),
}
LOOKS = {look.name: look for look in read_looks()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of all looks are."""
    return tmp_path_factory.mktemp("gallery")


def test_page_shows_twelve_looks_in_little_space() -> None:
    assert list(LOOKS) == list(WANTED)
    kept = {path: path.stat().st_size for path in LOOKS["trip"].sheet.parent.iterdir()}
    assert set(kept) == {look.sheet for look in LOOKS.values()}
    assert max(kept.values()) < 100_000
    assert sum(kept.values()) < 700_000


def list_choices() -> Iterator[str]:
    """Yield the names of all that can be chosen for a slideshow, but of most transitions."""
    fields = {*SlideshowRequest.model_fields, *PhotoSpec.model_fields, *TitleCard.model_fields}
    fields -= {"session_id", "job_id", "priority", "audio_id", "dry_run", "on_bad_photo"}
    fields -= {"run_at", "callback_url"}
    fields -= {"quality", "max_bytes", "target"}  # how large a file may be is no look
    # The looks are of photos, and nothing is spoken.
    yield from fields - {"video", "duck", "narration", "narration_style", "voice", "captions"}
    for kind in (Fit, Motion, Position, LetterSize, Backing, Engine):
        yield from kind
    yield from ["fade_black", "fade_white", "name", "date", *RESOLUTIONS]
    yield from ["jpg", "png", "webp", "avif", "heic", "tif", "gif", "mp3", "m4a"]


def test_each_choice_is_in_a_look_and_each_family_of_transitions() -> None:
    requests = " ".join(look.request for look in LOOKS.values()).replace("-", "_")
    words = set(re.findall(r"[a-z0-9]+(?:_[a-z0-9]+)*", requests))

    assert set(list_choices()) - words == set()
    families = [{name.partition("_")[0] for name in names} for names in (Transition, words)]
    assert families[0] - families[1] == set()


@pytest.mark.render
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_look_is_as_asked_for_and_as_shown(look: Look, folder: Path) -> None:
    wanted = WANTED[look.name]

    video = render_look(look, folder)

    with av.open(str(video)) as container:
        pictures = container.streams.video[0]
        assert pictures.frames == wanted.frames
        assert (pictures.width, pictures.height) == wanted.size
        assert container.duration == pytest.approx(wanted.seconds * 1e6, abs=2e4)
        assert bool(container.streams.audio) == bool(wanted.lufs)
    if wanted.lufs:
        loudness, peak = measure_loudness(video)
        assert loudness == pytest.approx(wanted.lufs, abs=1)
        assert peak <= -1
    with Image.open(look.sheet) as kept:
        check_likeness(draw_sheet(video), kept.convert("RGB"), wanted.size)


def hide_caption(sheet: Image.Image) -> Image.Image:
    """Return a sheet whose first frame has an empty box for its caption."""
    changed = sheet.copy()
    changed.paste((40, 40, 40), CAPTION)
    return changed


CAPTION = (85, 115, 155, 128)  # on the sheet of "trip"
CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "other words": hide_caption,
    "other colours": lambda sheet: ImageEnhance.Color(sheet).enhance(0.5),
    "another order": ImageOps.mirror,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_look_that_has_changed_is_noticed(change: Callable[[Image.Image], Image.Image]) -> None:
    look = LOOKS["trip"]
    with Image.open(look.sheet) as image:
        kept = image.convert("RGB")
    check_likeness(kept, kept, WANTED["trip"].size)
    with pytest.raises(AssertionError, match="frame"):
        check_likeness(change(kept), kept, WANTED["trip"].size)


def check_likeness(sheet: Image.Image, kept: Image.Image, size: tuple[int, int]) -> None:
    """Check that two contact sheets of a video of that size show the same, frame by frame."""
    assert sheet.size == kept.size
    for number, box in enumerate(list_tiles(size)):
        pair = [image.crop(box) for image in (sheet, kept)]
        whole, least = measure_likeness(*(np.asarray(image.convert("L")) for image in pair))
        assert whole >= MIN_SSIM, f"frame {number}"
        assert least >= MIN_PLACE_SSIM, f"frame {number}"
        colors = [np.asarray(image, np.int16) for image in pair]
        distance = np.abs(colors[0] - colors[1]).mean(axis=(0, 1)).max()
        assert distance <= MAX_COLOR_DISTANCE, f"frame {number}"


def measure_likeness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the SSIM of two frames, and of the place where they are least alike."""
    whole, everywhere = structural_similarity(one, other, full=True)  # type: ignore[no-untyped-call]  # untyped
    places = Image.fromarray(everywhere.astype(np.float32)).reduce(PLACE)
    return float(whole), float(np.asarray(places).min())
