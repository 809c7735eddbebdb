"""What each frame of a change shows: pure, and the same for every engine."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, NamedTuple

from reelqueue.planning.timeline import Blend
from reelqueue.specs.slideshow import Transition

STRIP = 8  # samples: half a macroblock, the finest edge that the still engine has


class Shares(NamedTuple):
    """How much of each photo is in a mixture; what is missing to 1 is a plain colour."""

    old: Fraction
    new: Fraction


class Edge(NamedTuple):
    """A line with one photo before it (left of it, or above) and the other one behind it.

    In the strip that the line falls into, both photos are mixed by how much of it each covers, and
    a photo goes on beyond its own border with the samples there.
    """

    is_level: bool  # the photos lie above each other, not side by side
    strip: int  # samples from the left or the top to where the strip of the line begins
    first_share: Fraction  # of that strip; 0 where the line is its beginning
    is_new_first: bool
    old_shift: int  # samples that the photo has been moved to the right, or down
    new_shift: int

    @property
    def old_share(self) -> Fraction:
        """How much of the strip shows the photo that goes."""
        return 1 - self.first_share if self.is_new_first else self.first_share


Pattern = Literal["circle", "grain"]
"""Says of each sample when its turn is: in a circle from the middle outwards, or at random."""


class Reveal(NamedTuple):
    """The next photo where a pattern has let it through.

    Turns go from 0 to 1. A sample whose turn is t shows so much of the next photo as `front` is
    beyond t, in parts of `softness`: nothing where it is not, all where it is that far beyond.
    """

    pattern: Pattern
    is_reversed: bool  # the last one's turn is first
    front: Fraction  # from 0 to 1 + softness
    softness: Fraction


class Zoom(NamedTuple):
    """The photo that goes, enlarged around its middle, mixed with the next one."""

    scale: Fraction
    shares: Shares


class Blur(NamedTuple):
    """Both photos out of focus, and mixed."""

    deviation: Fraction  # of a normal distribution (sigma), in parts of the shorter side
    shares: Shares


Step = Shares | Edge | Reveal | Zoom | Blur


class _Course(NamedTuple):
    is_level: bool
    is_backward: bool  # the line moves to the left, or up
    moves_old: bool
    moves_new: bool


_DIRECTIONS = {
    "left": (False, True),
    "right": (False, False),
    "up": (True, True),
    "down": (True, False),
}
_MOVES = {"wipe": (False, False), "slide": (False, True), "push": (True, True)}
_COURSES = {
    Transition(f"{way}_{direction}"): _Course(*_DIRECTIONS[direction], *_MOVES[way])
    for way in _MOVES
    for direction in _DIRECTIONS
}
_GREYS = {Transition.FADE_BLACK: 0, Transition.FADE_WHITE: 255}
_REVEALS: dict[Transition, tuple[Pattern, bool, Fraction]] = {
    Transition.CIRCLE_OPEN: ("circle", False, Fraction(1, 32)),
    Transition.CIRCLE_CLOSE: ("circle", True, Fraction(1, 32)),
    Transition.DISSOLVE: ("grain", False, Fraction(1, 4)),
}
_DRAWN = {*_REVEALS, Transition.ZOOM, Transition.BLUR}
_LARGEST = 3  # times its size is a photo at the end of a zoom
_BLURRIEST = Fraction(1, 20)


def find_grey(transition: Transition) -> int | None:
    """Return the level of R, G and B that a fade passes through half-way, if it does."""
    return _GREYS.get(transition)


def moves_new(transition: Transition) -> bool:
    """Tell whether the following photo is seen elsewhere than where it stands in the end."""
    return transition in _COURSES and _COURSES[transition].moves_new


def moves_old(transition: Transition) -> bool:
    """Tell whether the photo is moved out of the way."""
    return transition in _COURSES and _COURSES[transition].moves_old


def is_drawn(transition: Transition) -> bool:
    """Tell whether each frame is more than photos that are mixed, or moved and cut."""
    return transition in _DRAWN


def list_steps(blend: Blend, size: tuple[int, int]) -> Iterator[Step]:
    """Yield what each frame of a change shows in a video of `size` (width, height)."""
    for frame in range(1, blend.frames + 1):
        if find_grey(blend.transition) is not None:
            yield _share_with_grey(frame, find_half(blend), blend.frames)
        else:
            yield _find_step(blend.transition, Fraction(frame, blend.frames), size)


def find_half(blend: Blend) -> int:
    """Return how many frames a change takes to the plain colour that it passes through."""
    return blend.frames // 2


def _share_with_grey(frame: int, half: int, frames: int) -> Shares:
    if frame <= half:
        return Shares(1 - Fraction(frame, half), Fraction(0))
    return Shares(Fraction(0), Fraction(frame - half, frames - half))


def _find_step(transition: Transition, done: Fraction, size: tuple[int, int]) -> Step:
    """Return what is seen after that part of the time."""
    if course := _COURSES.get(transition):
        return _find_edge(course, done, size[course.is_level])
    if reveal := _REVEALS.get(transition):
        pattern, is_reversed, softness = reveal
        return Reveal(pattern, is_reversed, done * (1 + softness), softness)
    if transition is Transition.ZOOM:
        return Zoom(1 + (_LARGEST - 1) * done**2, _share((4 * done - 1) / 3))
    if transition is Transition.BLUR:
        return Blur(_BLURRIEST * (1 - abs(2 * done - 1)), _share(3 * done - 1))
    return _share(done)


def _share(new: Fraction) -> Shares:
    """Return the mixture with so much of the next photo, within 0 and 1."""
    new = min(max(new, Fraction(0)), Fraction(1))
    return Shares(1 - new, new)


def _find_edge(course: _Course, done: Fraction, length: int) -> Edge:
    """Return the line that has moved over so much of `length` samples, even as chroma is halved."""
    seen = round(done * length)
    seen -= seen % 2
    hidden = length - seen
    side = 1 if course.is_backward else -1
    position = hidden if course.is_backward else seen
    covered = position % STRIP if position < length else 0
    strip = position - covered
    return Edge(
        course.is_level,
        strip,
        Fraction(covered, min(STRIP, length - strip) or STRIP),
        not course.is_backward,
        -side * seen if course.moves_old else 0,
        side * hidden if course.moves_new else 0,
    )
