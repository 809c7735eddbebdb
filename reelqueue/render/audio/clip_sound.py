"""The sound of a clip: that of each cut of a video, joined, with music, encoded as AAC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.planning.delivery.targets import SOUND_BIT_RATE
from reelqueue.planning.soundtrack import RATE, SoundCut, Soundtrack, Track, join_cuts
from reelqueue.render.audio.aac import encode_aac
from reelqueue.render.audio.cut import decode_cut
from reelqueue.render.audio.encode import OnProgress, decode_music
from reelqueue.render.audio.limiter import Samples
from reelqueue.render.audio.loudness import (
    duck_music,
    even_out,
    find_gain,
    from_decibels,
    measure_loudness,
    measure_true_peak,
)
from reelqueue.render.audio.mix import Layer, Mix, PcmTrack, limit_mix, mix_chunks
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.specs.clips.sound import MUSIC_BESIDE_SOUND, UNCHANGED, Sound

_PEAK_DB = -1.0  # dBTP, of the encoded sound
_HEADROOM_DB = 1.0  # by which AAC raises the peaks of most sound; those of noise by more
_STEP_DB = 0.2
_ROUNDS = 4


def encode_clip_sound(
    source: Path,
    video: VideoSource,
    cuts: Sequence[SoundCut],
    output: Path,
    *,
    overlap: float = 0.0,
    before: float = 0.0,
    after: float = 0.0,
    spec: Sound = UNCHANGED,
    music: Sequence[Track] = (),
    bit_rate: int = SOUND_BIT_RATE,
    on_progress: OnProgress,
) -> None:
    """Write the sound of a clip as an .m4a file: AAC-LC, stereo, 48 kHz, without metadata.

    It lasts as long as the cuts do together, to a sample, with the silence before and after them.
    Sound that a cut lacks is silent.

    Args:
        source: the video.
        video: its details, with the stream that is heard; without one, there has to be music.
        cuts: the parts that are heard, in their order.
        output: the file to write. What is decoded lies beside it for a while: 384 kB a second.
        overlap: seconds by which each cut fades into the next; 0 joins them hard, without a click.
        before: seconds before the cuts, in which only music is heard.
        after: seconds after them.
        spec: loudness, volumes, fades and ducking.
        music: the tracks in their order; the first follows the last until the clip ends.
        bit_rate: bits a second of the AAC.
        on_progress: called from time to time; an exception that it raises stops the work.

    Raises:
        InputError: if a track of the music cannot be decoded.
        RenderError: if ffmpeg fails.
    """
    durations = [cut.duration for cut in cuts]
    soundtrack = join_cuts(durations, overlap, before=before, after=after)
    with TemporaryDirectory(dir=output.parent, prefix="sound-") as name:
        folder = Path(name)
        layers = []
        if video.sound is not None:
            own = _decode_cuts(source, video, cuts, soundtrack, folder, spec, on_progress)
            layers = _add_music(own, spec, music, folder, on_progress) if music else [own]
        elif music:
            layers = [_decode_bed(spec, music, 1.0, soundtrack.samples, folder, on_progress)]
        mix = Mix(
            layers,
            soundtrack.samples,
            fade_in=round(spec.audio.fade_in * RATE),
            fade_out=round(spec.audio.fade_out * RATE),
            lead=0 if music else round(before * RATE),
            tail=0 if music else round(after * RATE),
        )
        is_as_recorded = not music and spec.audio.volume <= 1
        encode = partial(encode_aac, output=output, bit_rate=bit_rate)
        _encode_mix(mix, spec.audio.loudness, output, encode, on_progress, is_as_recorded)


def _add_music(
    own: Layer, spec: Sound, music: Sequence[Track], folder: Path, on_progress: OnProgress
) -> list[Layer]:
    """Return the layers of a clip with music, which gives way to the video's own sound."""
    samples = own.soundtrack.samples
    mix = Mix((own,), samples)
    heard = measure_loudness(mix_chunks(mix, on_chunk=lambda: on_progress(0)))
    target = spec.audio.loudness
    if target is not None:
        gain = spec.audio.volume * find_gain(heard.integrated, target)
        own = replace(own, tracks=[replace(track, gain=track.gain * gain) for track in own.tracks])
    bed = _decode_bed(spec, music, MUSIC_BESIDE_SOUND, samples, folder, on_progress)
    return [own, duck_music(bed, heard) if spec.duck else bed]


def _decode_bed(
    spec: Sound,
    music: Sequence[Track],
    volume: float,
    samples: int,
    folder: Path,
    on_progress: OnProgress,
) -> Layer:
    decoded = folder / "music"
    decoded.mkdir()
    chosen = volume if spec.music_volume is None else spec.music_volume
    return decode_music(music, decoded, samples, chosen, on_progress)


def _encode_mix(
    mix: Mix,
    loudness: float | None,
    output: Path,
    encode: Callable[[Iterable[Samples]], None],
    on_progress: OnProgress,
    is_as_recorded: bool,
) -> None:
    """Encode a mix at its loudness, with its peaks limited unless it is as it was recorded."""

    def on_chunk() -> None:
        on_progress(0)

    if loudness is None and is_as_recorded:
        encode(mix_chunks(mix, on_chunk=on_chunk))
        return
    ceiling = _PEAK_DB - _HEADROOM_DB
    for _ in range(_ROUNDS):
        encode(_limit(mix, loudness, from_decibels(ceiling), on_chunk))
        excess = measure_true_peak(output) - _PEAK_DB
        if excess <= 0:
            break
        ceiling -= excess + _STEP_DB


def _limit(
    mix: Mix, loudness: float | None, ceiling: float, on_chunk: Callable[[], None]
) -> Iterator[Samples]:
    if loudness is None:
        return limit_mix(mix, ceiling=ceiling, on_chunk=on_chunk)
    return even_out(mix, loudness, ceiling=ceiling, on_chunk=on_chunk)


def _decode_cuts(
    source: Path,
    video: VideoSource,
    cuts: Sequence[SoundCut],
    soundtrack: Soundtrack,
    folder: Path,
    spec: Sound,
    on_progress: OnProgress,
) -> Layer:
    tracks = []
    for placement, cut in zip(soundtrack.placements, cuts, strict=True):
        pcm = folder / f"{placement.track}.pcm"
        decode_cut(source, video, cut, placement.samples, pcm, on_progress)
        tracks.append(PcmTrack(pcm, spec.audio.volume))
    return Layer(soundtrack, tracks)
