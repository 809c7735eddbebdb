"""The compared ways to make a clip, and what else is measured of films: ours, and other tools'.

Each function does the preparation that is not timed, and returns the work that is. All encode with
the product's settings of x264 and of AAC.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benchmarks.clips.films import Film
from benchmarks.material import run_ffmpeg
from benchmarks.ways import Render
from reelqueue.media.facts import RenderStage
from reelqueue.planning.delivery.crf import CRFS
from reelqueue.planning.delivery.targets import SOUND_BIT_RATE
from reelqueue.render.analyze import analyze_video
from reelqueue.render.clip import render_clip
from reelqueue.render.ffmpeg.source import probe_source
from reelqueue.render.speech.recognize import transcribe
from reelqueue.specs.analysis import AnalysisSpec
from reelqueue.specs.clips.captions import Word
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.clips.speech import Speech
from reelqueue.specs.delivery import Quality
from reelqueue.specs.formats import parse_size
from reelqueue.text.fonts import BUNDLED

PRESET = "veryfast"

_SIGMA = 20
_PHRASE = 5  # words that are seen together
_HIGHLIGHT = r"{\c&H0AD6FF&}"  # ASS has blue first
_WHITE = r"{\c&HFFFFFF&}"


def use_clip(film: Film, output: Path) -> Render:
    """Our clip."""
    return lambda: _render(film, output)


def use_ffmpeg_blur(film: Film, output: Path) -> Render:
    """One ffmpeg that blurs the backdrop at its full size."""
    width, height = _find_size(film.spec)
    graph = (
        "split[back][front];"
        f"[back]scale={width}:{height}:force_original_aspect_ratio=increase,"
        f"crop={width}:{height},gblur=sigma={_SIGMA}[blurred];[front]scale={width}:-2[picture];"
        "[blurred][picture]overlay=(W-w)/2:(H-h)/2"
    )
    return _prepare_ffmpeg(film, graph, output)


def use_ffmpeg_phrases(film: Film, output: Path) -> Render:
    """One ffmpeg that crops the film, and draws the captions by libass."""
    width, height = _find_size(film.spec)
    script = output.with_suffix(".ass")
    script.write_text(_write_ass(film.spec))
    graph = (
        f"crop=ih*{width}/{height}:ih,scale={width}:{height},"
        f"subtitles='{script}':fontsdir='{BUNDLED}'"
    )
    return _prepare_ffmpeg(film, graph, output)


def use_moviepy_blur(film: Film, output: Path) -> Render:
    """MoviePy with Pillow's blur, which is faster than scikit-image's."""
    from moviepy import CompositeVideoClip, VideoFileClip  # slow to import

    size, spec = _find_size(film.spec), film.spec

    def render() -> None:
        with VideoFileClip(str(film.path)) as video:
            part = video.subclipped(spec.start, spec.end)
            seen = part.h * size[0] / size[1]
            backdrop = part.cropped(x_center=part.w / 2, width=seen).resized(size)
            picture = part.resized(width=size[0]).with_position("center")
            CompositeVideoClip([backdrop.image_transform(_blur), picture], size).write_videofile(
                str(output),
                codec="libx264",
                preset=PRESET,
                ffmpeg_params=["-crf", str(CRFS[Quality.STANDARD].clips), "-pix_fmt", "yuv420p"],
                audio_codec="aac",
                audio_bitrate=str(SOUND_BIT_RATE),
                temp_audiofile_path=str(output.parent),
                logger=None,
            )

    return render


def use_analysis(film: Film, output: Path) -> Render:
    """Our analysis, without speech; it leaves no video."""

    def render() -> None:
        with TemporaryDirectory(dir=output.parent) as folder:
            analyze_video(film.path, AnalysisSpec(), Path(folder), on_progress=_ignore_progress)

    return render


def use_recognition(model: Path, film: Film, output: Path) -> Render:
    """Our recognition of speech; it leaves no video."""

    def render() -> None:
        with TemporaryDirectory(dir=output.parent) as folder:
            transcribe(
                film.path,
                probe_source(film.path),
                Speech(),
                str(model),
                Path(folder),
                on_progress=_ignore_progress,
            )

    return render


def _render(film: Film, output: Path) -> None:
    render_clip(film.path, film.spec, output, preset=PRESET, on_progress=_ignore_progress)


def _prepare_ffmpeg(film: Film, graph: str, output: Path) -> Render:
    arguments = [
        *("-ss", str(film.spec.start), "-t", str(film.seconds), "-i", str(film.path)),
        *(
            "-vf",
            graph,
            "-c:v",
            "libx264",
            "-preset",
            PRESET,
            "-crf",
            str(CRFS[Quality.STANDARD].clips),
        ),
        *(
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            "-b:a",
            str(SOUND_BIT_RATE),
            "-ar",
            "48000",
            "-ac",
            "2",
        ),
        *("-movflags", "+faststart", str(output)),
    ]
    return lambda: run_ffmpeg(*arguments)


def _blur(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(_SIGMA)))


def _write_ass(spec: ClipSpec) -> str:
    """Return the captions of a clip as libass draws them: phrases with the active word marked."""
    width, height = _find_size(spec)
    style = f"Inter SemiBold,{height // 24},&HFFFFFF,&H000000,1,3,2,{height // 4}"
    lines = [
        "[Script Info]",
        *("ScriptType: v4.00+", f"PlayResX: {width}", f"PlayResY: {height}", "[V4+ Styles]"),
        "Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BorderStyle, Outline,"
        " Alignment, MarginV",
        f"Style: Phrase,{style}",
        "[Events]",
        "Format: Start, End, Style, Text",
    ]
    for cue in spec.cue_sheet.cues:
        for first in range(0, len(cue.words), _PHRASE):
            lines += _write_phrase(cue.words[first : first + _PHRASE])
    return "\n".join([*lines, ""])


def _write_phrase(words: Sequence[Word]) -> list[str]:
    return [
        f"Dialogue: {_write_time(word.start)},{_write_time(word.end)},Phrase,{_mark(words, word)}"
        for word in words
    ]


def _mark(words: Sequence[Word], active: Word) -> str:
    return " ".join(
        f"{_HIGHLIGHT}{word.text}{_WHITE}" if word is active else word.text for word in words
    )


def _write_time(seconds: float) -> str:
    return f"0:{int(seconds) // 60:02}:{seconds % 60:05.2f}"


def _find_size(spec: ClipSpec) -> tuple[int, int]:
    assert spec.resolution
    return parse_size(spec.resolution)


def _ignore_progress(done: int, total: int, stage: RenderStage) -> None:
    pass
