"""The sound of users' files: brought to the rate of our videos, at the times that it is heard."""

from __future__ import annotations

from reelqueue.planning.soundtrack import RATE

_SOFT_SAMPLES = 1000  # a second, by which sound is stretched or squeezed to follow its timestamps
_HARD_SECONDS = 0.02  # by which it may be off; beyond, silence is put in or sound is dropped
# Mono is heard from both sides as loud as it is, as players do it; `aformat` alone takes 3 dB away.
# `pan` ignores the channels that are not there.
_MONO_TO_BOTH = "pan=stereo|FL=FL+FC|FR=FR+FC"


def build_stereo_filter() -> str:
    """Return the filter that makes any sound stereo at `RATE`.

    Both can change within a file, so filters that count samples come behind a loopback.
    """
    return (
        f"aformat=sample_rates={RATE}:channel_layouts=mono|stereo:sample_fmts=fltp,{_MONO_TO_BOTH}"
    )


def build_sync_filter() -> str:
    """Return the filter that keeps sound of `RATE` at its timestamps from 0 on.

    What was lost becomes silence, and a clock that drifts from that of the pictures is followed.
    Sound that fits its timestamps to a millisecond stays as it is.
    """
    return f"aresample={RATE}:async={_SOFT_SAMPLES}:min_hard_comp={_HARD_SECONDS}:first_pts=0"


def build_sound_filters(start: float, samples: int, speed: float = 1.0) -> str:
    """Return filters that cut stereo sound, and keep its pitch at any speed.

    Args:
        start: where the cut starts, in seconds.
        samples: its length, of `RATE`.
        speed: seconds of the source in a second of the cut.
    """
    return (
        f"asetpts=PTS-({start:.6f})/TB,atrim=start=0,{build_sync_filter()},"
        f"apad,{_build_speed_filters(speed)}atrim=end_sample={samples}"
    )


def _build_speed_filters(speed: float) -> str:
    # With these options, words begin where they should: atempo and others are off by up to 0.1 s.
    return "" if speed == 1 else f"rubberband=tempo={speed:.6f}:window=short:transients=smooth,"
