"""Clips of ten minutes: sound and pictures still go together at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelqueue.render.clip import render_clip
from reelqueue.specs.clips.clip import ClipSpec
from tests.render.conftest import Make
from tests.render.flashes import read_clip
from tests.render.test_sync import IN_SYNC

pytestmark = pytest.mark.render

SECONDS = 600
PERIOD = 12.012  # seconds: 144 frames at 12000/1001 a second
PICTURES = (
    f"color=black:s=64x32:r=12000/1001:d={SECONDS},drawbox=c=white:t=fill:enable='eq(mod(n,144),0)'"
)
BEEPS = f"aevalsrc=gte(t\\,1)*lt(mod(t\\,{PERIOD})\\,0.1)*0.5*sin(6283*t):s=44100:d={SECONDS}"


@pytest.fixture(scope="module")
def long_talk(make_media: Make) -> Path:
    sources = ("-f", "lavfi", "-i", PICTURES, "-f", "lavfi", "-i", BEEPS)
    return make_media("long.mp4", *sources, "-c:v", "libx264", "-preset", "ultrafast", "-g", "24")


@pytest.mark.parametrize(
    ("choices", "is_copied"), [({"resolution": "128x64"}, False), ({"aspect": "original"}, True)]
)
def test_sound_stays_in_sync_over_ten_minutes(
    long_talk: Path, tmp_path: Path, choices: dict[str, str], is_copied: bool
) -> None:
    clip = tmp_path / "clip.mp4"
    spec = ClipSpec.model_validate({"start": 0.7, "end": SECONDS, **choices})
    facts = render_clip(long_talk, spec, clip, on_progress=lambda *_: None)
    assert bool(facts.copied_frames) is is_copied
    offsets = read_clip(clip, facts).measure_offsets()
    assert len(offsets) == SECONDS // PERIOD
    assert offsets == pytest.approx([0] * len(offsets), abs=IN_SYNC)
