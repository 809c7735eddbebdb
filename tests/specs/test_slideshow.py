"""Specs and requests: which values are taken, and what an error names."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import InvalidSpecError, MalformedRequestError
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.formats import RESOLUTIONS, parse_size, shrink_size
from reelqueue.specs.limits import MAX_TRACKS
from reelqueue.specs.parsing import parse_json
from reelqueue.specs.photo import Fit, PhotoSpec
from reelqueue.specs.picture import Point
from reelqueue.specs.slideshow import SlideshowSpec
from reelqueue.submission.kinds.clip import ClipRequest
from reelqueue.submission.kinds.slideshow import SlideshowRequest
from reelqueue.submission.music import TrackChoice

SESSION = "5f0c6f6e-8d07-4c4f-9f8e-0f8f3c6f9a10"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"duration": 0}', "duration"),
        ('{"duration": -1}', "duration"),
        ('{"duration": 1e308}', "duration"),
        ('{"duration": 1e999}', "duration"),
        ('{"duration": NaN}', "duration"),
        ('{"duration": "3"}', "duration"),
        ('{"duration": true}', "duration"),
        ('{"duration": null}', "duration"),
        ('{"transition_duration": 11}', "transition_duration"),
        ('{"transition": "fade:enable=1"}', "transition"),
        ('{"transition": "explode"}', "transition"),
        ('{"resolution": "1920x1080;rm"}', "resolution"),
        ('{"resolution": "0x0"}', "resolution"),
        ('{"resolution": "99999x99999"}', "resolution"),
        ('{"resolution": "3842x100"}', "resolution"),
        ('{"resolution": "\\uff11\\uff19\\uff12\\uff10x1080"}', "resolution"),
        ('{"resolution": "1920x1080\\n"}', "resolution"),
        ('{"fps": 31}', "fps"),
        ('{"fit": "stretch"}', "fit"),
        ('{"focus": {"x": 1.5, "y": 0}}', "focus.x"),
        ('{"focus": {"x": 0, "y": NaN}}', "focus.y"),
        ('{"rotate": 45}', "rotate"),
        ('{"background": "white"}', "background"),
        ('{"on_bad_photo": "repair"}', "on_bad_photo"),
        ('{"volume": -0.1}', "volume"),
        ('{"volume": 2.1}', "volume"),
        ('{"volume": NaN}', "volume"),
        ('{"volume": 1e9}', "volume"),
        ('{"fit_to_music": "yes"}', "fit_to_music"),
        ('{"fit_to_music": 1}', "fit_to_music"),
        ('{"callback": "http://127.0.0.1/"}', "callback"),
        ("[]", ""),
        ('"text"', ""),
    ],
)
def test_error_names_the_wrong_value(body: str, field: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse_json(SlideshowSpec, body)
    assert caught.value.field == field
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("body", ["", "{", "nonsense", "[" * 1000, b"\xff\xfe{\x00}\x00"])
def test_parse_json_refuses_invalid_json(body: str | bytes) -> None:
    with pytest.raises(MalformedRequestError, match="not valid JSON"):
        parse_json(SlideshowSpec, body)


@pytest.mark.parametrize(
    "session",
    ["", "../../etc/passwd", SESSION.upper(), f"{SESSION}\n", f"{SESSION}/x", "x" * 10_000],
)
def test_session_id_must_be_a_uuid(session: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse_json(SlideshowRequest, json.dumps({"session_id": session}))
    assert caught.value.field == "session_id"


def test_error_in_a_photo_names_its_index() -> None:
    body = f'{{"session_id": "{SESSION}", "photos": [{{"id": "{SESSION}"}}, {{"id": "x"}}]}}'
    with pytest.raises(InvalidSpecError, match=r"^photos\.1\.id: "):
        parse_json(SlideshowRequest, body)


@pytest.mark.parametrize(
    ("choice", "field", "allowed"),
    [
        ('"duration": 0', "duration", "greater than or equal to 0.2"),
        ('"duration": -1', "duration", "greater than or equal to 0.2"),
        ('"duration": 1e9', "duration", "less than or equal to 60"),
        ('"duration": NaN', "duration", "a finite number"),
        ('"duration": "3"', "duration", "a valid number"),
        ('"transition": "explode"', "transition", "'none', 'fade'"),
        ('"transition_duration": 11', "transition_duration", "less than or equal to 10"),
        ('"fit": "stretch"', "fit", "'contain', 'cover' or 'blur'"),
        ('"focus": {"x": 2, "y": 0}', "focus.x", "less than or equal to 1"),
        ('"focus": {"x": 0, "y": -0.1}', "focus.y", "greater than or equal to 0"),
        ('"focus": {"x": 0}', "focus.y", "is missing"),
        ('"rotate": 45', "rotate", "0, 90, 180 or 270"),
        ('"resolution": "64x64"', "resolution", "remove it"),
    ],
)
def test_error_in_a_photo_names_its_path(choice: str, field: str, allowed: str) -> None:
    photos = f'[{{"id": "{SESSION}"}}, {{"id": "{SESSION}", {choice}}}]'
    with pytest.raises(InvalidSpecError) as caught:
        parse_json(SlideshowRequest, f'{{"session_id": "{SESSION}", "photos": {photos}}}')
    assert caught.value.field == f"photos.1.{field}"
    assert allowed in str(caught.value)


def test_photo_overrides_the_slideshow() -> None:
    spec = SlideshowSpec(duration=2, fit=Fit.COVER, rotate=90, focus=Point(x=0, y=0))

    assert spec.for_photo(PhotoSpec()) == spec
    own = spec.for_photo(PhotoSpec(duration=1, rotate=0, focus=Point(x=1, y=1)))
    assert (own.duration, own.fit, own.rotate, own.focus) == (1, Fit.COVER, 0, Point(x=1, y=1))


@pytest.mark.parametrize(
    ("tracks", "field"),
    [
        ([], "tracks"),
        ([{"id": SESSION}] * (MAX_TRACKS + 1), "tracks"),
        ([{"id": "x"}], "tracks.0.id"),
        ([{"id": SESSION}, {"start": 1}], "tracks.1.id"),
        ([{"id": SESSION, "start": -1}], "tracks.0.start"),
        ([{"id": SESSION, "start": 1e9}], "tracks.0.start"),
        ([{"id": SESSION, "start": float("nan")}], "tracks.0.start"),
        ([{"id": SESSION, "start": "1"}], "tracks.0.start"),
        ([{"id": SESSION, "end": 0}], "tracks.0.end"),
        ([{"id": SESSION, "end": 86_400}], "tracks.0.end"),
        ([{"id": SESSION}, {"id": SESSION, "start": 2, "end": 2}], "tracks.1.end"),
        ([{"id": SESSION, "start": 2, "end": 1}], "tracks.0.end"),
        ([{"id": SESSION, "start": 2, "end": 2.05}], "tracks.0.end"),
        ([{"id": SESSION, "volume": 1}], "tracks.0.volume"),
    ],
)
def test_error_in_a_track_names_its_path(tracks: list[dict[str, object]], field: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse_json(SlideshowRequest, json.dumps({"session_id": SESSION, "tracks": tracks}))
    assert caught.value.field == field


def test_audio_id_stands_for_one_track_and_excludes_tracks() -> None:
    body = {"session_id": SESSION, "audio_id": SESSION}
    request = parse_json(SlideshowRequest, json.dumps(body))
    assert request.music == (TrackChoice(id=SESSION),)
    with pytest.raises(InvalidSpecError, match=r"^tracks: cannot be combined") as caught:
        parse_json(SlideshowRequest, json.dumps({**body, "tracks": [{"id": SESSION}]}))
    assert caught.value.field == "tracks"


@pytest.mark.parametrize(
    ("resolution", "size"),
    [("1920x1080", (1920, 1080)), ("853x481", (852, 480)), ("reel", (1080, 1920))],
)
def test_parse_size_rounds_odd_sides_down(resolution: str, size: tuple[int, int]) -> None:
    assert parse_size(resolution) == size


def test_every_named_resolution_is_valid() -> None:
    for name, resolution in RESOLUTIONS.items():
        spec = parse_json(SlideshowSpec, json.dumps({"resolution": name}))
        assert spec.size == parse_size(resolution)


@pytest.mark.parametrize(
    ("resolution", "size"),
    [
        ("1080p", (640, 360)),
        ("reel", (360, 640)),
        ("square", (360, 360)),
        ("480x270", (480, 270)),  # small enough
    ],
)
def test_preview_is_small_and_keeps_the_shape(resolution: str, size: tuple[int, int]) -> None:
    assert SlideshowSpec(resolution=resolution, preview=True).size == size


@given(st.integers(64, 3840), st.integers(64, 3840))
def test_shrunk_size_is_even_and_no_larger(width: int, height: int) -> None:
    size = parse_size(f"{width}x{height}")
    small = shrink_size(size, 360)
    assert min(small) <= 360
    for side, full in zip(small, size, strict=True):
        assert side % 2 == 0
        assert side <= full


@pytest.mark.parametrize(
    "body",
    [
        '{"start": 5, "end": 2}',
        '{"start": 5, "end": 5}',
        '{"start": -1}',
        '{"start": NaN}',
        '{"aspect": "3:2"}',
        '{"fit": "stretch"}',
        '{"captions": [{"start": 1, "end": 0.5, "text": "x"}]}',
        '{"captions": [{"start": 0, "end": 1, "text": ""}]}',
        '{"captions": [{"start": 0, "end": 1e308, "text": "x"}]}',
    ],
)
def test_clip_spec_refuses_impossible_values(body: str) -> None:
    with pytest.raises(InvalidSpecError):
        parse_json(ClipSpec, body)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0.0, None, (0.0, 10.0)),
        (2.0, 5.0, (2.0, 5.0)),
        (2.0, 10.05, (2.0, 10.0)),
        (9.8, 9.9, (9.8, 9.9)),  # 0.1 s, though the floats differ by a little less
        (9.9, None, (9.9, 10.0)),
    ],
)
def test_clip_stays_within_the_video(
    start: float, end: float | None, expected: tuple[float, float]
) -> None:
    (segment,) = ClipSpec(start=start, end=end).resolve_segments(10.0)
    assert (segment.start, segment.end) == expected


@pytest.mark.parametrize(
    ("start", "end", "field"), [(10.0, None, "start"), (12.0, 13.0, "start"), (1.0, 11.0, "end")]
)
def test_refusal_says_where_the_video_ends(start: float, end: float | None, field: str) -> None:
    with pytest.raises(InvalidSpecError, match=r"10\.00") as caught:
        ClipSpec(start=start, end=end).resolve_segments(10.0)
    assert caught.value.field == field


def test_clip_request_needs_a_source() -> None:
    with pytest.raises(InvalidSpecError) as caught:
        parse_json(ClipRequest, f'{{"session_id": "{SESSION}"}}')
    assert caught.value.field == "source_id"
