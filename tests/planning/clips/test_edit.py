"""The frames of a clip of several segments: which of the video each of them shows."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.clips.cut import Cut, Shot, align_cut, slice_shot
from reelqueue.planning.clips.edit import Edit, list_pieces, plan_edit
from reelqueue.planning.clips.frame_rate import PictureTimes
from reelqueue.planning.focus.view import View
from reelqueue.specs.clips.clip import ClipCut

FPS = Fraction(25)
SIZE = (320, 180)


def plan(**choices: Any) -> Edit:
    spec = ClipCut.model_validate({"aspect": "original", **choices})
    return plan_edit(spec, 20.0, FPS, SIZE)


def list_ranges(*ranges: tuple[float, float]) -> list[dict[str, float]]:
    return [{"start": start, "end": end} for start, end in ranges]


def test_clip_of_today_is_one_cut() -> None:
    edit = plan(start=2.0, end=5.0)
    assert edit.cuts == (Cut(2.0, 75, FPS, SIZE),)
    assert (edit.frames, edit.duration) == (75, 3.0)


def test_segments_follow_each_other() -> None:
    edit = plan(segments=list_ranges((1, 2), (5, 7.52)))
    assert [(cut.start, cut.frames) for cut in edit.cuts] == [(1.0, 25), (5.0, 63)]
    assert edit.positions == [0, 25]


def test_crossfades_make_a_clip_shorter() -> None:
    edit = plan(
        segments=list_ranges((0, 2), (5, 7), (8, 10)), transition="fade", transition_duration=0.4
    )
    assert (edit.overlap, edit.frames, edit.positions) == (10, 130, [0, 40, 80])


@pytest.mark.parametrize(("speed", "frames"), [(0.25, 200), (0.5, 100), (2.0, 25), (4.0, 12)])
def test_speed_changes_the_number_of_frames(speed: float, frames: int) -> None:
    edit = plan(start=4.0, end=6.0, speed=speed)
    assert edit.frames == frames
    assert edit.source_duration == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("part", "frames"),
    [
        ((0.0, 1.0), []),  # before the first segment
        ((1.2, 1.4), [(5, 10)]),
        ((1.8, 5.2), [(20, 30)]),  # over a gap that is cut out: the frames meet
        ((0.0, 20.0), [(0, 75)]),
        ((1.404, 1.405), [(11, 12)]),  # shorter than a frame
        ((7.0, 9.0), []),
    ],
)
def test_part_of_the_video_is_found_in_the_clip(
    part: tuple[float, float], frames: list[tuple[int, int]]
) -> None:
    assert plan(segments=list_ranges((1, 2), (5, 7))).find_frames(*part) == frames


def test_part_is_seen_while_its_segments_fade() -> None:
    edit = plan(segments=list_ranges((1, 3), (5, 7)), transition="fade", transition_duration=0.4)
    assert edit.find_frames(2.8, 3.5) == [(45, 50)]
    assert edit.find_frames(4.0, 5.2) == [(40, 45)]
    # It ends in the first segment after it has begun in the second one.
    assert edit.find_frames(2.9, 5.1) == [(40, 50)]


def test_part_is_found_at_the_speed_of_the_clip() -> None:
    assert plan(start=2.0, end=6.0, speed=2.0).find_frames(4.0, 5.0) == [(25, 38)]


@pytest.mark.parametrize(
    ("choices", "path"),
    [
        ({"segments": [{"start": 3.0, "end": 5.0}, {"start": 4.0}]}, "segments.1.start"),
        (
            {"segments": [{"start": 3.0, "end": 5.0}, {"start": 1.0, "end": 2.0}]},
            "segments.1.start",
        ),
        ({"segments": [{"start": 3.0}, {"start": 4.0}]}, "segments.1.start"),
        ({"segments": [{"start": 3.0, "end": 25.0}]}, "segments.0.end"),
        ({"segments": [{"start": 30.0}]}, "segments.0.start"),
        ({"segments": [{"start": 3.0, "end": 5.0}], "start": 1.0}, "segments"),
        (
            {
                "segments": list_ranges((1, 2), (3, 6)),
                "transition": "fade",
                "transition_duration": 0.6,
            },
            "transition_duration",
        ),
    ],
)
def test_segments_that_cannot_be_joined_are_refused(choices: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        plan(**choices)
    assert caught.value.field == path


@st.composite
def draw_edits(draw: st.DrawFn) -> Edit:
    lengths = draw(st.lists(st.integers(4, 60), min_size=1, max_size=6))
    overlap = draw(st.integers(0, min(lengths) // 2)) if len(lengths) > 1 else 0
    speed = draw(st.sampled_from([Fraction(1, 4), Fraction(1), Fraction(3, 2), Fraction(4)]))
    starts = draw(st.lists(st.floats(0, 100), min_size=len(lengths), max_size=len(lengths)))
    cuts = (
        Cut(start, frames, FPS, SIZE, speed) for start, frames in zip(starts, lengths, strict=True)
    )
    return Edit(tuple(cuts), overlap)


CROPPED, WHOLE = View((0, 0), (320, 180)), View((0, -40), (100, 60))


@given(draw_edits(), st.data())
def test_pieces_are_all_frames_of_a_clip_once(edit: Edit, data: st.DataObject) -> None:
    views = st.sampled_from([CROPPED, WHOLE])
    paths = {
        cut: data.draw(st.lists(views, min_size=cut.frames, max_size=cut.frames))
        for cut in data.draw(st.sets(st.sampled_from(edit.cuts)))
    }
    pieces = list(list_pieces(edit, paths))
    for piece in pieces:
        if len(piece.parts) == 1 and (path := paths.get(piece.parts[0].cut)):
            first = piece.parts[0].first
            assert len(set(path[first : first + piece.frames])) == 1
    frames = [n for piece in pieces for n in range(piece.first, piece.first + piece.frames)]
    assert frames == list(range(edit.frames))
    shown: dict[Cut, list[int]] = {}
    for piece in pieces:
        for cut, first in piece.parts:
            shown.setdefault(cut, []).extend(range(first, first + piece.frames))
    for cut in edit.cuts:
        assert shown[cut] == list(range(cut.frames)) * edit.cuts.count(cut)


def test_what_is_shown_whole_is_a_piece_of_its_own() -> None:
    cut = Cut(5.0, 30, FPS, SIZE)
    path = [CROPPED] * 10 + [WHOLE] * 15 + [CROPPED] * 5
    pieces = list_pieces(Edit((cut,)), {cut: path})
    assert [(piece.first, piece.frames, piece.parts[0].first) for piece in pieces] == [
        (0, 10, 0),
        (10, 15, 10),
        (25, 5, 25),
    ]


@pytest.mark.parametrize("start", [0.0, 1.013, 3.99])  # the last one begins after the last picture
@pytest.mark.parametrize("speed", [Fraction(1, 2), Fraction(1), Fraction(2)])
def test_part_of_a_shot_is_counted_as_in_the_whole(start: float, speed: Fraction) -> None:
    cut, times = Cut(start, 50, FPS, SIZE, speed), PictureTimes(range(40), Fraction(1, 25))
    whole = Shot(cut, align_cut(cut, times))
    part = slice_shot(whole, 20, 10, times)
    led = slice_shot(whole, 20, 10, times, 8)
    assert (led.lead, led.frames) == (8, 10)
    assert led._replace(lead=0) == slice_shot(whole, 12, 18, times)
    assert slice_shot(whole, 3, 10, times, 8) == slice_shot(whole, 0, 13, times)._replace(lead=3)
    step, last = float(cut.step), 39 / 25
    assert part.begin == pytest.approx(whole.begin + 20 * step)
    assert part.cut.frames == 10
    if part.begin <= last + step / 2 + 1e-6:
        assert part.alignment.held == 0
        assert part.alignment.seek == part.cut.start
    else:  # the last picture is decoded, and shown from the frame on that it begins with
        assert part.alignment.seek == pytest.approx(last)
        shown = part.begin - part.alignment.held * step
        assert shown == pytest.approx(last, abs=step / 2 + 1e-6)


def test_cards_stand_around_the_cuts() -> None:
    spec = ClipCut.model_validate(
        {
            "segments": [{"start": 1, "end": 2}, {"start": 4, "end": 5}],
            "title": {"text": "Start", "duration": 2},
            "end_title": {"text": "End", "duration": 1},
        }
    )
    edit = plan_edit(spec, 20.0, FPS, SIZE)
    assert (edit.title, edit.positions, edit.end, edit.frames) == (50, [50, 75], 100, 125)
    assert edit.find_frames(1.2, 1.6) == [(55, 65)]
    pieces = [(piece.first, piece.frames, len(piece.parts)) for piece in list_pieces(edit, {})]
    assert pieces == [(0, 50, 0), (50, 25, 1), (75, 25, 1), (100, 25, 0)]
