"""`python -m benchmarks.captions`: render each style of captions, and draw it for the docs."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.material import find_picture, read_frames
from benchmarks.report import ROOT
from reelqueue.render.clip import render_clip
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.clips.captions import Preset
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.specs.photo import Fit, PhotoSpec
from reelqueue.specs.slideshow import SlideshowSpec

SIZE = (216, 384)
RATE = 15
TEXT = "So the funny part is that nobody told me about the closed bridge"
_SECONDS = 4.2
_STYLES: dict[Preset, dict[str, str | bool]] = {
    Preset.PLAIN: {},
    Preset.PHRASE: {"backing": "box"},
    Preset.KARAOKE: {},
    Preset.POP: {"uppercase": True, "color": "#ffd60a"},
}
_QUALITY = 55


@click.command()
@click.argument(
    "folder",
    default=ROOT / "docs" / "captions",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
def main(folder: Path) -> None:
    """Write an animated WebP of every style into FOLDER."""
    for preset in Preset:
        path = folder / f"{preset}.webp"
        draw_captions(preset, path)
        click.echo(f"{path.name}: {path.stat().st_size} bytes")


def draw_captions(preset: Preset, path: Path) -> None:
    """Write the animated WebP of a style."""
    with TemporaryDirectory() as folder:
        video, clip = Path(folder, "video.mp4"), Path(folder, "clip.mp4")
        _make_video(video)
        spec = ClipSpec.model_validate(
            {
                "aspect": "original",
                "captions": [{"start": 0.0, "end": _SECONDS - 0.3, "text": TEXT}],
                "caption_style": {"preset": preset, **_STYLES[preset]},
            }
        )
        render_clip(video, spec, clip, on_progress=lambda *_: None)
        frames = list(read_frames(clip))
    frames[0].save(
        path,
        save_all=True,
        append_images=frames[1:],
        duration=round(1000 / RATE),
        loop=0,
        quality=_QUALITY,
        method=6,
    )


def _make_video(video: Path) -> None:
    """Write a video of one photo: the pictures stay small."""
    photo = find_picture("astronaut.png")
    spec = SlideshowSpec(
        duration=_SECONDS,
        resolution=f"{SIZE[0]}x{SIZE[1]}",
        fps=RATE,
        fit=Fit.COVER,
    )
    photos = [Photo(photo, photo.name, PhotoSpec())]
    render_slideshow(photos, spec, video, on_progress=lambda *_: None)


if __name__ == "__main__":
    main()
