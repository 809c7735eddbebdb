"""The pictures of docs/motion.md show what the engine does."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from PIL import Image

from benchmarks.motion import film, main
from tests.conftest import ROOT

pytestmark = pytest.mark.render


def test_every_picture_of_the_page_is_drawn(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, [str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    page = (ROOT / "docs" / "motion.md").read_text()
    named = set(re.findall(r"\]\(motion/([\w.]+)\)", page))
    assert named == {path.name for path in tmp_path.iterdir()}
    assert named == {path.name for path in (ROOT / "docs" / "motion").iterdir()}
    for path in tmp_path.glob("*.webp"):
        with Image.open(path) as drawn, Image.open(ROOT / "docs" / "motion" / path.name) as kept:
            assert drawn.size == kept.size
    assert ElementTree.parse(tmp_path / "pulse.svg").getroot().tag.endswith("svg")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 250_000


def test_print_would_pulse_and_a_cat_does_not() -> None:
    """What the chart shows: how much worse frames are than the keys before them."""

    def measure_drops(name: str, *, must_write: bool) -> list[float]:
        made = film(name, must_write=must_write)
        psnr = made.list_psnr()
        return [psnr[at - 1] - psnr[at] for at in range(9, 55) if made.is_key[at - 1]]

    assert min(measure_drops("page.png", must_write=True)) > 2.5
    assert max(measure_drops("page.png", must_write=False)) < 1
    assert max(measure_drops("chelsea.png", must_write=False)) < 2.5
