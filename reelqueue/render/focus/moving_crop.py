"""Crops that move: where they are in each frame, as ffmpeg takes it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

CropPath = Sequence[tuple[int, int]]
"""The left and top of a crop in each frame, in pixels."""
COMMANDS = "crop-{}.txt"
"""With the number of a shot. ffmpeg's filter `sendcmd` reads it in its working directory."""

_CROP = "crop@moving{}"
_FRAMES_PER_COMMAND = 48


def build_moving_crop(number: int, place: str) -> str:
    """Return the filters of a crop of shot `number` that moves as `COMMANDS` says.

    Args:
        number: of the shot.
        place: where it is first, as ffmpeg's filter `crop` has it.
    """
    # Without `exact` it would move by two pixels only.
    return f"sendcmd=f={COMMANDS.format(number)},{_CROP.format(number)}={place}:exact=1"


def list_crop_commands(number: int, path: CropPath, fps: Fraction) -> str:
    """Return the content of `COMMANDS` of shot `number`, which moves the crop along its path.

    Each command is an expression for some frames: for each frame `sendcmd` looks at all commands.
    """
    crop, lines = _CROP.format(number), []
    for first in range(1, len(path), _FRAMES_PER_COMMAND):
        second = float((first - Fraction(1, 2)) / fps)  # half a frame early: times are rounded
        for axis, name in enumerate("xy"):
            places = [place[axis] for place in path[first - 1 : first + _FRAMES_PER_COMMAND]]
            if len(set(places)) > 1:
                steps = _build_steps(places, first - 1)
                lines.append(f"{second:.6f} {crop} {name} '{steps}';\n")
    return "".join(lines)


def _build_steps(places: Sequence[int], first: int) -> str:
    """Return the expression that has each of the places in its frame, counted from `first`."""
    expression = str(places[-1])
    for number in range(len(places) - 1, 0, -1):
        if places[number - 1] != places[number]:
            expression = f"if(lt(n,{first + number}),{places[number - 1]},{expression})"
    return expression
