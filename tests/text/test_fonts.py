"""Every character has a font that has it, or is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.photo import PhotoSpec
from reelqueue.specs.slideshow import SlideshowSpec
from reelqueue.specs.text import TitleCard
from reelqueue.text import fonts
from reelqueue.text.cmap import read_code_points
from reelqueue.text.fonts import (
    BUNDLED,
    check_text,
    check_texts,
    check_words,
    split_runs,
    to_title_font,
)

UNASSIGNED = "\U0003ffff"
SCRIPTS = {
    "Latin": "Grüße, naïve café – 3 × 5 €",
    "Greek": "Καλημέρα",
    "Cyrillic": "Доброе утро",
    "Hebrew": "שלום עולם",
    "Arabic": "مرحبا بالعالم، پچگ",
    "Chinese": "你好，世界！繁體字",
    "Japanese": "こんにちは「カメラ」写真ー",
    "Korean": "안녕하세요",
    "emoji": "😀👨\u200d👩\u200d👧👍🏽🇫🇷⭐❤\ufe0f1\ufe0f\u20e3",
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_has_a_font(script: str) -> None:
    text = SCRIPTS[script]
    runs = split_runs(text)
    assert "".join(run.text for run in runs) == text
    assert all(run.font.is_emoji == (script == "emoji") for run in runs)


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_character_is_drawn_as_the_box_of_missing_ones(script: str) -> None:
    for run in split_runs(SCRIPTS[script]):
        font = ImageFont.truetype(run.font.path, 109, index=run.font.face)
        box = bytes(font.getmask(UNASSIGNED))
        drawn = [bytes(font.getmask(each)) for each in run.text if each.isalpha()]
        assert box not in drawn


@pytest.mark.parametrize(
    ("text", "face"), [("直骨", 2), ("直骨の", 0), ("カメラ直骨", 0), ("직 直骨", 1)]
)
def test_chinese_characters_are_drawn_as_their_neighbours_need_them(text: str, face: int) -> None:
    runs = split_runs(text)
    assert {run.font.face for run in runs if "Noto" in run.font.path.name} == {face}
    assert split_runs("直骨", beside=text)[0].font.face == face


def test_emoji_stay_whole_between_letters() -> None:
    runs = split_runs("Fun 👨\u200d👩\u200d👧 at 3 ⭐!")
    assert [run.text for run in runs] == ["Fun ", "👨\u200d👩\u200d👧", " at 3 ", "⭐", "!"]


def test_missing_characters_are_named_once_each() -> None:
    with pytest.raises(InvalidSpecError) as caught:
        check_text(f"a{UNASSIGNED}b\U0003fffe{UNASSIGNED}", "photos.3.caption")
    assert caught.value.field == "photos.3.caption"
    assert str(caught.value).startswith("photos.3.caption: no installed font has ")
    assert str(caught.value).count("U+3FFFF") == 1
    assert "U+3FFFE" in str(caught.value)


def test_only_what_is_missing_of_a_cluster_is_named() -> None:
    with pytest.raises(InvalidSpecError) as caught:
        check_text(f"ab\u200d{UNASSIGNED}", "caption")
    assert str(caught.value).startswith(f"caption: no installed font has {UNASSIGNED} (U+3FFFF): ")


def test_mark_of_another_script_is_drawn_beside_its_letter() -> None:
    """The letter is Armenian, which only DejaVu Sans has; the mark is of kana, which it has not."""
    assert [run.text for run in split_runs("\u0561\u3099b")] == ["\u0561", "\u3099", "b"]


def test_letters_are_those_of_a_caption_or_of_a_title() -> None:
    """The sign of bitcoin is not in the font of titles; neither font has Arabic letters."""
    runs = split_runs("Grüße, Αθήνα, Москва 12:30")
    assert [run.font.path.name for run in runs] == ["Inter-SemiBold.otf"]
    assert to_title_font(runs[0]).path.name == "InterDisplay-Bold.otf"
    for text in ("\u20bf", "مرحبا"):
        (run,) = split_runs(text)
        assert to_title_font(run) == run.font


def test_many_missing_characters_are_counted() -> None:
    with pytest.raises(InvalidSpecError, match=r"and 20 more: "):
        check_text("".join(chr(0x3FF00 + number) for number in range(30)), "caption")


@pytest.mark.parametrize(
    ("spec", "photos", "field"),
    [
        (SlideshowSpec(title=TitleCard(text=UNASSIGNED)), [], "title.text"),
        (
            SlideshowSpec(end_title=TitleCard(text="x", subtitle=UNASSIGNED)),
            [],
            "end_title.subtitle",
        ),
        (
            SlideshowSpec(),
            [PhotoSpec(), PhotoSpec(caption=f"x {UNASSIGNED}")],
            "photos.1.caption",
        ),
    ],
)
def test_words_without_a_font_are_named_by_their_path(
    spec: SlideshowSpec, photos: list[PhotoSpec], field: str
) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        check_words(spec, photos, lambda: True)
    assert caught.value.field == field


def test_words_that_cannot_be_shaped_are_refused_and_a_slideshow_without_any_is_not() -> None:
    photos = [PhotoSpec(), PhotoSpec(caption="x")]
    with pytest.raises(InvalidSpecError, match="libfribidi0 is not installed") as caught:
        check_words(SlideshowSpec(), photos, lambda: False)
    assert caught.value.field == "photos.1.caption"
    check_words(SlideshowSpec(), photos[:1], lambda: False)


def test_text_without_a_font_is_named_by_its_field() -> None:
    check_texts({"captions.0.text": "Plain 世界 ☺", "captions.1.text": "Salut 🇫🇷"}, lambda: True)
    with pytest.raises(InvalidSpecError, match=UNASSIGNED) as caught:
        check_texts({"captions.0.text": "x", "captions.1.text": UNASSIGNED}, lambda: True)
    assert caught.value.field == "captions.1.text"


def test_only_the_caption_at_fault_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand long captions are checked at once: each split would take milliseconds."""
    split: list[str] = []

    def note(text: str) -> list[str]:
        split.append(text)
        return list(text)

    monkeypatch.setattr(fonts, "split_clusters", note)
    texts = ["Grüße, 世界 " * 40] * 999 + [f"x{UNASSIGNED}"]
    with pytest.raises(InvalidSpecError, match=r"^captions\.999\.text: .*U\+3FFFF"):
        check_texts(
            {f"captions.{number}.text": text for number, text in enumerate(texts)}, lambda: True
        )
    assert split == texts[-1:]


def test_without_fonts_of_the_system_the_error_names_the_characters(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fonts, "_system", tmp_path)
    check_text("Grüße مرحبا שלום", "title.text")
    with pytest.raises(InvalidSpecError, match=r"世 \(U\+4E16\), 界 \(U\+754C\)"):
        check_text("世界", "title.text")
    assert fonts.find_missing_fonts() == ["emoji", "Chinese", "Japanese", "Korean"]


def test_characters_of_a_collection_are_those_of_its_face() -> None:
    path, japanese, korean = fonts._system / fonts._CJK[0], 0, 1
    assert all(ord(each) in read_code_points(path, japanese) for each in "世の한𠮷")
    assert all(ord(each) in read_code_points(path, korean) for each in "世の한𠮷")
    assert 0x10FFFD not in read_code_points(path, japanese)


def test_variant_of_an_ideograph_needs_no_other_font() -> None:
    assert [run.text for run in split_runs("葛\U000e0100城")] == ["葛\U000e0100城"]


@pytest.mark.parametrize("name", ["Inter-SemiBold.otf", "DejaVuSans-Bold.ttf"])
@given(character=st.characters(exclude_categories=["Cs"]))
def test_characters_of_a_font_are_those_that_it_draws(name: str, character: str) -> None:
    """By the picture: FreeType draws the same box for all that a font lacks."""
    path = BUNDLED / name
    font = ImageFont.truetype(path, 40, layout_engine=ImageFont.Layout.BASIC)
    if ord(character) not in read_code_points(path):
        assert bytes(font.getmask(character)) == bytes(font.getmask(UNASSIGNED))
