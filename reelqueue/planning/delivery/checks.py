"""Check that the place that a video is for takes it."""

from __future__ import annotations

from fractions import Fraction

from reelqueue.errors import InvalidSpecError
from reelqueue.planning.delivery.targets import Rules


def check_frames(rules: Rules, size: tuple[int, int], fps: Fraction) -> None:
    """Check that a place takes pictures of a `(width, height)`, and so many frames a second.

    Raises:
        InvalidSpecError: if it does not.
    """
    if not rules.takes_size(size):
        shorter, longer = rules.smallest
        limit = f"at least {shorter}x{longer} or {longer}x{shorter}"
        if size[0] > rules.widest:
            limit = f"at most {rules.widest} pixels wide"
        raise InvalidSpecError(
            f"resolution: must be {limit} for {rules.place}: choose such a size, or leave it out.",
            "resolution",
        )
    if not rules.takes_rate(fps):
        raise InvalidSpecError(
            f"fps: must be {_spell_range(*rules.fps)} for {rules.place}: choose such a rate, or "
            "leave it out.",
            "fps",
        )


def check_seconds(rules: Rules, seconds: float) -> None:
    """Check that a place takes videos that last so long.

    Raises:
        InvalidSpecError: if it does not.
    """
    shortest, longest = rules.seconds
    if not shortest <= seconds <= longest:
        raise InvalidSpecError(
            f"target: the video would last {seconds:.1f} seconds, and {rules.place} takes "
            f"{_spell_range(shortest, longest)}: make it "
            f"{'longer' if seconds < shortest else 'shorter'}, or choose another target.",
            "target",
        )


def _spell_range(least: float, most: float) -> str:
    return f"between {least:g} and {most:g}" if least else f"at most {most:g}"
