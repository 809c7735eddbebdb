"""The compared ways to make a slideshow: ours, and other tools.

Each function does the preparation that is not timed, and returns the work that is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from benchmarks.material import Slideshow, run_ffmpeg
from reelqueue.media.facts import RenderStage
from reelqueue.planning.delivery.crf import CRFS
from reelqueue.render.audio.encode import encode_audio
from reelqueue.render.engines.segments import SegmentStore
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.delivery import Quality
from reelqueue.specs.slideshow import Engine
from reelqueue.storage import open_store
from reelqueue.workers.segment_store import open_segments

Render = Callable[[], None]

Image.preinit()  # otherwise Pillow imports its readers with the first picture


def use_still(slideshow: Slideshow, output: Path) -> Render:
    """Our still engine, which has its own preset."""
    return lambda: _render(slideshow, output, Engine.STILL)


def use_parts(folder: Path, slideshow: Slideshow, output: Path) -> Render:
    """Our still engine with a segment store in the folder."""
    store = open_store(folder.as_uri())

    def render() -> None:
        with (
            TemporaryDirectory(dir=output.parent) as workspace,
            open_segments(store, "bench", Path(workspace, "parts")) as segments,
        ):
            _render(slideshow, output, Engine.STILL, segments)

    return render


def use_x264(slideshow: Slideshow, output: Path) -> Render:
    """Our x264 engine, which encodes every frame, at preset medium."""
    return lambda: _render(slideshow, output, Engine.X264)


def use_moviepy(slideshow: Slideshow, output: Path) -> Render:
    """MoviePy at preset medium, through our reference engine."""
    import reelqueue.render.engines.moviepy  # noqa: F401  # slow to import

    return lambda: _render(slideshow, output, Engine.MOVIEPY)


def use_xfade(slideshow: Slideshow, output: Path) -> Render:
    """One ffmpeg with a chain of `xfade` filters, at preset medium, with black bars."""
    spec = slideshow.spec
    inputs: list[str] = []
    graph: list[str] = []
    for number, photo in enumerate(slideshow.photos):
        seconds = spec.duration + (spec.transition_duration if number else 0)
        inputs += ["-loop", "1", "-framerate", str(spec.frame_rate), "-t", str(seconds)]
        inputs += ["-i", str(photo.path)]
        graph.append(f"[{number}:v]{_pad(spec.size)},setsar=1,format=yuv420p[photo{number}]")
    shown = "photo0"
    for number in range(1, len(slideshow.photos)):
        offset = number * spec.duration - spec.transition_duration
        graph.append(
            f"[{shown}][photo{number}]xfade=transition=fade"
            f":duration={spec.transition_duration}:offset={offset}[shown{number}]"
        )
        shown = f"shown{number}"
    encoding = [
        "-c:v",
        "libx264",
        "-preset",
        "medium",
        "-crf",
        str(CRFS[Quality.STANDARD].frames),
        "-movflags",
        "+faststart",
    ]
    arguments = [*inputs, "-filter_complex", ";".join(graph), "-map", f"[{shown}]", *encoding]
    return lambda: run_ffmpeg(*arguments, str(output))


def use_libx264(slideshow: Slideshow, output: Path) -> Render:
    """libx264 alone, at preset veryfast: PyAV encodes finished frames from memory."""
    frames: list[VideoFrame] = []
    for drawn in slideshow.draw():
        pixels = drawn.to_ndarray()
        if frames and np.array_equal(pixels, frames[-1].to_ndarray()):
            frames.append(frames[-1])  # a repeated frame is kept once
        else:
            frames.append(VideoFrame.from_ndarray(pixels, "yuv420p"))

    def render() -> None:
        with av.open(str(output), "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=slideshow.spec.frame_rate)
            stream.width, stream.height = slideshow.spec.size
            stream.pix_fmt = "yuv420p"
            stream.thread_type = "FRAME"  # x264's default, and faster than PyAV's
            stream.options = {"preset": "veryfast", "crf": str(CRFS[Quality.STANDARD].frames)}
            for number, frame in enumerate(frames):
                frame.pts, frame.time_base = number, 1 / slideshow.spec.frame_rate
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))

    return render


def use_concat(slideshow: Slideshow, output: Path) -> Render:
    """The project's first version: ffmpeg's concat demuxer, ultrafast and *without* transitions."""
    lines = [
        f"file '{photo.path}'\nduration {slideshow.spec.duration}\n" for photo in slideshow.photos
    ]
    lines.append(
        f"file '{slideshow.photos[-1].path}'\n"
    )  # otherwise the last photo would not be shown
    script = output.with_suffix(".txt")
    script.write_text("".join(lines))
    arguments = [
        *("-f", "concat", "-safe", "0", "-i", str(script), "-vf", _pad(slideshow.spec.size)),
        *("-c:v", "libx264", "-preset", "ultrafast", "-tune", "stillimage"),
        *("-pix_fmt", "yuv420p", "-r", str(slideshow.spec.frame_rate)),
        *("-movflags", "+faststart", str(output)),
    ]
    return lambda: run_ffmpeg(*arguments)


def encode_song(slideshow: Slideshow, output: Path) -> Render:
    """The slideshow's sound without its pictures."""
    seconds = float(slideshow.timeline.duration)
    return lambda: encode_audio(slideshow.tracks, output, duration=seconds)


def _render(
    slideshow: Slideshow, output: Path, engine: Engine, segments: SegmentStore | None = None
) -> None:
    render_slideshow(
        slideshow.photos,
        slideshow.spec,
        output,
        tracks=slideshow.tracks,
        engine=engine,
        preset="medium",
        segments=segments,
        on_progress=_ignore_progress,
    )


def _ignore_progress(done: int, total: int, stage: RenderStage) -> None:
    pass


def _pad(size: tuple[int, int]) -> str:
    """Return the filters that fit a picture of any shape into `size`."""
    width, height = size
    scaled = f"scale={width}:{height}:force_original_aspect_ratio=decrease"
    return f"{scaled},pad={width}:{height}:(ow-iw)/2:(oh-ih)/2"
