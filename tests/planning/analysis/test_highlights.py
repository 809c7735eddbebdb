from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.media.analysis import Highlight
from reelqueue.media.facts import Span
from reelqueue.planning.analysis.boundaries import list_boundaries
from reelqueue.planning.analysis.highlights import plan_highlights
from reelqueue.planning.analysis.interest import Observed
from reelqueue.specs.analysis import HighlightChoice
from reelqueue.specs.clips.captions import Word


def observe(
    seconds: int,
    *,
    loud: Sequence[int] = (),
    moving: Sequence[int] = (),
    cuts: Sequence[float] = (),
    words: Sequence[Word] = (),
    has_sound: bool = True,
) -> Observed:
    """Return a video whose seconds are alike, but for those that are loud or moving."""
    levels = [-12.0 if tenth // 10 in loud else -24.0 for tenth in range(10 * seconds)]
    motion = [6.0 if second in moving else 1.0 for second in range(seconds)]
    return Observed(float(seconds), levels if has_sound else (), motion, cuts, words)


def pause(*times: float, length: float = 0.6) -> list[Span]:
    return [Span(start=time, end=time + length) for time in times]


def plan(
    observed: Observed, silences: Sequence[Span] = (), count: int = 1, duration: float = 10.0
) -> tuple[Highlight, ...]:
    return plan_highlights(observed, silences, HighlightChoice(count=count, duration=duration))


def speak(text: str, start: float, seconds: float = 0.4) -> list[Word]:
    """Return words that follow each other without a gap."""
    return [
        Word(start=start + number * seconds, end=start + (number + 1) * seconds, text=word)
        for number, word in enumerate(text.split())
    ]


PAUSES = pause(*range(3, 120, 4))


@pytest.mark.parametrize(
    ("observed", "within", "why"),
    [
        (observe(120, loud=[60, 61, 62]), 61, "Louder than what is around it."),
        (observe(120, moving=[60, 61, 62]), 61, "Much motion."),
        (
            observe(120, loud=[60, 61, 62], moving=[60, 61, 62]),
            61,
            "Louder than what is around it, and much motion.",
        ),
        (
            observe(120, cuts=[60.2, 61.2, 62.3, 63.1, 64.2, 65.1, 66.2]),
            63,
            "Many cuts in a short time.",
        ),
        (
            observe(
                120,
                loud=[60, 61, 62],
                words=[*speak("and that was the dog", 57.5), *speak("so I left", 64)],
            ),
            61,
            "Loud sound without words right after speech, such as laughter or applause.",
        ),
        (
            observe(120, words=[*speak("but who was it?”", 60), *speak("It was the dog", 62.8)]),
            62,
            "A question and its answer.",
        ),
    ],
)
def test_highlight_is_what_stands_out_and_says_why(
    observed: Observed, within: float, why: str
) -> None:
    (found,) = plan(observed, PAUSES)
    assert found.start < within < found.end
    assert found.why == why
    assert 0 < found.score <= 1


DOG = speak("It was the dog.", 62.8)


@pytest.mark.parametrize(
    ("words", "is_told"),
    [
        ([*speak("But who was it?", 60), *DOG], True),
        ([*speak("But who was it?", 60), *speak("Yes.", 63)], True),
        ([*speak("But who was it?", 60), *speak("It was the dog.", 66)], False),  # too late
        (speak("But who was it?", 60), False),
        ([*speak("It was, right?", 60), *DOG], True),
        ([*speak("Right?", 61), *DOG], False),  # a tag wants no answer
        ([*speak("But who was it?", 60), *speak("Was it the dog?", 62)], False),
        ([*speak("But who was it.", 60), *DOG], False),
    ],
)
def test_question_is_told_of_with_its_answer_alone(words: list[Word], *, is_told: bool) -> None:
    (found,) = plan(observe(120, words=words), PAUSES)
    assert (found.why == "A question and its answer.") == is_told


def test_jingle_is_no_highlight_of_a_talk() -> None:
    talk = [word for start in range(0, 120, 4) for word in speak("we went on like this.", start)]
    words = [word for word in talk if not 56 <= word.start < 76]
    loud = range(58, 72)
    (of_music,) = plan(observe(120, loud=loud), PAUSES)
    (of_talk,) = plan(observe(120, loud=loud, words=words), PAUSES)
    assert of_music.why == "Louder than what is around it."
    assert of_talk.why == "Nothing stands out here."
    assert of_talk.end < 60 or of_talk.start > 70


def test_highlight_has_no_long_silence_if_another_has_none() -> None:
    silences = [*pause(*range(3, 56, 4)), Span(start=60, end=66), *pause(*range(71, 120, 4))]
    observed = observe(120, loud=[58, 59, 67, 68, 90, 91])
    (found,) = plan(observed, silences, duration=12.0)
    assert found.end <= 60 or found.start >= 66
    best = plan(observe(120, loud=[59, 66]), silences, count=3, duration=14.0)
    assert all(part.end <= 61 or part.start >= 65 for part in best)


def test_a_part_that_ends_between_a_question_and_its_answer_splits_them() -> None:
    words = [*speak("so what did you see?", 60), *speak("we saw a dog.", 63), *speak("it ran.", 66)]
    found = list_boundaries(observe(120, words=words), (), 10.0)
    assert [(end.time, end.splits_sentence) for end in found.ends] == [
        (62.25, True),
        (64.85, False),
        (120.0, False),
    ]
    assert [start.splits_sentence for start in found.starts] == [False, True, False]


def test_highlight_has_all_of_a_question_and_its_answer() -> None:
    """Among talk that goes on for two minutes."""
    talk = [word for start in range(0, 120, 4) for word in speak("we went on like this.", start)]
    talk = [word for word in talk if not 60 <= word.start < 80]
    asked = speak("and what did you see when you came back?", 60, 0.5)
    told = [*speak("Well, nothing at all.", 65.5), *speak("Then I saw the dog.", 68, 0.6)]
    words = sorted([*talk, *asked, *told], key=lambda word: word.start)
    gaps = [Span(start=a.end, end=b.start) for a, b in pairwise(words) if b.start > a.end + 0.2]
    (found,) = plan(observe(120, words=words), gaps, duration=16.0)
    assert found.start <= 60
    assert found.end >= 71
    assert found.why == "A question and its answer."


def test_what_is_loud_for_long_after_speech_is_no_laughter() -> None:
    """It may be music."""
    said = speak("and now the band", 58)
    (found,) = plan(observe(120, loud=list(range(60, 78)), words=said), PAUSES)
    assert found.why == "Louder than what is around it."


def test_jingle_after_the_last_word_is_no_laughter() -> None:
    said = speak("and goodbye", 58)
    (found,) = plan(observe(70, loud=list(range(60, 66)), words=said), PAUSES[:16])
    assert found.why == "Louder than what is around it."  # beside the words


@pytest.mark.parametrize(("text", "is_told"), [("Hahaha!", True), ("ha", False), ("he", False)])
def test_laugh_that_was_written_down_need_not_be_loud(text: str, *, is_told: bool) -> None:
    words = [*speak("it was the dog", 58), *speak(text, 60.2)]
    (found,) = plan(observe(120, words=words), PAUSES)
    assert found.why.startswith("Loud sound without words" if is_told else "Nothing")


def test_best_highlight_comes_first_and_none_overlaps_another() -> None:
    observed = observe(120, loud=[100, 101, 102, 103], moving=[20, 21, 22])
    first, second, *others = plan(observed, PAUSES, count=20)
    assert first.start < 101 < first.end
    assert second.start < 21 < second.end
    scores = [each.score for each in (first, second, *others)]
    assert scores == sorted(scores, reverse=True)
    assert len(others) > 5
    assert others[-1].why == "Nothing stands out here."


def test_laughter_comes_with_what_was_said_before() -> None:
    (found,) = plan(observe(120, loud=[60, 61], words=speak("it was the dog", 58)), PAUSES)
    assert found.start <= 58


def test_highlight_begins_and_ends_at_pauses() -> None:
    """With a little of the pause, so that no sound is clipped."""
    (found,) = plan(observe(40, loud=[16]), pause(9.0, 18.5))
    assert (found.start, found.end) == pytest.approx((9.45, 18.75))


def test_highlight_prefers_to_end_at_a_long_pause() -> None:
    silences = [*pause(5.0), *pause(12.0, length=1.0), *pause(13.8, length=0.3)]
    (found,) = plan(observe(20, loud=[9]), silences)
    assert (found.start, found.end) == pytest.approx((5.45, 12.25))


def test_highlight_begins_and_ends_with_scenes_that_change_in_a_pause() -> None:
    observed = observe(40, loud=[16], cuts=[9.2, 14.0, 18.9])
    (found,) = plan(observed, pause(9.0, 18.5))
    assert (found.start, found.end) == (9.2, 18.9)


def test_highlight_of_a_silent_video_is_made_of_whole_scenes() -> None:
    observed = observe(60, moving=[31, 32], cuts=[10, 27.5, 36.2, 50], has_sound=False)
    (found,) = plan(observed)
    assert (found.start, found.end) == (27.5, 36.2)


def test_highlight_of_sound_without_pauses_ends_at_quiet_moments() -> None:
    observed = observe(60, loud=[31, 32])
    levels = [-40.0 if tenth % 20 == 13 else level for tenth, level in enumerate(observed.levels)]
    (found,) = plan(Observed(60.0, levels, observed.motion))
    assert found.start < 32 < found.end
    assert [round(time % 2, 3) for time in (found.start, found.end)] == [1.35, 1.35]


def test_part_of_a_short_video_is_all_of_it_between_its_outer_silences() -> None:
    silences = [Span(start=0, end=0.8), Span(start=4.2, end=5)]
    (found,) = plan(observe(5), silences, duration=30.0)
    assert (found.start, found.end) == pytest.approx((0.65, 4.45))
    (found,) = plan(observe(5), duration=30.0)
    assert (found.start, found.end) == (0, 5)


def test_highlight_begins_and_ends_with_sentences() -> None:
    """Although speakers pause longer within them."""
    words = [
        *speak("We met at noon.", 6.0),
        *speak("So, welcome to the course", 8.0),
        *speak("on dogs and what they do.", 11.0),
        *speak("They bark, they sleep.", 13.7),
        *speak("And now", 15.8),
        *speak("to cats.", 17.5),
    ]
    gaps = [Span(start=a.end, end=b.start) for a, b in pairwise(words) if b.start > a.end + 0.2]
    (found,) = plan(observe(30, loud=[12], words=words), gaps)
    assert (found.start, found.end) == pytest.approx((7.85, 15.55))


@pytest.mark.parametrize(
    ("seconds", "next_word", "goes_on"),
    [(1.2, "which", True), (1.2, "Which", False), (3.2, "which", False)],
)
def test_small_letter_after_a_pause_for_thought_goes_on_with_the_sentence(
    seconds: float, next_word: str, *, goes_on: bool
) -> None:
    said = speak("That is it. So, this is something", 60)
    words = [*said, *speak(f"{next_word} you should know.", said[-1].end + seconds)]
    found = list_boundaries(observe(120, words=words), (), 10.0)
    assert [end.splits_sentence for end in found.ends] == [goes_on, False]


def test_pause_ends_a_sentence_where_nothing_marks_one() -> None:
    said = speak("so this is something", 60)
    words = [*said, *speak("which you should know", said[-1].end + 1.2)]
    found = list_boundaries(observe(120, words=words), (), 10.0)
    assert [end.splits_sentence for end in found.ends] == [False, False]


def test_pause_in_which_a_word_is_spoken_is_none() -> None:
    """It may be whispered."""
    words = [*speak("so", 20.1, 0.3), *speak("and", 60, 0.3)]
    observed = observe(120, loud=[24], words=words)
    (found,) = plan(observed, pause(*range(4, 120, 4), length=0.5))
    assert not any(word.start < found.start < word.end for word in words)
    assert not any(word.start < found.end < word.end for word in words)


def test_none_is_planned_where_none_is_wanted_or_possible() -> None:
    assert plan(observe(60), count=0) == ()
    assert plan(Observed(0.4, [], [], [])) != ()


Times = st.lists(st.floats(0, 100), max_size=30)


@st.composite
def draw_spans(draw: st.DrawFn, shortest: float, longest: float) -> list[Span]:
    """Return spans that do not touch, in their order."""
    spans: list[Span] = []
    for time in sorted(draw(Times)):
        start = max(time, spans[-1].end + 0.05 if spans else 0.0)
        spans.append(Span(start=start, end=start + draw(st.floats(shortest, longest))))
    return [span for span in spans if span.end <= 100]


@given(
    spans=draw_spans(0.3, 2),
    spoken=st.lists(st.tuples(st.floats(0, 98), st.floats(0.1, 1.5))),
    cuts=Times,
    loud=st.sets(st.integers(0, 99)),
    moving=st.sets(st.integers(0, 99)),
    has_sound=st.booleans(),
    duration=st.floats(1, 200),
    count=st.integers(0, 10),
)
def test_highlights_keep_their_limits_whatever_the_video_is(
    spans: list[Span],
    spoken: list[tuple[float, float]],
    cuts: list[float],
    loud: set[int],
    moving: set[int],
    has_sound: bool,
    duration: float,
    count: int,
) -> None:
    words = [  # of several speakers, who may speak at once
        Word(start=start, end=start + seconds, text="so?")
        for start, seconds in sorted(spoken)
        if has_sound
    ]
    observed = observe(
        100,
        loud=list(loud),
        moving=list(moving),
        cuts=sorted(cuts),
        words=words,
        has_sound=has_sound,
    )
    found = plan(observed, spans if has_sound else (), count, duration)
    assert len(found) <= count
    for highlight in found:
        assert 0 <= highlight.start < highlight.end <= 100
        length = highlight.end - highlight.start
        assert min(duration / 2, 90) - 0.002 <= length <= duration + 0.002
        assert 0 <= highlight.score <= 1
        assert highlight.why.endswith(".")
        for word in words:
            for time in (highlight.start, highlight.end):
                assert not word.start + 0.001 < time < word.end - 0.001
    for one, other in combinations(found, 2):
        assert one.end <= other.start or other.end <= one.start


@given(
    parts=st.lists(st.tuples(st.floats(0.1, 7.5), st.floats(0.3, 2)), min_size=10, max_size=100),
    loud=st.sets(st.integers(0, 99)),
    count=st.integers(1, 10),
)
def test_highlights_end_in_silence_where_there_is_enough_of_it(
    parts: list[tuple[float, float]], loud: set[int], count: int
) -> None:
    ends = list(accumulate(heard + silent for heard, silent in parts))
    spans = [
        Span(start=end - silent, end=end) for end, (_, silent) in zip(ends, parts, strict=True)
    ]
    seconds = int(ends[-1]) + 1
    found = plan(observe(seconds, loud=list(loud)), spans, count, 20.0)
    assert found
    for highlight in found:
        for time in (highlight.start, highlight.end):
            is_silent = any(span.start - 0.001 <= time <= span.end + 0.001 for span in spans)
            assert is_silent or time in (0, seconds)
