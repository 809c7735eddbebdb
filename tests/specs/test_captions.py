"""Captions of clips: words stay within their caption, and every look has its limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.clips.captions import Cue
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.limits import MAX_CUE_WORDS
from reelqueue.specs.parsing import parse_json
from reelqueue.specs.text import Backing


def parse(**choices: object) -> ClipSpec:
    return parse_json(ClipSpec, json.dumps(choices))


def find_fault(**choices: object) -> tuple[str | None, str]:
    with pytest.raises(InvalidSpecError) as caught:
        parse(**choices)
    return caught.value.field, str(caught.value)


def make_cue(*words: tuple[float, float]) -> dict[str, Any]:
    spoken = [{"start": start, "end": end, "text": "so"} for start, end in words]
    return {"start": 1.0, "end": 2.0, "text": "so", "words": spoken}


@pytest.mark.parametrize(
    ("words", "field", "reason"),
    [
        ([(0.5, 1.5)], "0.start", "must lie within the caption, from 1 to 2"),
        ([(2.5, 2.6)], "0.start", "must lie within the caption"),
        ([(1.0, 1.5), (1.5, 2.2)], "1.end", "must be at most 2, where the caption ends"),
        ([(1.5, 1.2)], "0.end", "must not be less than start"),
        ([(1.5, 1.6), (1.7, 1.8), (1.6, 1.7)], "2.start", "the word before it"),
        ([(-1, 1)], "0.start", "must be greater than or equal to 0"),
    ],
)
def test_fault_of_a_word_is_named_with_its_path(
    words: list[tuple[float, float]], field: str, reason: str
) -> None:
    listed = find_fault(captions=[make_cue((1, 2)), make_cue(*words)])
    assert listed[0] == f"captions.1.words.{field}"
    assert reason in listed[1]
    sheet = {"cues": [make_cue(*words)], "times": "source"}
    assert find_fault(captions=sheet)[0] == f"captions.cues.0.words.{field}"


def test_words_may_touch_the_ends_of_their_caption_or_miss_them_by_rounding() -> None:
    cue = make_cue((1.0, 1.2), (1.2, 1.2), (1.3, 2.004))
    assert len(parse(captions=[cue]).cue_sheet.cues[0].words) == 3


def test_caption_of_very_many_words_is_refused() -> None:
    full = [(1.0, 1.0)] * MAX_CUE_WORDS
    parse(captions=[make_cue(*full)])
    assert find_fault(captions=[make_cue(*full, (1.0, 1.0))])[0] == "captions.0.words"


@pytest.mark.parametrize(
    ("style", "field", "reason"),
    [
        ({"preset": "disco"}, "preset", "'plain', 'phrase', 'karaoke' or 'pop'"),
        ({"position": "left"}, "position", "'bottom', 'top', 'middle' or 'auto'"),
        ({"color": "white"}, "color", "must be a colour such as #203040"),
        ({"highlight": "#ff"}, "highlight", "must be a colour such as #203040"),
        ({"uppercase": "yes"}, "uppercase", "must be a valid boolean"),
        ({"font": "Arial"}, "font", "is not supported here"),
    ],
)
def test_unknown_looks_are_refused(style: dict[str, object], field: str, reason: str) -> None:
    path, message = find_fault(caption_style=style)
    assert path == f"caption_style.{field}"
    assert reason in message


def test_style_of_some_choices_keeps_the_others() -> None:
    style = parse(caption_style={"preset": "karaoke", "color": "#FF00aa"}).caption_style
    assert (style.backing, style.color, style.uppercase) == (Backing.OUTLINE, "#ff00aa", False)


def test_captions_without_words_are_stored_as_before() -> None:
    cue = Cue(start=0, end=1, text="so")
    assert cue.model_dump(exclude_defaults=True) == {"start": 0, "end": 1, "text": "so"}


@pytest.mark.parametrize("captions", ["karaoke", 5, None])
def test_captions_of_no_known_form_are_refused(captions: object) -> None:
    assert find_fault(captions=captions)[0] == "captions"
