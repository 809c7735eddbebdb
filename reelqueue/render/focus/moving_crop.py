"""Crops that move: where they are in each frame, as ffmpeg takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from reelqueue.planning.focus.view import CropPath

COMMANDS = "crop-{}.txt"
"""With the number of a shot. ffmpeg's filter `sendcmd` reads it in its working directory."""

_CROP = "crop@moving{}"
_SCALE = "scale@moving{}"
_FRAMES_PER_COMMAND = 48


def build_moving_crop(number: int, place: str, path: CropPath) -> str:
    """Return the filters of a crop of shot `number` that moves as `COMMANDS` says.

    Args:
        number: of the shot.
        place: where it is first, as ffmpeg's filter `crop` has it.
        path: of the crop.
    """
    width, height = path[0].picture
    # What has the right size already passes unchanged.
    scale = f"{_SCALE.format(number)}={width}:{height}:flags=bicubic"
    # Without `exact` it would move by two pixels only.
    crop = f"{_CROP.format(number)}={place}:exact=1"
    # A scale that rounds sides says that pixels are not square.
    return f"sendcmd=f={COMMANDS.format(number)},{scale},{crop},setsar=1"


def list_crop_commands(number: int, path: CropPath, fps: Fraction) -> str:
    """Return the content of `COMMANDS` of shot `number`, which moves the crop along its path.

    Each command is an expression for some frames: for each frame `sendcmd` looks at all commands.
    """
    return "".join([*_scale(number, path, fps), *_move(number, path, fps)])


def _scale(number: int, path: CropPath, fps: Fraction) -> Iterator[str]:
    """Yield the commands that give the picture another size."""
    for frame, (before, view) in enumerate(pairwise(path), 1):
        if view.picture != before.picture:
            for name, side in zip("wh", view.picture, strict=True):
                yield _command(frame, fps, _SCALE.format(number), name, str(side))


def _move(number: int, path: CropPath, fps: Fraction) -> Iterator[str]:
    """Yield the commands that move the crop."""
    for first in range(1, len(path), _FRAMES_PER_COMMAND):
        views = path[first - 1 : first + _FRAMES_PER_COMMAND]
        for axis, name in enumerate("xy"):
            places = [view.corner[axis] for view in views]
            if len(set(places)) > 1:
                steps = _build_steps(places, first - 1)
                yield _command(first, fps, _CROP.format(number), name, steps)


def _command(frame: int, fps: Fraction, target: str, name: str, value: str) -> str:
    second = float((frame - Fraction(1, 2)) / fps)  # half a frame early: times are rounded
    return f"{second:.6f} {target} {name} '{value}';\n"


def _build_steps(places: Sequence[int], first: int) -> str:
    """Return the expression that has each of the places in its frame, counted from `first`."""
    expression = str(places[-1])
    for number in range(len(places) - 1, 0, -1):
        if places[number - 1] != places[number]:
            expression = f"if(lt(n,{first + number}),{places[number - 1]},{expression})"
    return expression
