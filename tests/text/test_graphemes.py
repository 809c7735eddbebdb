"""What belongs together stays together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.text.graphemes import is_emoji, split_clusters


@pytest.mark.parametrize(
    "clusters",
    [
        ["a", "b", " ", "c"],
        ["e\u0301", "x"],
        ["👨\u200d👩\u200d👧", "👍🏽", "!"],
        ["🇫🇷", "🇩🇪", "🇯"],
        ["1\ufe0f\u20e3", "❤\ufe0f", "2"],
        ["🏴\U000e0067\U000e0062\U000e007f", "."],
        ["न", "म", "स्", "ते"],
        ["한", "국"],
        ["\n", "a"],
    ],
)
def test_text_is_split_into_clusters(clusters: list[str]) -> None:
    assert split_clusters("".join(clusters)) == clusters


@given(st.text())
def test_clusters_are_the_text(text: str) -> None:
    assert "".join(split_clusters(text)) == text


@pytest.mark.parametrize("cluster", ["😀", "⭐", "❤\ufe0f", "👍🏽", "🇫🇷", "1\ufe0f\u20e3"])
def test_emoji_are_known(cluster: str) -> None:
    assert is_emoji(cluster)


@pytest.mark.parametrize("cluster", ["a", "1", "#", "©", "❤", "☀\ufe0e", "→", "世", "⌚\ufe0e"])
def test_letters_and_plain_signs_are_no_emoji(cluster: str) -> None:
    assert not is_emoji(cluster)
