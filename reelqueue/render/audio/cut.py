"""Decode the sound of a cut: a part of a video, exact in samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reelqueue.planning.soundtrack import RATE, SoundCut
from reelqueue.render.audio.mix import CHANNELS
from reelqueue.render.ffmpeg.loopback import Loopback, build_loopbacks
from reelqueue.render.ffmpeg.run import build_input_arguments, run_ffmpeg
from reelqueue.render.ffmpeg.sound import build_sound_filters, build_stereo_filter
from reelqueue.render.ffmpeg.source import VideoSource

_TIMEOUT_SECONDS = 24 * 3600.0
_SURPLUS_SECONDS = 0.1  # decoded after the end: sound may be stretched to follow its timestamps
_LEAD_SECONDS = 0.5  # decoded before the start: the first samples of a decoder are not yet right


def decode_cut(
    source: Path,
    video: VideoSource,
    cut: SoundCut,
    samples: int,
    output: Path,
    on_progress: Callable[[int], None],
) -> None:
    """Write `samples` samples of a cut as 32-bit float stereo; sound that it lacks is silent.

    Args:
        source: the video.
        video: its details, with the stream that is heard.
        cut: the part.
        samples: its length.
        output: the file to write.
        on_progress: called from time to time; an exception that it raises stops the work.

    Raises:
        RenderError: if ffmpeg fails.
    """
    seek = video.find_seek(max(0.0, cut.start - _LEAD_SECONDS))
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
