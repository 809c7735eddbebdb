"""How many bytes the pictures of a photo take, from what was measured of the photo.

The laws were fitted to files of twenty photos (people, animals, food, stars, grass, small print,
the noise of a night) in 640x360 and 1280x720. Of these, the standard deviation is 9 % for pictures
of photos that stand, 12 % for keys that need no other, and 20 % for what moves.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from reelqueue.media.facts import PhotoFacts, Texture
from reelqueue.planning.picture_counts import MovingFrames, PictureCount
from reelqueue.specs.photo import Fit, Motion
from reelqueue.specs.slideshow import Engine, SlideshowSpec


class Size(NamedTuple):
    """Bytes: as many as are likely, and between which numbers they are."""

    likely: float = 0
    least: float = 0
    most: float = 0

    def plus(self, other: Size) -> Size:
        """Return the sum of two sizes."""
        return Size(*(a + b for a, b in zip(self, other, strict=True)))

    def times(self, factor: float) -> Size:
        """Return the size multiplied."""
        return Size(*(each * factor for each in self))

    def widen(self, factor: float) -> Size:
        """Return the same size, less sure by a factor."""
        return Size(self.likely, self.least / factor, self.most * factor)


class Shown(NamedTuple):
    """A photo or a card as it is shown: the pixels that it fills, and its texture at that size.

    `is_measured` is False if the texture is that of a usual photo.
    """

    pixels: float
    texture: Texture
    is_measured: bool = True


class _Law(NamedTuple):
    """Bytes a pixel: a factor, and powers of what a texture tells."""

    factor: float
    fine: float = 0
    coarse: float = 0
    loss: float = 0

    def find_bytes(self, shown: Shown) -> float:
        texture = shown.texture
        return (
            shown.pixels
            * self.factor
            * math.pow(texture.fine, self.fine)
            * math.pow(texture.coarse, self.coarse)
            * math.pow(texture.loss, self.loss)
        )


class _Moving(NamedTuple):
    """How the bytes of a frame in which a photo moves depend on its move."""

    law: _Law
    seconds: float  # power of the seconds of the move, by `_USUAL_SECONDS`
    fps: float  # power of the frames a second, by `_USUAL_FPS`
    panned: float  # part, where the camera does not zoom


_USUAL_SECONDS, _USUAL_FPS = 3, 30
_STILL = _Law(0.478, fine=0.68)
_KEY_INTRA = _Law(1.32, coarse=0.96)
_DRAWN_INTRA = _Law(1.285, fine=-0.45, coarse=1.39)
_KEY = _Moving(_Law(0.28, fine=0.21, coarse=0.71, loss=0.142), -0.15, 0, 0.48)
_DRAWN = _Moving(_Law(0.128, fine=-1.4, coarse=1.77, loss=0.232), -0.12, -0.2, 0.4)
_FRAME_INTRA = _Law(0.387, fine=0.765)
_FRAME = _Moving(_Law(0.02, fine=0.74, coarse=-0.69, loss=0.27), -0.12, -0.2, 0.53)
# Of a still: a frame of a transition between photos that move.
_MIXED_DRAWN, _MIXED_WRITTEN = 0.26, 0.08
_REPEATED = 0.0004  # bytes a pixel of a frame that repeats a photo, where each is encoded

# Of a frame between keys: bytes a macroblock, of which a zoom moves each in its own way.
_ZOOMED, _PANNED = 1.46, 0.08
_ZOOMED_SECONDS = -0.6  # power, as `_Moving.seconds`
_MACROBLOCK_PIXELS = 256

# Half of the photos with so much loss were written, and nearly all with a tenth of it.
_ZOOM_LOSS, _PAN_LOSS = 0.25, 2.5
_USUAL_CRF, _DOUBLING_CRFS = 14, 4  # of keys: coarser ones allow frames between them more loss
_STEEPNESS = 1.3
_SURE = 0.9

_ACCURACY = 1.3
_USUAL_ACCURACY = 2.0  # of photos that were not measured
_FINEST = 0.8  # of real photos: above, as in pure noise, the laws are vague too
_USUAL = Texture(side=0, fine=0.4, coarse=0.2, loss=1)
_USUAL_POWERS = (-0.8, -0.75, -3.5)  # of the factor by which a photo is enlarged
_CARD = Texture(side=0, fine=0.012, coarse=0.007, loss=0.05)
_LEAST_LOSS, _LEAST_DENSITY = 0.005, 0.002
_MOVED_SCALE = 1.1  # in the middle of a zoom


def show_photo(look: SlideshowSpec, facts: PhotoFacts | None) -> Shown:
    """Return how a photo is shown, or a title card if it is None."""
    width, height = look.size
    if facts is None:
        return Shown(width * height, _CARD)
    is_upright = look.rotate % 180 == 0
    across, down = (facts.width, facts.height) if is_upright else (facts.height, facts.width)
    scales = width / across, height / down
    moves = look.motion is not Motion.NONE
    scale = max(scales) if look.fit is Fit.COVER or moves else min(scales)
    pixels = min(across * scale, width) * min(down * scale, height)
    scale *= _MOVED_SCALE if moves else 1
    if facts.textures:
        return Shown(pixels, _find_texture(facts.textures, scale * max(across, down)))
    return Shown(pixels, _guess_texture(scale), is_measured=False)


def _find_texture(textures: tuple[Texture, ...], side: float) -> Texture:
    """Return the texture at a size between or beyond those that were measured."""
    number = 1
    while number < len(textures) - 1 and textures[number].side < side:
        number += 1
    before, after = textures[number - 1], textures[number]
    part = math.log(side / before.side) / math.log(after.side / before.side)

    def find(low: float, high: float, least: float) -> float:
        low, high = max(low, least), max(high, least)
        return max(low * math.pow(high / low, part), least)

    return Texture(
        side=round(side),
        fine=find(before.fine, after.fine, _LEAST_DENSITY),
        coarse=find(before.coarse, after.coarse, _LEAST_DENSITY),
        loss=find(before.loss, after.loss, _LEAST_LOSS),
    )


def _guess_texture(scale: float) -> Texture:
    """Return the texture of a usual photo that is shown larger or smaller than it is."""
    fine, coarse, loss = (math.pow(max(scale, 1), power) for power in _USUAL_POWERS)
    return Texture(
        side=0,
        fine=_USUAL.fine * fine,
        coarse=_USUAL.coarse * coarse,
        loss=max(_USUAL.loss * loss, _LEAST_LOSS),
    )


def measure_still(shown: Shown) -> float:
    """Return the bytes of a photo that stands, as the still engine encodes it."""
    return _STILL.find_bytes(shown)


def measure_frames(count: PictureCount, shown: Shown, engine: Engine, key_crf: float) -> Size:
    """Return the bytes of a photo's pictures that need no other, and of those in which it moves."""
    size = Size()
    if engine is not Engine.STILL:
        likely = (
            count.intra * _FRAME_INTRA.find_bytes(shown) + _REPEATED * shown.pixels * count.held
        )
        likely += sum(
            _measure_moving(_FRAME, frames, shown) * frames.frames for frames in count.moving
        )
        size = Size(likely, likely, likely)
    else:
        stills = (count.intra - count.moving_intra) * measure_still(shown)
        size = _measure_gops(count, shown, key_crf).plus(Size(stills, stills, stills))
    is_sure = shown.is_measured and shown.texture.fine < _FINEST
    return size.widen(_ACCURACY if is_sure else _USUAL_ACCURACY)


def _measure_gops(count: PictureCount, shown: Shown, key_crf: float) -> Size:
    """Return the bytes of what the still engine writes or draws of a photo that moves."""
    written = count.moving_intra * _KEY_INTRA.find_bytes(shown)
    drawn = count.moving_intra * _DRAWN_INTRA.find_bytes(shown)
    share = 1.0
    for frames in count.moving:
        written += _measure_written(frames, shown)
        drawn += _measure_moving(_DRAWN, frames, shown) * frames.frames
        drawn += _MIXED_DRAWN * measure_still(shown) * frames.mixed
        share = min(share, find_written_share(frames, shown, key_crf))
    likely = math.exp(share * math.log(max(written, 1)) + (1 - share) * math.log(max(drawn, 1)))
    possible = [written] * (share > 1 - _SURE) + [drawn] * (share < _SURE)
    return Size(likely if count.moving_intra else 0, min(possible), max(possible))


def find_written_share(frames: MovingFrames, shown: Shown, key_crf: float) -> float:
    """Return how likely it is that frames in which a photo moves are written, from 0 to 1."""
    if not frames.can_be_written:
        return 0.0
    usual = _ZOOM_LOSS if frames.zooms else _PAN_LOSS
    usual *= 2 ** ((key_crf - _USUAL_CRF) / _DOUBLING_CRFS)
    return 1 / (1 + math.pow(shown.texture.loss / usual, _STEEPNESS))


def _measure_written(frames: MovingFrames, shown: Shown) -> float:
    slowness = frames.seconds / _USUAL_SECONDS
    between = _ZOOMED * math.pow(slowness, _ZOOMED_SECONDS) if frames.zooms else _PANNED
    others = frames.frames - frames.keys
    macroblocks = shown.pixels / _MACROBLOCK_PIXELS
    mixed = frames.mixed * _MIXED_WRITTEN * measure_still(shown)
    keys = frames.keys * _measure_moving(_KEY, frames, shown)
    return keys + macroblocks * others * between + mixed


def _measure_moving(moving: _Moving, frames: MovingFrames, shown: Shown) -> float:
    """Return the bytes of a frame."""
    return (
        moving.law.find_bytes(shown)
        * math.pow(frames.seconds / _USUAL_SECONDS, moving.seconds)
        * math.pow(frames.fps / _USUAL_FPS, moving.fps)
        * (1 if frames.zooms else moving.panned)
    )
