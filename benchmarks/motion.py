"""`python -m benchmarks.motion`: draw the pictures of docs/motion.md from videos of the product."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

import av
import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.line_chart import Line, draw_lines
from benchmarks.material import Slideshow, find_picture
from benchmarks.report import ROOT
from reelqueue.planning.camera import Box, Move, find_box
from reelqueue.planning.keys import spread_keys
from reelqueue.planning.spans import PhotoSpan
from reelqueue.planning.transitions.base import MACROBLOCK
from reelqueue.render.engines.moving import coder
from reelqueue.render.engines.moving.likeness import measure_errors, to_psnr
from reelqueue.render.engines.moving.vectors import find_vectors
from reelqueue.render.frames.ken_burns import MovingPhoto, to_moving_photo
from reelqueue.render.frames.yuv import list_planes, to_rgb
from reelqueue.render.images.photos import Photo
from reelqueue.render.slideshow import render_slideshow
from reelqueue.specs.photo import Motion
from reelqueue.specs.slideshow import SlideshowSpec

_SIZE = (640, 360)
_SPEC = SlideshowSpec(
    resolution=f"{_SIZE[0]}x{_SIZE[1]}", fps=30, duration=2, motion=Motion.ZOOM_IN
)
_CAT, _PRINT = "chelsea.png", "page.png"
_CROP = (210, 120, 430, 245)  # of what is shown large
_LARGE = 2
_UPRIGHT = (64, 0, 448, 512)  # 3:4, as phones have it
_STANDS = {"motion": Motion.NONE}
_GAIN = 16  # of differences, which are hardly seen otherwise
_ARROW = 3  # times the vectors
_QUALITY = 70

Luma = NDArray[np.uint8]


class Film(NamedTuple):
    """A photo that moves: its frames as they would be drawn, and as they are decoded.

    `is_key` tells for each frame whether it is a key.
    """

    drawn: list[av.VideoFrame]
    shown: list[av.VideoFrame]
    is_key: list[bool]

    def list_psnr(self) -> list[float]:
        """Return how near each frame is to the drawn one, in dB."""
        pairs = zip(self.shown, self.drawn, strict=True)
        return [to_psnr(measure_errors(*pair).mean) for pair in pairs]


@click.command()
@click.argument(
    "folder",
    default=ROOT / "docs" / "motion",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
def main(folder: Path) -> None:
    """Write the pictures into FOLDER."""
    cat, small_print, drawn = film(_CAT), film(_PRINT, must_write=True), film(_PRINT)
    between = 21  # in the middle of two keys
    pictures = {
        "keys.webp": _draw_keys(cat, between),
        "vectors.webp": _draw_vectors(cat, between),
        "cat.webp": _compare(cat, between),
        "print.webp": _compare(small_print, between),
        "upright.webp": _draw_upright(),
    }
    for name, picture in pictures.items():
        picture.save(folder / name, quality=_QUALITY, method=6)
    keys = [number for number, is_key in enumerate(cat.is_key) if is_key]
    lines = [
        Line("a cat, written", "ours", cat.list_psnr(), keys),
        Line("small print, drawn", "ours-too", drawn.list_psnr()),
        Line("small print, if it were written", "rival", small_print.list_psnr(), keys),
    ]
    chart = draw_lines(
        "How near each frame is to the drawn one",
        "PSNR of the luma in dB, over two seconds; each dot is a key",
        lines,
    )
    (folder / "pulse.svg").write_text(chart)
    for path in sorted(folder.iterdir()):
        click.echo(f"{path.name}: {path.stat().st_size} bytes")


def film(name: str, *, must_write: bool = False) -> Film:
    """Render a photo that moves; `must_write` writes it even if that is seen."""
    photo = Photo(find_picture(name), name)
    slideshow = Slideshow((photo,), _SPEC)
    with TemporaryDirectory() as folder:
        video = Path(folder, "video.mp4")
        with patch.object(
            coder, "_pass", _accept if must_write else coder._pass
        ):  # the test of each photo
            render_slideshow([photo], _SPEC, video, on_progress=lambda *_: None)
        with av.open(str(video)) as container:
            shown = list(container.decode(video=0))
    drawn = [_copy(frame) for frame in slideshow.draw()]
    keys = set(spread_keys(len(drawn), _SPEC.frame_rate))
    return Film(drawn, shown, [number in keys for number in range(len(drawn))])


def _accept(*_: Any) -> bool:
    return True


def _copy(frame: av.VideoFrame) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(frame.to_ndarray(), "yuv420p")


def _to_image(frame: av.VideoFrame) -> Image.Image:
    return Image.fromarray(to_rgb(frame))


def _draw_keys(cat: Film, number: int) -> Image.Image:
    """Draw a key, the frame between, and the next key, side by side."""
    before = max(key for key in range(number) if cat.is_key[key])
    after = min(key for key in range(number, len(cat.shown)) if cat.is_key[key])
    frames = [_to_image(cat.shown[each]).resize((320, 180)) for each in (before, number, after)]
    return _join(frames)


def _draw_vectors(cat: Film, number: int) -> Image.Image:
    """Draw where the squares of a frame are in the key before."""
    before = max(key for key in range(number) if cat.is_key[key])
    photo = to_moving_photo(Slideshow((Photo(find_picture(_CAT), _CAT),), _SPEC).load(0))
    motion = find_vectors(_find_box(photo, number), _find_box(photo, before), _SIZE)
    picture = _to_image(cat.shown[number]).point(lambda level: level // 2 + 100)
    picture = picture.resize((2 * _SIZE[0], 2 * _SIZE[1]))
    draw = ImageDraw.Draw(picture)
    for row, column in np.ndindex(motion.x.shape):
        x, y = (2 * (MACROBLOCK * place + MACROBLOCK / 2) for place in (column, row))
        draw.rectangle((x - 16, y - 16, x + 16, y + 16), outline=(255, 255, 255))
        ahead = (2 * _ARROW * vectors[row, column] / 4 for vectors in (motion.x, motion.y))
        end = tuple(start + step for start, step in zip((x, y), ahead, strict=True))
        draw.line((x, y, *end), fill=(9, 60, 160), width=3)
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=(9, 60, 160))
    return picture.resize((720, 405), Image.Resampling.LANCZOS)


def _find_box(photo: MovingPhoto, number: int) -> Box:
    (span,) = Slideshow((Photo(find_picture(_CAT), _CAT),), _SPEC).timeline.spans
    assert isinstance(span, PhotoSpan)
    assert isinstance(span.move, Move)
    return find_box(span.move, number, photo.size, photo.focus, _SIZE)


def _compare(film: Film, number: int) -> Image.Image:
    """Draw a part of a frame as it is shown, as it would be drawn, and their difference."""
    shown, drawn = film.shown[number], film.drawn[number]
    levels = [list_planes(frame)[0].astype(np.int16) for frame in (shown, drawn)]
    difference = np.clip(128 + _GAIN * (levels[0] - levels[1]), 0, 255).astype(np.uint8)
    pictures = [_to_image(shown), _to_image(drawn), Image.fromarray(difference).convert("RGB")]
    size = _LARGE * (_CROP[2] - _CROP[0]), _LARGE * (_CROP[3] - _CROP[1])
    return _join([each.crop(_CROP).resize(size, Image.Resampling.NEAREST) for each in pictures])


def _draw_upright() -> Image.Image:
    """Draw an upright photo that stands, and the first and the last frame of it as it moves."""
    with TemporaryDirectory() as folder, Image.open(find_picture("astronaut.png")) as picture:
        path = Path(folder, "portrait.png")
        picture.crop(_UPRIGHT).save(path)
        photo = Photo(path, path.name)
        moving = [_copy(frame) for frame in Slideshow((photo,), _SPEC).draw()]
        standing = next(Slideshow((photo,), _SPEC.model_copy(update=_STANDS)).draw())
    return _join(
        [_to_image(frame).resize((320, 180)) for frame in (standing, moving[0], moving[-1])]
    )


def _join(pictures: list[Image.Image]) -> Image.Image:
    gap = 8
    width = sum(picture.width + gap for picture in pictures) - gap
    joined = Image.new("RGB", (width, pictures[0].height), "white")
    for number, picture in enumerate(pictures):
        joined.paste(picture, (number * (picture.width + gap), 0))
    return joined


if __name__ == "__main__":
    main()
