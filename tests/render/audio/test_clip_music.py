"""Music under the sound of clips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from reelqueue.planning.soundtrack import RATE, SoundCut, Track
from reelqueue.render.audio.clip_sound import encode_clip_sound
from reelqueue.render.ffmpeg.source import probe_source
from reelqueue.specs.clips.sound import Sound
from tests.render.audio.test_clip_sound import hear
from tests.render.conftest import Make, measure_loudness

pytestmark = pytest.mark.render

SECONDS = 9
MUSIC = 1000  # Hz
VOICE = 300
PICTURES = ("-f", "lavfi", "-i", f"color=s=64x64:r=10:d={SECONDS}")
TALK = f"aevalsrc=0.2*between(t\\,3\\,5)*sin(2*PI*{VOICE}*t):s=48000:d={SECONDS}"

Encode = Callable[..., Path]


@pytest.fixture
def encode(make_media: Make, tmp_path: Path) -> Encode:
    """Return a function that encodes two seconds of a voice, from 3 on, with two of music."""

    def encode_sound(*, has_voice: bool = True, **choices: object) -> Path:
        voice = ("-f", "lavfi", "-i", TALK, "-c:a", "pcm_s16le") if has_voice else ()
        source = make_media("talk.mkv", *PICTURES, *voice)
        tone = f"sine=f={MUSIC}:r=48000:d=2.5"
        music = make_media("song.wav", "-f", "lavfi", "-i", tone)
        output = tmp_path / "sound.m4a"
        encode_clip_sound(
            source,
            probe_source(source),
            [SoundCut(0, SECONDS)],
            output,
            spec=Sound.model_validate(choices),
            music=[Track(music, 2.5)],
            on_progress=lambda _: None,
        )
        return output

    return encode_sound


def measure_pitch(sound: npt.NDArray[np.float64], pitch: float) -> npt.NDArray[np.float64]:
    """Return the level of a pitch in each tenth of a second, in decibels."""
    tenths = sound[: len(sound) // 4800 * 4800].reshape(-1, RATE // 10)
    wave = np.exp(-2j * np.pi * pitch * np.arange(RATE // 10) / RATE) * np.hanning(RATE // 10)
    level: npt.NDArray[np.float64] = 20 * np.log10(np.abs(tenths @ wave) + 1e-9)
    return level


def test_music_loops_under_the_voice_and_gives_way_to_it(encode: Encode) -> None:
    sound = hear(encode())
    assert len(sound) == SECONDS * RATE
    music, voice = measure_pitch(sound, MUSIC), measure_pitch(sound, VOICE)
    whole = np.median(music[5:25])
    assert music[31:49] == pytest.approx(whole - 12, abs=2)
    assert music[62:65] == pytest.approx(whole, abs=3.5)
    assert voice[31:49] == pytest.approx(np.median(voice[31:49]), abs=0.5)
    assert np.abs(np.diff(music[20:65])).max() < 7
    assert music[-1] < whole - 12  # it fades out where the clip cuts it off


def test_music_stays_where_it_is_not_to_give_way(encode: Encode) -> None:
    music = measure_pitch(hear(encode(duck=False)), MUSIC)
    assert np.median(music[31:49]) == pytest.approx(np.median(music[5:25]), abs=2)


def test_music_of_a_silent_video_is_as_loud_as_that_of_a_slideshow(encode: Encode) -> None:
    loudness, _ = measure_loudness(encode(has_voice=False))
    assert loudness == pytest.approx(-14, abs=2)  # a tone adds up where it fades into itself
    quarter, _ = measure_loudness(encode(has_voice=False, music_volume=0.25))
    assert quarter == pytest.approx(loudness - 12, abs=0.5)


def test_clip_with_music_has_its_loudness_as_a_whole(encode: Encode) -> None:
    output = encode(audio={"loudness": -16})
    loudness, peak = measure_loudness(output)
    assert loudness == pytest.approx(-16, abs=0.5)
    assert peak <= -1
    sound = hear(output)
    voice, music = measure_pitch(sound, VOICE)[35:45], measure_pitch(sound, MUSIC)[35:45]
    assert np.median(voice) - np.median(music) > 12
