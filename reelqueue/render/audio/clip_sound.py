"""The sound of a clip: that of each cut of a video, joined and encoded as AAC."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reelqueue.planning.soundtrack import RATE, SoundCut, join_cuts
from reelqueue.render.audio.aac import encode_aac
from reelqueue.render.audio.limiter import Samples
from reelqueue.render.audio.loudness import even_out, from_decibels, measure_true_peak
from reelqueue.render.audio.mix import CHANNELS, Layer, Mix, PcmTrack, limit_mix, mix_chunks
from reelqueue.render.ffmpeg.loopback import Loopback, build_loopbacks
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.sound import build_sound_filters, build_stereo_filter
from reelqueue.render.ffmpeg.source import VideoSource
from reelqueue.specs.sound import AS_RECORDED, ClipAudio

_PEAK_DB = -1.0  # dBTP, of the encoded sound
_HEADROOM_DB = 1.0  # by which AAC raises the peaks of most sound; those of noise by more
_STEP_DB = 0.2
_ROUNDS = 4
_TIMEOUT_SECONDS = 3600.0
_SURPLUS_SECONDS = 0.1  # decoded after the end: sound may be stretched to follow its timestamps
_LEAD_SECONDS = 0.5  # decoded before the start: the first samples of a decoder are not yet right


def encode_clip_sound(
    source: Path,
    video: VideoSource,
    cuts: Sequence[SoundCut],
    output: Path,
    *,
    overlap: float = 0.0,
    audio: ClipAudio = AS_RECORDED,
    on_progress: Callable[[int], None],
) -> None:
    """Write the sound of a clip as an .m4a file: AAC-LC, stereo, 48 kHz, without metadata.

    It lasts as long as the cuts do together, to a sample. Sound that a cut lacks is silent.

    Args:
        source: the video.
        video: its details; it has sound.
        cuts: the parts that are heard, in their order.
        output: the file to write. The decoded cuts lie beside it for a while: 384 kB a second.
        overlap: seconds by which each cut fades into the next; 0 joins them hard, without a click.
        audio: loudness, volume and fades; what is heard of the video is chosen in `video`.
        on_progress: called from time to time; an exception that it raises stops the work.

    Raises:
        RenderError: if ffmpeg fails.
    """
    soundtrack = join_cuts([cut.duration for cut in cuts], overlap)
    with TemporaryDirectory(dir=output.parent, prefix="sound-") as name:
        tracks = []
        for placement, cut in zip(soundtrack.placements, cuts, strict=True):
            pcm = Path(name, f"{placement.track}.pcm")
            _decode_cut(source, video, cut, placement.samples, pcm, on_progress)
            tracks.append(PcmTrack(pcm, audio.volume))
        mix = Mix(
            (Layer(soundtrack, tracks),),
            soundtrack.samples,
            fade_in=round(audio.fade_in * RATE),
            fade_out=round(audio.fade_out * RATE),
        )
        _encode_mix(mix, audio, output, lambda: on_progress(0))


def _encode_mix(mix: Mix, audio: ClipAudio, output: Path, on_chunk: Callable[[], None]) -> None:
    """Encode the mix at its loudness; as it was recorded, its peaks stay as they are."""
    if audio.loudness is None and audio.volume <= 1:
        encode_aac(mix_chunks(mix, on_chunk=on_chunk), output)
        return
    ceiling = _PEAK_DB - _HEADROOM_DB
    for _ in range(_ROUNDS):
        encode_aac(_limit(mix, audio.loudness, from_decibels(ceiling), on_chunk), output)
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


def _decode_cut(
    source: Path,
    video: VideoSource,
    cut: SoundCut,
    samples: int,
    output: Path,
    on_progress: Callable[[int], None],
) -> None:
    """Write `samples` samples of a cut as 32-bit float stereo."""
    seek = max(0.0, cut.start - _LEAD_SECONDS)
    end = cut.start + samples / RATE * cut.speed + _SURPLUS_SECONDS
    # Times are those of the source again: an output drops what comes before 0. And a loopback must
    # not be empty, so a sample of silence follows.
    stereo = (
        f"{build_stereo_filter()},asetpts=PTS+round({seek:.6f}/TB),atrim=end={end:.6f},"
        "apad=pad_len=1"
    )
    arguments = [
        *(("-noaccurate_seek", "-ss", f"{seek:.6f}") if seek else ()),
        *build_input_arguments(source, video.media_format.demuxer),
        *("-filter_complex", f"[dec:0]{build_sound_filters(cut.start, samples, cut.speed)}[a]"),
        *("-map", "[a]", "-f", "f32le", "-ac", str(CHANNELS), output.name),
        *build_loopbacks(Loopback("a", f"0:{video.sound}", stereo)),
    ]
    run_ffmpeg(arguments, timeout=_TIMEOUT_SECONDS, cwd=output.parent, on_progress=on_progress)
