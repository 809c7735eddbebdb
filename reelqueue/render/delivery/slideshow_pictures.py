"""Encode the pictures of a slideshow with the engine that can make what was ordered."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from reelqueue.errors import SettingsError
from reelqueue.h264.errors import H264Error
from reelqueue.planning.delivery.budget import (
    BIT_RATE_SLOPE,
    CRF_SLOPE,
    Try,
    choose_by_samples,
    choose_control,
)
from reelqueue.planning.delivery.crf import COARSEST_CRF
from reelqueue.planning.delivery.targets import Rules
from reelqueue.planning.timeline import Timeline
from reelqueue.render.delivery.fitting import Encoded
from reelqueue.render.delivery.still_sample import StillSample
from reelqueue.render.delivery.x264_options import Pass
from reelqueue.render.engines.segments import SegmentStore
from reelqueue.render.engines.still import encode_stills
from reelqueue.render.engines.x264 import encode_frames
from reelqueue.render.frames.draw import draw_frames, prepare_pictures
from reelqueue.render.images.slides import Slides
from reelqueue.render.slide_pictures import SlidePictures
from reelqueue.specs.slideshow import Engine

log = logging.getLogger(__name__)


@dataclass
class SlideshowEncoder:
    """Encodes the pictures of a slideshow; a `reelqueue.render.delivery.fitting.Encoder`.

    The still engine is controlled by CRFs. Of photos that stand, a few are encoded with several of
    these, which tells the right one. x264 uses what it found in the first pass.

    Attributes:
        pictures: of the slides.
        slides: the photos, videos and cards.
        timeline: the frames.
        engine: what encodes them; x264 takes over where the still engine fails.
        rules: what the stream must be.
        preset: of x264.
        segments: frames that earlier renders encoded.
        folder: for the files.
        has_sound: whether sound is encoded while the pictures are first encoded.
        on_frame: called with the frames that are done.
    """

    pictures: SlidePictures
    slides: Slides
    timeline: Timeline
    engine: Engine
    rules: Rules
    preset: str
    segments: SegmentStore | None
    folder: Path
    has_sound: bool
    on_frame: Callable[[int], None]

    @property
    def slope(self) -> float:
        """How many times the bytes double when a CRF, or the logarithm of a bit rate, rises."""
        return CRF_SLOPE if self.engine is Engine.STILL else BIT_RATE_SLOPE

    def encode(self, control: float | None) -> Encoded:
        """Encode the pictures; None for the quality that was ordered.

        The still engine is controlled by what is added to its CRFs, x264 by the logarithm of its
        bit rate, to the base 2.
        """
        video = self.folder / "video.mp4"
        if self.engine is Engine.MOVIEPY:
            _write_with_moviepy(self.pictures, self.timeline, video, self.preset, self.on_frame)
            return Encoded([video], 0)
        if self.engine is Engine.STILL:
            try:
                return self._write_stills(video, control or 0)
            except H264Error as error:
                log.warning("the still engine failed, so x264 encodes every frame: %s", error)
                self.engine, control = Engine.X264, None
        return self._encode_frames(video, control)

    def choose(self, tries: Sequence[Try], room: int) -> float:
        """Return the control to try next; see `reelqueue.render.delivery.fitting.Encoder`."""
        if self.engine is not Engine.STILL:
            return choose_control(tries, room, self.slope)
        crfs = self.timeline.crfs
        if self._sample.is_typical:
            step = choose_by_samples(self._sample.measure, tries[-1], room, COARSEST_CRF)
            return min(step, COARSEST_CRF - crfs.stills)
        return min(choose_control(tries, room, self.slope), crfs.most_steps)

    @cached_property
    def _sample(self) -> StillSample:
        return StillSample(self.timeline, self.pictures.load_picture)

    def _write_stills(self, video: Path, step: float) -> Encoded:
        encode_stills(
            replace(self.timeline, crfs=self.timeline.crfs.coarsen(step)),
            self.pictures.load_picture,
            video,
            segments=self.segments,
            describe=self.slides.describe,
            # A song, which one thread encodes, usually takes longer than the pictures.
            gives_way=self.has_sound,
            on_frame=self.on_frame,
        )
        return Encoded([video], step)

    def _encode_frames(self, video: Path, control: float | None) -> Encoded:
        passing = None
        if self.rules.max_bytes is not None:
            stats = str(self.folder / "pictures.log")
            passing = Pass(stats, None if control is None else 2**control)
        prepare = prepare_pictures(self.pictures.load_picture, range(len(self.slides)))
        with closing(prepare) as prepared:
            encode_frames(
                draw_frames(self.timeline, prepared),
                self.timeline,
                video,
                preset=self.preset,
                rules=self.rules,
                passing=passing,
                on_frame=self.on_frame,
            )
        if control is None:
            control = math.log2(8 * video.stat().st_size / self.timeline.duration)
        return Encoded([video], control)


def _write_with_moviepy(
    pictures: SlidePictures,
    timeline: Timeline,
    video: Path,
    preset: str,
    on_frame: Callable[[int], None],
) -> None:
    try:
        from reelqueue.render.engines.moviepy import write_with_moviepy
    except ModuleNotFoundError as error:
        raise SettingsError(
            "The engine moviepy is not installed: requirements-moviepy.txt says how."
        ) from error
    write_with_moviepy(timeline, pictures, video, preset=preset, on_frame=on_frame)
