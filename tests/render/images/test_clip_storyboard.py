"""The storyboard of a clip has the captions where, when and as they are drawn."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reelqueue.planning.captions.cues import plan_captions
from reelqueue.planning.clips.edit import Edit, plan_edit
from reelqueue.planning.storyboard.clip import draw_clip_storyboard
from reelqueue.planning.storyboard.clip_model import ClipStoryboard
from reelqueue.render.images.clip_captions.film import film_captions
from reelqueue.specs.clips.captions import Preset
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.text import Backing, Position

CUES = [
    {"start": 1.5, "end": 3, "text": "Here they come, all of them, and as fast as they can"},
    {"start": 3.2, "end": 4, "text": "Second שלום one"},
    {"start": 4.5, "end": 4.9, "text": "Bikes!"},
]
OVERLAPPING = [*CUES, {"start": 2.5, "end": 3.5, "text": "Who?"}]
VIDEO = 10.0, Fraction(25), (1280, 720)


def plan(**order: Any) -> tuple[ClipSpec, Edit, ClipStoryboard]:
    captions = {"cues": order.pop("cues", CUES), "times": "source"}
    spec = ClipSpec.model_validate({"start": 1, "end": 6, "captions": captions, **order})
    edit = plan_edit(spec, *VIDEO)
    return spec, edit, draw_clip_storyboard(spec, edit, plan_captions(spec, edit, lambda: True))


def find_area(picture: Image.Image, corner: tuple[int, int], size: tuple[int, int]) -> Any:
    """Return what is drawn as shares of the frame: left, top, right and bottom."""
    box = Image.fromarray((np.asarray(picture.getchannel("A")) > 60).astype("uint8")).getbbox()
    if box is None:
        return None
    return (np.array(box, float) + np.array([*corner, *corner])) / np.array([*size, *size])


@pytest.mark.parametrize("position", Position)
@pytest.mark.parametrize("preset", Preset)
@pytest.mark.parametrize("cues", [CUES, OVERLAPPING], ids=["apart", "overlapping"])
def test_captions_are_where_they_are_drawn_in_every_frame(
    preset: Preset, position: Position, cues: list[dict[str, Any]]
) -> None:
    style = {"preset": preset, "position": position}
    spec, edit, board = plan(cues=cues, caption_style=style, aspect="9:16")
    film = film_captions(spec, edit, plan_captions(spec, edit, lambda: True))
    assert film
    pictures = list(film.draw(0))
    changes = [frame for frame, _ in pictures]
    for frame in range(0, edit.frames, 5):
        picture = pictures[bisect_right(changes, frame) - 1][1]
        drawn = find_area(picture, film.area[:2], edit.size)
        runs = [
            (run, caption.size)
            for caption in board.captions
            if caption.start <= frame < caption.end
            for run in caption.runs
        ]
        assert (drawn is None) == (not runs), frame
        if drawn is None:
            continue
        left = min(run.left for run, _ in runs)
        right = max(run.left + run.width for run, _ in runs)
        assert drawn[0] == pytest.approx(left, abs=0.02)
        assert drawn[2] == pytest.approx(right, abs=0.02)
        lowest = max(run.baseline for run, _ in runs)
        highest = min(run.baseline - 0.73 * size for run, size in runs)  # of Inter's capitals
        assert drawn[1] == pytest.approx(highest, abs=0.02)
        assert drawn[3] == pytest.approx(lowest, abs=0.02)


def test_words_are_marked_in_the_frames_in_which_they_are_drawn_so() -> None:
    style = {"preset": "phrase", "highlight": "#00ff00", "color": "#ff0000"}
    spec, edit, board = plan(cues=CUES[:1], caption_style=style)
    film = film_captions(spec, edit, plan_captions(spec, edit, lambda: True))
    assert film
    pictures = list(film.draw(0))
    changes = [frame for frame, _ in pictures]
    assert (board.colors.spoken.letters, board.colors.rest.letters) == ("#00ff00", "#ff0000")
    for frame in range(edit.frames):
        picture = pictures[bisect_right(changes, frame) - 1][1]
        pixels = np.asarray(picture).astype(int)
        green = pixels[(pixels[..., 3] > 200) & (pixels[..., 1] > 200) & (pixels[..., 0] < 60)]
        spoken = [
            run
            for caption in board.captions
            if caption.start <= frame < caption.end
            for run in caption.runs
            if run.start is not None and run.end is not None and run.start <= frame < run.end
        ]
        assert bool(len(green)) == bool(spoken), frame


def test_cuts_have_the_frames_of_the_clip() -> None:
    order = {
        "start": None,
        "end": None,
        "segments": [{"start": 1, "end": 3}, {"start": 5, "end": 9}],
        "transition": "fade",
        "transition_duration": 0.4,
        "speed": 2,
    }
    captions = {"cues": CUES, "times": "source"}
    given = {name: value for name, value in order.items() if value is not None}
    spec = ClipSpec.model_validate({**given, "captions": captions})
    edit = plan_edit(spec, *VIDEO)
    board = draw_clip_storyboard(spec, edit, plan_captions(spec, edit, lambda: True))
    assert [(cut.start, cut.end, cut.video_start, cut.speed) for cut in board.cuts] == [
        (0, 25, 1.0, 2.0),
        (15, 65, 5.0, 2.0),
    ]
    assert edit.frames == 65


@pytest.mark.parametrize("backing", Backing)
def test_colours_of_a_box_and_a_shadow_are_told(backing: Backing) -> None:
    _, _, board = plan(caption_style={"backing": backing, "preset": "plain"})
    assert board.colors.backing is backing
    assert board.colors.behind == "#0c0c10a8"
    assert (board.colors.rest.edges is None) == (backing is not Backing.OUTLINE)
    _, _, board = plan(caption_style={"backing": backing, "preset": "phrase"})
    assert (board.colors.spoken.box == "#ffd60a") == (backing is Backing.BOX)


def test_captions_that_are_a_track_are_not_drawn() -> None:
    _, _, board = plan(soft_captions=True)
    assert board.captions == ()


def test_answer_has_at_most_a_thousand_captions() -> None:
    cues = [
        {"start": number / 5, "end": (number + 1) / 5, "text": f"{number}"}
        for number in range(1200)
    ]
    captions = {"cues": cues, "times": "source"}
    spec = ClipSpec.model_validate({"captions": captions})
    edit = plan_edit(spec, 240.0, *VIDEO[1:])
    board = draw_clip_storyboard(spec, edit, plan_captions(spec, edit, lambda: True))
    assert len(board.captions) == 1000
    assert board.captions[-1].runs[0].text == "999"
