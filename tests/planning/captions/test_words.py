"""Captions become words in every script, and each word has its time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.planning.captions.words import TimedWord, split_words, time_words
from reelqueue.specs.text import clean_text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello – world! Well-known isn't it?", "Hello – |world! |Well-known |isn't |it?"),
        ("- Hi\n- Bonjour !", "- Hi |- Bonjour !"),
        ("So good 🔥😂 yes 👍", "So |good 🔥😂 |yes 👍"),
        ("مرحبا (بكم)، 123 شخص!", "مرحبا |(بكم)، |123 |شخص!"),
        ("こんにちは世界、日本語の字幕は", "こんにちは|世界、|日本語の|字幕は"),
        ("我们今天去北京大学，很高兴！", "我们|今天|去|北京|大学，|很|高兴！"),
        ("สวัสดีชาวโลก ยินดีต้อนรับ", "สวัสดี|ชาว|โลก |ยินดี|ต้อนรับ"),
        ("นโยบาย\u200bสาธารณะ", "นโยบาย\u200b|สาธารณะ"),
        ("안녕하세요 여러분", "안녕하세요 |여러분"),
        ("日本のiPhone 15を買う", "日本の|iPhone |15を|買う"),
        ("...", "..."),
        ("🟥🟦", "🟥🟦"),
    ],
)
def test_text_is_split_where_its_script_has_words(text: str, words: str) -> None:
    assert split_words(text) == words.split("|")


@given(st.text(st.sampled_from("ab 12.,!?-(«é日本のไทย🔥م\n\u200b'"), max_size=40))
def test_words_have_all_of_a_text(text: str) -> None:
    cleaned = clean_text(text)
    words = split_words(cleaned)
    assert "".join("".join(words).split()) == "".join(cleaned.split())
    assert all(word.strip() for word in words)


def test_time_is_spread_by_length() -> None:
    (one, two, three) = time_words("I am internationally", 2.0, 5.0)
    assert (one.start, one.end, round(three.end, 6)) == (2.0, two.start, 5.0)
    lengths = [word.end - word.start for word in (one, two, three)]
    assert lengths == sorted(lengths)
    assert lengths[2] > 2 * lengths[1]


SPOKEN = [
    TimedWord("Well", 0.0, 0.5),
    TimedWord("korekted,", 0.6, 1.0),
    TimedWord("naming", 1.0, 2.0),
    TimedWord("ok.", 2.5, 3.0),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Well korekted, naming ok.",
            [("Well ", 0.0, 0.5), ("korekted, ", 0.6, 1.0), ("naming ", 1.0, 2.0), ("ok.", 2.5, 3)],
        ),
        (
            "well: (korekted)\n«naming» OK!",
            [("well: ", 0, 0.5), ("(korekted) ", 0.6, 1), ("«naming» ", 1, 2), ("OK!", 2.5, 3)],
        ),
        (
            "Well, corrected naming ok.",
            [
                ("Well, ", 0.0, 0.5),
                ("corrected ", 0.6, 1.0),
                ("naming ", 1.0, 2.0),
                ("ok.", 2.5, 3),
            ],
        ),
        (
            "Well korekted the naming ok.",
            [
                ("Well ", 0, 0.5),
                ("korekted ", 0.6, 1),
                ("the ", 1, 1),
                ("naming ", 1, 2),
                ("ok.", 2.5, 3),
            ],
        ),
        ("naming ok.", [("naming ", 1.0, 2.0), ("ok.", 2.5, 3.0)]),
    ],
)
def test_corrected_text_keeps_the_times_of_its_words(
    text: str, expected: list[tuple[str, float, float]]
) -> None:
    assert time_words(text, 0.0, 3.0, SPOKEN) == expected


def test_given_words_decide_what_a_word_is_without_spaces() -> None:
    given_words = [
        TimedWord("日本", 0.0, 0.4),
        TimedWord("語", 0.4, 0.6),
        TimedWord("です", 0.6, 1),
    ]
    words = time_words("日本語です。", 0.0, 1.0, given_words)
    assert [word.text for word in words] == ["日本", "語", "です。"]


@given(
    st.lists(st.sampled_from(["a", "bb", "ccc", "日本", "no."]), min_size=1, max_size=12),
    st.lists(st.sampled_from(["a", "bb", "ccc", "日本", "no."]), max_size=12),
)
def test_times_are_in_order_and_within_the_caption(shown: list[str], spoken: list[str]) -> None:
    spoken_words = [
        TimedWord(text, 1 + number / 10, 1.05 + number / 10) for number, text in enumerate(spoken)
    ]
    words = time_words(" ".join(shown), 1.0, 2.5, spoken_words)
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert 1.0 <= times[0] <= times[-1] <= 2.5 + 1e-9
    assert "".join(word.text for word in words) == " ".join(shown)
