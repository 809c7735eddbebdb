"""The mix before it is encoded, sample by sample: loops, fades and chunks."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from reelqueue.planning.soundtrack import CROSSFADE, RATE, Soundtrack, plan_soundtrack
from reelqueue.render.audio.limiter import Samples
from reelqueue.render.audio.mix import Layer, Mix, PcmTrack, limit_mix, mix_samples

SECOND = RATE


def make_track(folder: Path, samples: np.ndarray, gain: float = 1.0) -> PcmTrack:
    """Write the same sound to both channels."""
    path = folder / f"{len(list(folder.iterdir()))}.pcm"
    np.stack([samples, samples], axis=1).astype("<f4").tofile(path)
    return PcmTrack(path, gain)


def make_tone(pitch: float, samples: int) -> np.ndarray:
    return 0.25 * np.sin(2 * np.pi * pitch * np.arange(samples) / RATE)


def make_noise(seed: int, samples: int) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(samples)


def draw(soundtrack: Soundtrack, *tracks: PcmTrack) -> Samples:
    return mix_samples(soundtrack, tracks, 0, soundtrack.samples)[:, 0]


def measure_level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


def test_loop_has_no_click(tmp_path: Path) -> None:
    """The tone does not end where it starts: a click would be a larger step than the tone's."""
    tone = make_tone(100.35, 5 * SECOND)
    assert abs(tone[-1] - tone[0]) > 0.2
    sound = draw(
        plan_soundtrack([len(tone)], 12 * SECOND, is_cut=False), make_track(tmp_path, tone)
    )
    steps = np.abs(np.diff(sound))
    steepest = np.abs(np.diff(tone)).max()
    assert steps.max() < np.sqrt(2) * steepest * 1.01
    curvature = np.abs(np.diff(sound, 2)).max()
    assert curvature < np.sqrt(2) * np.abs(np.diff(tone, 2)).max() * 1.01


def test_crossfade_keeps_the_loudness(tmp_path: Path) -> None:
    noise = make_noise(1, 6 * SECOND)
    soundtrack = plan_soundtrack([len(noise)], 14 * SECOND, is_cut=False)
    sound = draw(soundtrack, make_track(tmp_path, noise))
    seam = soundtrack.placements[1].position
    tenths = sound[seam - SECOND : seam + CROSSFADE + SECOND].reshape(-1, SECOND // 10)
    levels = [measure_level(tenth) for tenth in tenths]
    assert min(levels) > 0.093
    assert max(levels) < 0.107


def test_track_is_unchanged_between_its_crossfades(tmp_path: Path) -> None:
    noise = make_noise(2, 6 * SECOND)
    track = make_track(tmp_path, noise, gain=0.5)
    sound = draw(plan_soundtrack([len(noise)], 20 * SECOND, is_cut=False), track)
    again = 4 * SECOND  # where it starts again
    inner = slice(CROSSFADE, 6 * SECOND - CROSSFADE)
    expected = (0.5 * noise[inner]).astype(np.float32)
    assert np.allclose(sound[inner], expected, atol=1e-6)
    assert np.allclose(sound[again:][inner], expected, atol=1e-6)


def test_tracks_are_heard_in_order_each_with_its_gain(tmp_path: Path) -> None:
    pitches = (300, 700, 1100)
    lengths = [6 * SECOND, 5 * SECOND, 7 * SECOND]
    tracks = [
        make_track(tmp_path, make_tone(pitch, length), gain)
        for pitch, length, gain in zip(pitches, lengths, (1, 0.5, 2), strict=True)
    ]
    soundtrack = plan_soundtrack(lengths, 14 * SECOND, is_cut=False)
    sound = draw(soundtrack, *tracks)
    assert [placement.position // SECOND for placement in soundtrack.placements] == [0, 4, 7]
    for second, pitch, gain in ((3, 300, 1), (6, 700, 0.5), (10, 1100, 2)):
        spectrum = np.abs(np.fft.rfft(sound[second * SECOND :][:SECOND]))
        assert spectrum.argmax() == pitch
        assert spectrum.max() == pytest.approx(0.25 * gain * SECOND / 2, rel=0.01)


def test_sound_that_is_cut_off_fades_to_silence(tmp_path: Path) -> None:
    noise = make_noise(3, 30 * SECOND)
    sound = draw(
        plan_soundtrack([len(noise)], 9 * SECOND, is_cut=False), make_track(tmp_path, noise)
    )
    levels = [measure_level(quarter) for quarter in sound[-2 * SECOND :].reshape(8, -1)]
    assert levels == sorted(levels, reverse=True)
    assert abs(sound[-1]) < 1e-3
    assert measure_level(sound[: 7 * SECOND]) == pytest.approx(0.1, rel=0.02)


def test_sound_that_ends_with_the_video_is_not_faded(tmp_path: Path) -> None:
    noise = make_noise(4, 5 * SECOND)
    sound = draw(
        plan_soundtrack([len(noise)], 5 * SECOND, is_cut=False), make_track(tmp_path, noise)
    )
    edge = RATE // 200
    assert np.allclose(sound[edge:-edge], noise[edge:-edge], atol=1e-6)
    assert abs(sound[-1]) < 1e-3
    assert abs(sound[0]) < 1e-2


def test_mix_is_the_same_in_one_chunk_or_many(tmp_path: Path) -> None:
    lengths = [3 * SECOND + 17, SECOND // 3, 2 * SECOND]
    tracks = [make_track(tmp_path, make_noise(seed, length)) for seed, length in enumerate(lengths)]
    soundtrack = plan_soundtrack(lengths, 11 * SECOND, is_cut=False)
    whole = mix_samples(soundtrack, tracks, -100, soundtrack.samples + 100)
    cuts = [-100, 0, 1, 5000, SECOND, 3 * SECOND + 1, 7 * SECOND, soundtrack.samples + 100]
    chunks = [mix_samples(soundtrack, tracks, start, stop) for start, stop in pairwise(cuts)]
    assert np.array_equal(np.concatenate(chunks), whole)
    assert not whole[:100].any()
    assert not whole[-100:].any()


@pytest.mark.parametrize("seconds", [0.2, 1.0, 13.37])
def test_limited_mix_is_complete_and_below_the_ceiling(tmp_path: Path, seconds: float) -> None:
    track = make_track(tmp_path, make_noise(5, 4 * SECOND), gain=5)
    soundtrack = plan_soundtrack([4 * SECOND], round(seconds * SECOND), is_cut=False)
    mix = Mix([Layer(soundtrack, [track])], soundtrack.samples)
    chunks = limit_mix(mix, ceiling=0.5, on_chunk=lambda: None)
    limited = np.concatenate(list(chunks))
    assert limited.shape == (soundtrack.samples, 2)
    assert 0.35 < np.abs(limited).max() <= 0.501
