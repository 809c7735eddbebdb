"""A video among the photos of a slideshow: its frames as they fill the slideshow's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from reelqueue.errors import UnreadableMediaError, UnsupportedMediaError
from reelqueue.planning.clips.cut import Cut, Shot, align_cut, slice_shot
from reelqueue.planning.framing import Size
from reelqueue.planning.slides import measure_video
from reelqueue.planning.soundtrack import SoundCut, place_video
from reelqueue.planning.timeline import Shown
from reelqueue.render.audio.video_sound import HeardVideo
from reelqueue.render.ffmpeg.graph import build_graph, list_loopbacks
from reelqueue.render.ffmpeg.loopback import build_loopbacks
from reelqueue.render.ffmpeg.source import VideoSource, build_shot_arguments, probe_source
from reelqueue.render.frames.frame_reader import FrameReader
from reelqueue.render.frames.overlays import to_yuv_overlay
from reelqueue.render.frames.played_video import PlayedVideo
from reelqueue.render.frames.yuv import to_rgb
from reelqueue.render.images.captions import Overlay
from reelqueue.render.images.photos import Photo
from reelqueue.specs.clips.clip import ClipCut
from reelqueue.specs.clips.reframe import ClipFit
from reelqueue.specs.photo import Fit
from reelqueue.specs.slideshow import SlideshowSpec

_FITS = {Fit.BLUR: ClipFit.BLUR, Fit.COVER: ClipFit.CROP, Fit.CONTAIN: ClipFit.PAD}
_CHROMA_PARTS = Fraction(3, 2)  # bytes a pixel of YUV 4:2:0


@dataclass(frozen=True)
class VideoSlide:
    """A video that plays in a slideshow.

    Attributes:
        path: of the file.
        video: its details.
        shot: the frames that are shown, at the slideshow's rate and size.
        look: how they fill the frame.
        shown: which frames of the slideshow they are.
        is_heard: whether it has sound that is heard.
    """

    path: Path
    video: VideoSource
    shot: Shot
    look: ClipCut
    shown: Shown
    is_heard: bool

    def hear(self, number: int) -> HeardVideo:
        """Return the sound, which is number `number` of those that are heard."""
        frame = 1 / self.shot.cut.fps
        first, *lengths = (count * frame for count in self.shown)
        cut = SoundCut(self.shot.alignment.start, self.shot.cut.duration)
        return HeardVideo(self.path, self.video, cut, place_video(number, first, *lengths))

    def play(self, folder: Path, caption: Overlay | None = None) -> PlayedVideo:
        """Begin to decode the frames; the caller closes the reader.

        Args:
            folder: the working directory of ffmpeg.
            caption: what stands still over the frames.
        """
        size = self.shot.cut.size
        graph = build_graph(self.look, self.video, [self.shot])
        arguments = [
            *build_shot_arguments(self.path, self.video, self.shot),
            *("-filter_complex", graph, "-map", "[v]", "-f", "rawvideo", "pipe:1"),
            *build_loopbacks(*list_loopbacks(self.look, self.video, [self.shot])),
        ]
        reader = FrameReader(arguments, int(size[0] * size[1] * _CHROMA_PARTS), folder)
        return PlayedVideo(reader, size, to_yuv_overlay(caption) if caption else None)


def open_video(photo: Photo, spec: SlideshowSpec, size: Size, shown: Shown) -> VideoSlide:
    """Return a video that plays in a slideshow.

    Args:
        photo: the video with its settings.
        spec: the settings of the slideshow.
        size: `(width, height)` of the frames in pixels, both even.
        shown: which frames of the slideshow show it. If the part is shorter, its last picture
            stays.

    Raises:
        UnsupportedMediaError: if its format or its codec is not supported.
        UnreadableMediaError: if it is damaged or beyond the limits.
    """
    assert photo.spec.video
    with naming(photo.name):
        video = probe_source(photo.path)
    look = _to_clip_look(spec.for_photo(photo.spec), size)
    begin, rate = photo.spec.video.start, spec.frame_rate
    cut = Cut(begin, shown.frames, rate, size, fit=look.fit, focus=look.focus)
    shot = Shot(cut, align_cut(cut, video.times))
    is_heard = not photo.spec.video.mute and video.sound is not None
    return VideoSlide(photo.path, video, shot, look, shown, is_heard)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Name the file in the errors that the block raises about it: it is one of many."""
    try:
        yield
    except (UnsupportedMediaError, UnreadableMediaError) as error:
        raise type(error)(f"{name}: {error}") from error


def see_video(
    photo: Photo, spec: SlideshowSpec, size: Size, *, at_end: bool = False
) -> Image.Image:
    """Return the first or the last picture that plays of a video, as an RGB image of `size`.

    It is drawn as large as the slideshow's frames: those of videos have even sides, a poster need
    not.

    Raises what `open_video` raises, and RenderError if ffmpeg fails.
    """
    assert photo.spec.video
    frames = max(round(measure_video(photo.spec.video) * spec.frame_rate), 1)
    slide = open_video(photo, spec, spec.size, Shown(0, frames, 0, 0))
    number = frames - 1 if at_end else 0
    shot = slice_shot(slide.shot, number, 1, slide.video.times)
    with TemporaryDirectory(prefix="reelqueue-") as folder:
        played = replace(slide, shot=shot).play(Path(folder))
        try:
            return Image.fromarray(to_rgb(played.show(0))).resize(size)
        finally:
            played.reader.close()


def _to_clip_look(spec: SlideshowSpec, size: Size) -> ClipCut:
    """Return how a clip of `size` looks that fills the frame as a slide does."""
    fit = _FITS[spec.fit]
    return ClipCut(
        resolution=f"{size[0]}x{size[1]}",
        fit=fit,
        focus=spec.focus if fit is ClipFit.CROP else None,
        rotate=spec.rotate,
    )
