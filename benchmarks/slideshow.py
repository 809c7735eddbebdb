"""How long a slideshow takes to render: MoviePy's way and our engines, on the same photos.

`python -m benchmarks.slideshow [--photos 10] [--size 1920x1080] [--json FILE]`
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import click
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from reelqueue.render.frames import draw_frames, prepare_pictures, to_picture
from reelqueue.render.photos import Photo, load_photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.render.timeline import plan_slideshow
from reelqueue.specs import Engine, SlideshowSpec

PRESETS = ("medium", "veryfast")  # of x264; the still engine has its own and ignores them
PICTURES = ("coffee.png", "rocket.jpg", "chelsea.png", "astronaut.png", "motorcycle_left.png")
WIDTHS = (1280, 1600, 1920, 2560)
SAMPLED = 15  # every so many frames are compared with what was drawn


@dataclass(frozen=True)
class Run:
    """One render, measured: `psnr` of the luma against the frames as they were drawn."""

    engine: str
    preset: str
    seconds: float
    size_bytes: int
    psnr: float


@click.command()
@click.option("--photos", "photo_count", default=10, show_default=True)
@click.option("--size", "resolution", default="1920x1080", show_default=True)
@click.option("--json", "report", type=click.Path(path_type=Path), help="Where to write JSON.")
def main(photo_count: int, resolution: str, report: Path | None) -> None:
    """Render the same slideshow with every engine, and those that have presets with two of them."""
    spec = SlideshowSpec(resolution=resolution)
    with TemporaryDirectory() as folder:
        photos = make_photos(Path(folder), photo_count)
        render(photos[:1], spec, Path(folder, "warm.mp4"), Engine.MOVIEPY, "ultrafast")  # imports
        runs = [
            measure(photos, spec, Path(folder, "video.mp4"), engine, preset)
            for preset in PRESETS
            for engine in (Engine.MOVIEPY, Engine.X264, Engine.STILL)
        ]
    facts = describe_machine() | {
        "photos": photo_count,
        "resolution": resolution,
        "frames": plan_slideshow(spec, photo_count).frames,
    }
    print_table(runs, facts)
    if report:
        rows = [asdict(run) | {"times_as_fast": compare(runs, run)} for run in runs]
        result = facts | {"runs": rows}
        report.write_text(json.dumps(result, indent=2) + "\n")


def make_photos(folder: Path, count: int) -> list[Photo]:
    """Write JPEGs of 1280 to 2560 pixels' width from scikit-image's pictures."""
    source = Path(skimage.data.__file__).parent
    photos = []
    for number, (name, width) in enumerate(islice(zip(cycle(PICTURES), cycle(WIDTHS)), count)):
        path = folder / f"{number}.jpg"
        with Image.open(source / name) as picture:
            size = (width, round(picture.height * width / picture.width))
            picture.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(path, quality=90)
        photos.append(Photo(path, path.name))
    return photos


def render(
    photos: list[Photo], spec: SlideshowSpec, output: Path, engine: Engine, preset: str
) -> None:
    render_slideshow(
        photos,
        spec,
        output,
        engine=engine,
        preset=preset,
        on_progress=lambda done, total, stage: None,  # noqa: ARG005
    )


def measure(
    photos: list[Photo], spec: SlideshowSpec, output: Path, engine: Engine, preset: str
) -> Run:
    start = time.perf_counter()
    render(photos, spec, output, engine, preset)
    seconds = time.perf_counter() - start
    psnr = measure_psnr(photos, spec, output)
    return Run(engine, preset, seconds, output.stat().st_size, psnr)


def measure_psnr(photos: list[Photo], spec: SlideshowSpec, output: Path) -> float:
    with av.open(str(output)) as container:
        pairs = zip(draw(photos, spec), container.decode(video=0), strict=True)
        errors = [
            np.mean(np.square(read_luma(drawn) - read_luma(shown)))
            for number, (drawn, shown) in enumerate(pairs)
            if number % SAMPLED == 0
        ]
    return float(10 * np.log10(255**2 / np.mean(errors)))


def draw(photos: list[Photo], spec: SlideshowSpec) -> Iterator[av.VideoFrame]:
    def load(number: int) -> av.VideoFrame:
        return to_picture(load_photo(photos[number].path, spec.size, spec.fit))

    return draw_frames(plan_slideshow(spec, len(photos)), prepare_pictures(load, len(photos)))


def read_luma(frame: av.VideoFrame) -> NDArray[np.float32]:
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width].astype(np.float32)


def compare(runs: list[Run], run: Run) -> float:
    """Return how many times as fast a run was as MoviePy's with the same preset."""
    reference = next(r for r in runs if (r.engine, r.preset) == (Engine.MOVIEPY, run.preset))
    return reference.seconds / run.seconds


def describe_machine() -> dict[str, str | int]:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }


def print_table(runs: list[Run], facts: dict[str, str | int]) -> None:
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print(f"{'engine':<10}{'preset':<10}{'seconds':>9}{'MB':>8}{'PSNR-Y':>9}{'times as fast':>15}")
    for run in runs:
        print(
            f"{run.engine:<10}{run.preset:<10}{run.seconds:>9.2f}{run.size_bytes / 1e6:>8.2f}"
            f"{run.psnr:>9.2f}{compare(runs, run):>15.1f}"
        )


if __name__ == "__main__":
    main()
