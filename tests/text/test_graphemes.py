"""What belongs together stays together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.text.graphemes import is_emoji, is_ignorable, split_clusters


@pytest.mark.parametrize(
    "clusters",
    [
        ["a", "b", " ", "c"],
        ["e\u0301", "x"],
        ["👨\u200d👩\u200d👧", "👍🏽", "!"],
        ["👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏿", "🏳\ufe0f\u200d🌈", "🏴\u200d☠\ufe0f"],
        ["🇫🇷", "🇩🇪", "🇯"],
        ["1\ufe0f\u20e3", "❤\ufe0f", "2"],
        ["🏴\U000e0067\U000e0062\U000e007f", "."],
        ["न", "म", "स्ते"],
        ["क्ष", "त्रि", "य"],
        ["ক্তি", "র"],
        ["น้ำ", "ที่"],
        ["한", "국"],
        ["\u1112\u1161\u11ab", "\u1100\u116e\u11a8"],
        ["葛\U000e0100", "城"],
        ["\n", "a"],
    ],
)
def test_text_is_split_into_clusters(clusters: list[str]) -> None:
    assert split_clusters("".join(clusters)) == clusters


@pytest.mark.parametrize(
    ("rule", "clusters"),
    [
        ("GB3", ["\r\n", "a", "\n", "\u0308"]),
        ("GB5", [" ", "\u200f", " "]),
        ("GB6", ["\u1100\u1160", "\u1100\ua960"]),
        ("GB8", ["\uac01\u11a8", "\u1100"]),
        ("GB9", ["a\u0308\u200d", "b"]),
        ("GB9a", ["a\u0903", "b"]),
        ("GB9b", ["a", "\u0600b"]),
        ("GB9c", ["\u0915\u094d\u0924\u094d\u092f", "\u0915\u094d", "a"]),
        ("GB9c, with joiners", ["\u0915\u094d\u200d\u0924", "\u0915\u093c\u094d\u0924"]),
        ("GB11", ["👶🏿", "👶", "\u2701"]),
        ("GB11, no picture before", ["a\u200d", "👶"]),
        ("GB12", ["a", "🇦🇧", "🇨", "b"]),
        ("GB13", ["🇦🇧\u200d", "🇨🇩", "b"]),
    ],
)
def test_clusters_are_those_of_the_standard(rule: str, clusters: list[str]) -> None:
    """Rows of GraphemeBreakTest.txt, Unicode 17, by their rule in UAX #29."""
    assert split_clusters("".join(clusters)) == clusters, rule


@given(st.text())
def test_clusters_are_the_text(text: str) -> None:
    assert "".join(split_clusters(text)) == text


@pytest.mark.parametrize("cluster", ["😀", "⭐", "❤\ufe0f", "👍🏽", "🇫🇷", "1\ufe0f\u20e3"])
def test_emoji_are_known(cluster: str) -> None:
    assert is_emoji(cluster)


@pytest.mark.parametrize("cluster", ["a", "1", "#", "©", "❤", "☀\ufe0e", "→", "世", "⌚\ufe0e"])
def test_letters_and_plain_signs_are_no_emoji(cluster: str) -> None:
    assert not is_emoji(cluster)


@pytest.mark.parametrize("character", ["\n", "\u200b", "\u200d", "\u200f", "\ufe0f", "\U000e0100"])
def test_what_is_never_seen_needs_no_glyph(character: str) -> None:
    assert is_ignorable(character)


@pytest.mark.parametrize("character", [" ", "a", "\u0301", "\u1160", "\u3000"])
def test_letters_marks_and_spaces_need_a_glyph(character: str) -> None:
    assert not is_ignorable(character)
