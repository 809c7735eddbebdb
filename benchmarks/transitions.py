"""`python -m benchmarks.transitions`: render each transition and draw its picture for the docs."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.material import make_photos, read_frames
from benchmarks.report import ROOT
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.photo import Fit, Transition
from reelqueue.specs.slideshow import SlideshowSpec

SIZE = (160, 90)
RATE = 15
_SPEC = SlideshowSpec(
    duration=1.6,
    transition_duration=1.2,
    resolution=f"{SIZE[0]}x{SIZE[1]}",
    fps=RATE,
    fit=Fit.COVER,
)
_CHANGES = 2  # back to the first photo, so that the animation loops
_QUALITY = 55


@click.command()
@click.argument(
    "folder",
    default=ROOT / "docs" / "transitions",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
def main(folder: Path) -> None:
    """Write an animated WebP of every transition into FOLDER."""
    for transition in Transition:
        path = folder / f"{transition}.webp"
        draw_transition(transition, path)
        click.echo(f"{path.name}: {path.stat().st_size} bytes")


def draw_transition(transition: Transition, path: Path) -> None:
    """Write the animated WebP of a transition."""
    changes = _CHANGES * 2 if transition is Transition.RANDOM else _CHANGES
    with TemporaryDirectory() as folder:
        pair = make_photos(Path(folder), 3)[::2]
        photos = [pair[number % 2] for number in range(changes + 1)]
        video = Path(folder, "video.mp4")
        spec = _SPEC.model_copy(update={"transition": transition})
        render_slideshow(photos, spec, video, on_progress=lambda *_: None)
        frames = list(read_frames(video))[: -round(_SPEC.duration * RATE)]
    frames[0].save(
        path,
        save_all=True,
        append_images=frames[1:],
        duration=round(1000 / RATE),
        loop=0,
        quality=_QUALITY,
        method=6,
    )


if __name__ == "__main__":
    main()
