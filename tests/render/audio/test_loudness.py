"""Loudness, volume and fades of clips, measured in the encoded file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from reelqueue.planning.soundtrack import RATE, SoundCut
from reelqueue.render.audio.clip_sound import encode_clip_sound
from reelqueue.render.audio.loudness import SILENCE, measure_loudness
from reelqueue.render.ffmpeg.source import probe_source
from reelqueue.specs.clips.sound import ClipAudio, Sound
from tests.render.audio.test_clip_sound import hear
from tests.render.conftest import Make
from tests.render.conftest import measure_loudness as measure_file

pytestmark = pytest.mark.render

SECONDS = 6
PICTURES = ("-f", "lavfi", "-i", f"color=s=64x64:r=10:d={SECONDS}")
SYLLABLES = "abs(sin(2*PI*2.3*t))^4*lt(mod(t\\,3)\\,2)"
SOUNDS = {
    "quiet talk": f"0.02*{SYLLABLES}*(sin(2*PI*180*t)+0.6*sin(2*PI*720*t)+random(0)-0.5)",
    "loud talk": f"0.9*{SYLLABLES}*(sin(2*PI*180*t)+random(0)-0.5)",
    "clicks": "0.9*lt(mod(t\\,0.5)\\,0.002)+0.01*sin(2*PI*330*t)",
    "hum": "0.3*sin(2*PI*100*t)",
    "almost nothing": "0.00005*(random(0)-0.5)",
    "silence": "0",
}


Encode = Callable[..., Path]


@pytest.fixture
def encode(make_media: Make, tmp_path: Path) -> Encode:
    """Return a function that encodes a sound, as a clip has it."""

    def encode_sound(name: str, **choices: object) -> Path:
        sound = ("-f", "lavfi", "-i", f"aevalsrc={SOUNDS[name]}:s=48000:d={SECONDS}")
        source = make_media("sound.mkv", *PICTURES, *sound, "-c:a", "pcm_s24le")
        output = tmp_path / "sound.m4a"
        encode_clip_sound(
            source,
            probe_source(source),
            [SoundCut(0, SECONDS)],
            output,
            spec=Sound(audio=ClipAudio.model_validate(choices)),
            on_progress=lambda _: None,
        )
        return output

    return encode_sound


@pytest.mark.parametrize("target", [-14, -23])
@pytest.mark.parametrize("name", ["quiet talk", "loud talk", "clicks", "hum"])
def test_sound_is_brought_to_its_loudness_with_peaks_limited(
    encode: Encode, name: str, target: float
) -> None:
    loudness, peak = measure_file(encode(name, loudness=target))
    assert loudness == pytest.approx(target, abs=0.5)
    assert peak <= -1


def test_silence_stays_silence_and_noise_quiet(encode: Encode) -> None:
    assert not hear(encode("silence", loudness=-14)).any()
    before, _ = measure_file(encode("almost nothing"))
    after, _ = measure_file(encode("almost nothing", loudness=-14))
    assert after == pytest.approx(before, abs=30.5)
    assert after < -50


def test_volume_is_a_factor_and_never_overdrives(encode: Encode) -> None:
    recorded = np.std(hear(encode("hum")))
    assert np.std(hear(encode("hum", volume=0.5))) == pytest.approx(recorded / 2, rel=0.01)
    assert np.std(hear(encode("hum", volume=2.0))) == pytest.approx(recorded * 2, rel=0.01)
    assert not hear(encode("hum", volume=0.0)).any()
    _, peak = measure_file(encode("loud talk", volume=4.0))
    assert peak <= -1


@pytest.mark.parametrize("loudness", [None, -20])
def test_sound_fades_in_and_out(encode: Encode, loudness: float | None) -> None:
    sound = hear(encode("hum", fade_in=1.5, fade_out=1.0, loudness=loudness))
    tenths = np.abs(sound).reshape(-1, RATE // 10).max(axis=1)
    assert all(np.diff(tenths[:15]) > 0)
    assert all(np.diff(tenths[-10:]) < 0)
    assert tenths[0] < 0.2 * tenths[30]
    assert tenths[15:-10] == pytest.approx(tenths[30], rel=0.02)


def test_meter_measures_each_tenth_of_a_second() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE, dtype=np.float32)
    silence = np.zeros((RATE, 2), np.float32)
    measured = measure_loudness([silence, np.stack([tone, tone], axis=1), silence])
    assert len(measured.momentary) == 30
    assert measured.momentary[13:20] == pytest.approx([measured.momentary[15]] * 7, abs=0.1)
    assert max(measured.momentary[3:10]) < SILENCE
    assert max(measured.momentary[24:]) < SILENCE
    assert measure_loudness([silence]).integrated <= SILENCE
