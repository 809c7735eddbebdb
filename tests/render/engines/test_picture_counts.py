"""What is counted beforehand beside what is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from av.video.frame import PictureType

from reelqueue.planning.picture_counts import count_pictures
from reelqueue.planning.slides import add_cards
from reelqueue.planning.still_plan import GreyStill, StillGop, plan_gops
from reelqueue.planning.timeline import build_timeline
from reelqueue.render.engines import segments, still, still_drawn, still_intra
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.photo import Motion, PhotoSpec, Transition
from reelqueue.specs.slideshow import Engine, SlideshowSpec
from reelqueue.specs.text import TitleCard

pytestmark = pytest.mark.render

TRANSITIONS = [  # of each kind of frame, one
    *(Transition.NONE, Transition.FADE, Transition.FADE_BLACK, Transition.WIPE_LEFT),
    *(Transition.SLIDE_UP, Transition.PUSH_LEFT, Transition.PUSH_DOWN, Transition.CIRCLE_OPEN),
    *(Transition.ZOOM, Transition.RANDOM),
]
WRITTEN = {  # from or to a photo that moves; with so many pictures that need no other
    Transition.FADE: 1,
    Transition.FADE_BLACK: 1,
    Transition.WIPE_LEFT: 1,
    Transition.SLIDE_UP: 3,
    Transition.PUSH_LEFT: 1,
    Transition.PUSH_DOWN: 3,
    Transition.RANDOM: 1,
}
OWN_CHOICES = {
    "all stand": [PhotoSpec()] * 3,
    "none is alone": [PhotoSpec(duration=0.4)] * 3,
    "one moves": [PhotoSpec(), PhotoSpec(motion=Motion.KENBURNS), PhotoSpec()],
}


def count_yields(function: Callable[..., Iterator[Any]], made: list[Any]) -> Callable[..., Any]:
    """Return the generator function, which notes in `made` what it yields."""

    def call(*arguments: Any, **options: Any) -> Iterator[Any]:
        for each in function(*arguments, **options):
            made.append(each)
            yield each

    return call


def count_intra_pictures(video: Path) -> int:
    with av.open(str(video)) as container:
        return sum(frame.pict_type == PictureType.I for frame in container.decode(video=0))


@pytest.mark.parametrize("engine", [Engine.STILL, Engine.X264])
@pytest.mark.parametrize("own", OWN_CHOICES)
@pytest.mark.parametrize("transition", TRANSITIONS)
def test_pictures_are_made_as_counted(
    tmp_path: Path,
    photo_paths: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    transition: Transition,
    own: str,
    engine: Engine,
) -> None:
    spec = SlideshowSpec(
        duration=0.8,
        transition=transition,
        transition_duration=0.4,
        resolution="64x640",  # vertical motion vectors do not reach from end to end
        fps=15,
        title=TitleCard(text="Start", duration=0.6, background="#203040"),
    )
    drawn: list[Any] = []
    stills: list[Any] = []
    monkeypatch.setattr(segments, "encode_drawn", count_yields(still_drawn.encode_drawn, drawn))
    monkeypatch.setattr(still, "encode_intra", count_yields(still_intra.encode_intra, stills))
    photos = [
        Photo(path, path.name, each)
        for path, each in zip(photo_paths, OWN_CHOICES[own], strict=False)
    ]
    video = tmp_path / "video.mp4"
    render_slideshow(photos, spec, video, engine=engine, on_progress=lambda *_: None)

    timeline = build_timeline(spec, add_cards(spec, OWN_CHOICES[own]))
    counts = count_pictures(timeline, engine)
    gops = [gop for gop in plan_gops(timeline) if isinstance(gop, StillGop)]
    dips = [still for gop in gops for _, still in gop.targets if isinstance(still, GreyStill)]
    greys = len(dips) if engine is Engine.STILL else 0
    counted = sum(count.intra for count in counts) + greys
    written = WRITTEN.get(transition, 0) if own == "one moves" else 0
    # What was to be written is drawn if it would be seen, and then does not have these pictures.
    assert 0 <= counted - count_intra_pictures(video) <= written
    if engine is Engine.STILL:
        if not written:
            assert len(drawn) == sum(count.drawn.total() for count in counts)
        assert len(stills) == sum(count.stills for count in counts) + greys
