"""A stored clip is turned back into an order that makes the same clip."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from obstore.store import MemoryStore

from reelqueue.config import Settings
from reelqueue.errors import InvalidSpecError
from reelqueue.media.facts import (
    AudioFacts,
    CaptionsFacts,
    MediaFacts,
    MediaKind,
    PhotoFacts,
    SubtitleFacts,
    VideoFacts,
)
from reelqueue.media.subtitles import dump_cues
from reelqueue.media.transcripts import Transcript
from reelqueue.media.upload_keys import find_media_key
from reelqueue.media.uploads import Media, Uploads
from reelqueue.specs.clips.captions import Cue, Preset
from reelqueue.specs.clips.look import Corner, Denoise
from reelqueue.specs.clips.reframe import Aspect
from reelqueue.specs.clips.speech import Speech
from reelqueue.specs.delivery import Quality, Target
from reelqueue.specs.parsing import parse_json
from reelqueue.specs.text import Backing, LetterSize, Position
from reelqueue.storage.store import Store
from reelqueue.submission.kinds.clip import (
    ClipRequest,
    ClipWork,
    plan_clip,
    take_transcript,
    to_order,
)
from reelqueue.submission.requests import JobRequest

pytestmark = pytest.mark.process  # which says whether text can be drawn

OWNER = "0123456789abcdef"
SESSION, VIDEO, SONG, LOGO, FILE = (f"{number}-0000-4000-8000-000000000000" for number in (
    "00000001", "00000002", "00000003", "00000004", "00000005"
))  # fmt: skip
SECONDS = 40.0


def make_media(media_id: str, kind: MediaKind, facts: MediaFacts) -> Media:
    key = find_media_key(OWNER, SESSION, media_id, "bin")
    digest = media_id.replace("-", "")
    return Media(
        id=media_id, kind=kind, name=f"{kind}.bin", key=key, size_bytes=9, digest=digest,
        added_ns=0, facts=facts,
    )  # fmt: skip


def open_uploads() -> Uploads:
    """Return a video with subtitles, a song, a logo and a file of captions."""
    video = VideoFacts(
        duration=SECONDS, width=320, height=240, fps=25.0, has_audio=True, sound_tracks=2,
        format="mp4", subtitles=SubtitleFacts(count=1, language="de"),
    )  # fmt: skip
    uploads = [
        make_media(VIDEO, "video", video),
        make_media(SONG, "audio", AudioFacts(duration=30.0, format="mp3")),
        make_media(LOGO, "photo", PhotoFacts(width=64, height=64, format="png")),
        make_media(FILE, "captions", CaptionsFacts(count=1, language="en", format="vtt")),
    ]
    store = Store(MemoryStore())
    for media in uploads:
        if media.kind in ("video", "captions"):
            store.write(media.cues_key, dump_cues((Cue(start=1.0, end=2.0, text="Hi"),)))
    return Uploads(store).expect({media.id: media for media in uploads})


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects that have any of some fields."""
    return st.fixed_dictionaries({}, optional=fields)


def number(least: float, most: float) -> st.SearchStrategy[float]:
    return st.floats(least, most, allow_subnormal=False)


words = st.text("ab Ä\n", min_size=1, max_size=20).map(lambda text: f"A{text}")
colors = st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True)
focuses = st.just("auto") | st.fixed_dictionaries({"x": number(0, 1), "y": number(0, 1)})
cards = st.fixed_dictionaries(
    {"text": words}, optional={"subtitle": words, "duration": number(0.2, 5), "background": colors}
)


@st.composite
def draw_cues(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return captions, some of them with the times of their words."""
    edges = sorted(
        draw(st.lists(number(0, SECONDS), max_size=8, unique_by=lambda at: round(at, 2)))
    )
    cues = []
    for start, end in zip(edges[::2], edges[1::2], strict=False):
        middle = (start + end) / 2
        spoken = [
            {"start": start, "end": middle, "text": "A"},
            {"start": middle, "end": end, "text": "b"},
        ]
        cue = {"start": start, "end": end, "text": "A b"}
        cues.append(cue | ({"words": spoken} if draw(st.booleans()) else {}))
    return cues


captions = st.one_of(
    draw_cues(),
    st.fixed_dictionaries(
        {"cues": draw_cues()},
        optional={"times": st.sampled_from(["source", "clip"]), "language": st.just("pt-BR")},
    ),
    st.fixed_dictionaries({"segments": draw_cues()}, optional={"language": st.just("en")}),
    st.fixed_dictionaries(
        {"id": st.just(FILE)}, optional={"times": st.sampled_from(["source", "clip"])}
    ),
    st.sampled_from(["auto", "track"]),
    some(language=st.just("en"), vocabulary=st.lists(st.just("Ada, of Rome"))).map(
        lambda speech: {"speech": speech}
    ),
)


@st.composite
def draw_parts(draw: st.DrawFn, *, is_crop: bool) -> dict[str, Any]:
    """Return the start and the end of a clip, or its segments."""
    if draw(st.booleans()):
        return draw(some(start=number(0, 10), end=number(20, SECONDS)))
    lengths = draw(st.lists(number(1, 6), min_size=1, max_size=4))
    segments = []
    for index, length in enumerate(lengths):
        segment = {"start": 10.0 * index, "end": 10.0 * index + length}
        focus = draw(st.none() | focuses) if is_crop else None
        segments.append(segment | ({"focus": focus} if focus else {}))
    return {"segments": segments}


def list_choices(fit: str) -> dict[str, st.SearchStrategy[Any]]:
    """Return what an order can say beside the parts and the shape of a clip."""
    return {
        "focus": focuses if fit == "crop" else st.none(),
        "transition": st.sampled_from(["none", "fade"]),
        "transition_duration": number(0.01, 0.1),
        "silences": st.sampled_from(["keep", "cut"]),
        "speed": number(0.25, 4),
        "rotate": st.sampled_from([0, 90, 180, 270]),
        "fade_in": number(0, 60),
        "fade_out": number(0, 60),
        "brightness": number(0.2, 3),
        "contrast": number(0.2, 3),
        "saturation": number(0, 3),
        "denoise": st.sampled_from(list(Denoise)),
        "logo": st.fixed_dictionaries(
            {"id": st.just(LOGO)},
            optional={
                "position": st.sampled_from(list(Corner)),
                "opacity": number(0.05, 1),
                "width": number(0.02, 1),
            },
        ),
        "title": cards,
        "end_title": cards,
        "caption_style": some(
            preset=st.sampled_from(list(Preset)),
            position=st.sampled_from(list(Position)),
            size=st.sampled_from(list(LetterSize)),
            backing=st.sampled_from(list(Backing)),
            color=colors,
            highlight=colors,
            uppercase=st.booleans(),
        ),
        "soft_captions": st.booleans(),
        "audio": some(
            loudness=st.none() | number(-30, -10),
            volume=number(0, 4),
            mute=st.booleans(),
            track=st.sampled_from([1, 2]),
            fade_in=number(0, 60),
            fade_out=number(0, 60),
        ),
        "music_volume": number(0, 2),
        "duck": st.booleans(),
        "tracks": st.lists(
            st.fixed_dictionaries(
                {"id": st.just(SONG)}, optional={"start": number(0, 10), "end": number(20, 30)}
            ),
            max_size=3,
        ),
        "animation": st.booleans(),
        "quality": st.sampled_from(list(Quality)),
        "target": st.sampled_from(list(Target)),
        "max_bytes": st.integers(20_000_000, 100_000_000_000),
        "captions": captions,
    }


@st.composite
def draw_orders(draw: st.DrawFn) -> dict[str, Any]:
    """Return orders with any of all fields."""
    fit = draw(st.sampled_from(["blur", "crop", "pad"]))
    shape = draw(
        some(aspect=st.sampled_from(list(Aspect)))
        | some(resolution=st.sampled_from(["square", "720x900", "361x481"]))
    )
    choices = draw(some(**list_choices(fit)))
    parts = draw(draw_parts(is_crop=fit == "crop"))
    return {"session_id": SESSION, "source_id": VIDEO, "fit": fit, **shape, **choices, **parts}


def parse(order: dict[str, Any]) -> ClipWork:
    """Return what is stored of an order, as the server reads it."""
    request = parse_json(ClipRequest, json.dumps(order))
    work = plan_clip(open_uploads(), Settings.from_env({}), OWNER, request).work
    assert isinstance(work, ClipWork)
    return work


@given(draw_orders())
def test_order_of_a_stored_clip_makes_the_same_clip(order: dict[str, Any]) -> None:
    try:
        work = parse(order)
    except InvalidSpecError:
        reject()  # the values fit each for itself, and not together
    assert parse({"session_id": SESSION, **to_order(work)}) == work
    stored = ClipWork.model_validate_json(work.to_json())
    assert to_order(stored) == to_order(work)


def test_all_that_an_order_can_say_is_tried() -> None:
    """What is new belongs into `list_choices`, and into what the page keeps of an order."""
    parts = {"source_id", "start", "end", "segments", "aspect", "resolution", "fit"}
    tried = parts | list_choices("crop").keys()
    assert ClipRequest.model_fields.keys() - JobRequest.model_fields.keys() == tried


SPOKEN = [(0.0, 0.5, "This"), (0.5, 1.1, "begins."), (1.3, 2.5, "Within"), (3.6, 4.0, "after.")]
WORDS = [{"start": start, "end": end, "text": text} for start, end, text in SPOKEN]
SAID = Transcript.model_validate(
    {
        "language": "en",
        "segments": [
            {"start": 0.0, "end": 4.0, "text": "This begins. Within after.", "words": WORDS},
            {"start": 6.0, "end": 7.0, "text": "No words"},
        ],
    }
)


@pytest.mark.parametrize(
    ("changes", "speech", "is_taken"),
    [
        ({}, {}, True),
        ({}, {"language": "en", "vocabulary": ["Ada"]}, True),
        ({"captions": {"speech": {"language": "en"}}}, {}, True),
        ({"captions": {"speech": {"vocabulary": ["Ada"]}}}, {"vocabulary": ["Ada"]}, True),
        ({"captions": {"speech": {"language": "de"}}}, {}, False),
        ({"captions": {"speech": {"vocabulary": ["Ada"]}}}, {}, False),
        ({"captions": "track"}, {}, False),
        ({"captions": []}, {}, False),
        ({"audio": {"track": 2}}, {}, False),
        ({"start": 2.5, "end": 3.5}, {}, False),
    ],
)
def test_words_of_a_transcript_are_taken_where_they_would_be_the_same(
    changes: dict[str, Any], speech: dict[str, Any], is_taken: bool
) -> None:
    body = {"session_id": SESSION, "source_id": VIDEO, "start": 1.2, "end": 3.0} | changes
    request = parse_json(ClipRequest, json.dumps({"captions": "auto"} | body))
    taken = take_transcript(request, SAID, Speech.model_validate(speech))
    if not is_taken:
        assert taken is request
        return
    assert isinstance(taken.captions, Transcript)
    assert [segment.text for segment in taken.captions.segments] == ["Within"]


@pytest.mark.parametrize("preset", ["plain", "phrase"])
def test_clip_of_a_part_shows_no_sentence_that_is_over(preset: str) -> None:
    order = {"session_id": SESSION, "source_id": VIDEO, "start": 1.2, "end": 3.0}
    style = {"caption_style": {"preset": preset}}
    captions = SAID.model_dump(mode="json")
    sheet = parse(order | style | {"captions": captions}).spec.cue_sheet
    assert [cue.text for cue in sheet.cues] == ["Within"]
    parts = {"start": 0.0, "end": None, "segments": [{"start": 0, "end": 1}, {"start": 6.5}]}
    sheet = parse(order | style | parts | {"captions": captions}).spec.cue_sheet
    assert [cue.text for cue in sheet.cues] == ["This begins.", "No words"]


def test_missing_font_is_named_with_the_part_of_the_transcript_that_was_sent() -> None:
    odd = {"start": 2.5, "end": 3.0, "text": "\U0003ffff"}
    said = SAID.model_dump(mode="json")["segments"]
    order = {"session_id": SESSION, "source_id": VIDEO, "captions": {"segments": [*said, odd]}}
    with pytest.raises(InvalidSpecError) as caught:
        parse(order | {"start": 1.2, "end": 3.0})
    assert caught.value.field == "captions.segments.2.text"
    parse(order | {"start": 1.2, "end": 2.0})  # what is not heard is not drawn
