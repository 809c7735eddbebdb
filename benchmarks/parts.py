"""Measure the parts of the still engine's work, in processor seconds on one core."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.material import Slideshow
from benchmarks.ways import use_still
from reelqueue.specs.photo import Transition

_SHORTEST = 0.2  # seconds a photo, as a spec allows
_RUNS = 3


def measure_parts(slideshow: Slideshow, folder: Path) -> dict[str, float]:
    """Return the seconds of each part of the work; they add up to those of a render.

    Loading photos is measured alone. The rest of a render with hardly any frames is the encoding of
    photos; the rest of the whole render is what comes between the photos.
    """
    numbers = range(len(slideshow.photos))
    spec = slideshow.spec.model_copy(update={"duration": _SHORTEST, "transition": Transition.NONE})
    short = replace(slideshow, spec=spec)
    output = folder / "parts.mp4"
    with _on_one_core():
        loading = _measure(lambda: [slideshow.load_picture(number) for number in numbers])
        stills = _measure(use_still(short, output))
        whole = _measure(use_still(slideshow, output))
    return {
        "decode, scale and convert the photos": loading,
        "encode each photo (x264, intra)": stills - loading,
        "slices between the photos, and the MP4": whole - stills,
    }


@contextmanager
def _on_one_core() -> Iterator[None]:
    """Run everything on one core, so that parallel parts do not slow each other down."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _measure(work: Callable[[], object]) -> float:
    """Return the minimum of a few runs' processor seconds: other load only adds to them."""
    least = float("inf")
    for _ in range(_RUNS):
        start = time.process_time()
        work()
        least = min(least, time.process_time() - start)
    return least
