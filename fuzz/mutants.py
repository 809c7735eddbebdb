"""Small good files of every format, and seeded damage to them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from PIL import Image
from pillow_heif import register_heif_opener

from reelqueue.media.facts import MediaKind
from reelqueue.render.ffmpeg.run import find_ffmpeg


class Sample(NamedTuple):
    """A file as a user sends it."""

    kind: MediaKind
    name: str
    data: bytes


_PHOTOS: dict[str, dict[str, object]] = {
    "baseline.JPEG": {},
    "progressive.JPEG": {"progressive": True},
    "phone.MPO": {"save_all": True},
    "plain.PNG": {},
    "lossy.WEBP": {},
    "lossless.WEBP": {"lossless": True},
    "phone.HEIF": {},
    "small.AVIF": {},
    "scan.TIFF": {"compression": "tiff_lzw"},
    "fax.TIFF": {"compression": "jpeg"},
    "moving.GIF": {"save_all": True},
}
_PICTURE = ("-f", "lavfi", "-i", "testsrc=s=64x48:r=12:d=0.5")
_SOUND = ("-f", "lavfi", "-i", "sine=440:d=0.5")
_VIDEOS = {
    "phone.mp4": (*_PICTURE, *_SOUND, "-c:v", "libx264", "-c:a", "aac"),
    "fragments.mp4": (*_PICTURE, "-c:v", "libx264", "-movflags", "frag_keyframe+empty_moov"),
    "phone.mov": (*_PICTURE, *_SOUND, "-c:v", "libx265", "-c:a", "pcm_s16le"),
    "old.mkv": (*_PICTURE, *_SOUND, "-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "screen.webm": (*_PICTURE, *_SOUND, "-c:v", "libvpx", "-c:a", "libopus"),
    "screen9.webm": (*_PICTURE, "-c:v", "libvpx-vp9"),
    "new.mp4": (*_PICTURE, "-c:v", "libsvtav1"),
}
_SONGS = {
    "song.mp3": (*_SOUND, "-c:a", "libmp3lame"),
    "song.m4a": (*_SOUND, "-c:a", "aac"),
    "song.wav": (*_SOUND, "-c:a", "pcm_s24le"),
    "song.flac": (*_SOUND, "-c:a", "flac"),
    "vorbis.ogg": (*_SOUND, "-c:a", "libvorbis"),
    "opus.ogg": (*_SOUND, "-c:a", "libopus"),
    "song.aac": (*_SOUND, "-c:a", "aac"),
}
_EXTREMES = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
)
_HEAD_BYTES = 600


def list_photos() -> list[Sample]:
    """Return a photo of each format."""
    register_heif_opener()
    photo = Image.linear_gradient("L").resize((96, 64)).convert("RGB")
    samples = []
    for name, options in _PHOTOS.items():
        file = BytesIO()
        many = {"append_images": [photo]} if "save_all" in options else {}
        photo.save(file, name.rpartition(".")[2], **options, **many)
        samples.append(Sample("photo", name, file.getvalue()))
    return samples


def list_media() -> list[Sample]:
    """Return a video and a sound file of each format and codec."""
    samples = [_make_sample("video", name, options) for name, options in _VIDEOS.items()]
    return samples + [_make_sample("audio", name, options) for name, options in _SONGS.items()]


def _make_sample(kind: MediaKind, name: str, options: Sequence[str]) -> Sample:
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        start = [find_ffmpeg(), "-nostdin", "-v", "error"]
        subprocess.run([*start, *options, path], check=True, capture_output=True)
        return Sample(kind, name, path.read_bytes())


def mutate(sample: Sample, dice: Random) -> Sample:
    """Return a damaged copy of a file: most damage is in its head, where its structure lies."""
    data = bytearray(sample.data)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        dice.choice(_DAMAGES)(data, dice)
    return Sample(sample.kind, sample.name, bytes(data))


def list_mutants(samples: list[Sample], seed: int) -> Iterator[tuple[str, Sample]]:
    """Yield damaged files without end, each with a word that reproduces it."""
    number = 0
    while True:
        sample = samples[number % len(samples)]
        yield f"{sample.name}:{seed}:{number}", mutate(sample, Random(f"{seed}:{number}"))
        number += 1


def _flip(data: bytearray, dice: Random) -> None:
    if data:
        data[_choose_place(data, dice)] ^= 1 << dice.randrange(8)


def _set_extreme(data: bytearray, dice: Random) -> None:
    place, extreme = _choose_place(data, dice), dice.choice(_EXTREMES)
    data[place : place + len(extreme)] = extreme


def _delete(data: bytearray, dice: Random) -> None:
    place = _choose_place(data, dice)
    del data[place : place + dice.choice((1, 2, 4, 32, 512))]


def _repeat(data: bytearray, dice: Random) -> None:
    place, length = _choose_place(data, dice), dice.choice((1, 4, 32, 512))
    data[place:place] = data[place : place + length] * dice.choice((1, 2, 50))


def _cut(data: bytearray, dice: Random) -> None:
    del data[dice.randrange(len(data) + 1) :]


def _swap(data: bytearray, dice: Random) -> None:
    first, second = _choose_place(data, dice), _choose_place(data, dice)
    data[first : first + 8], data[second : second + 8] = (
        data[second : second + 8],
        data[first : first + 8],
    )


def _choose_place(data: bytearray, dice: Random) -> int:
    end = min(len(data), _HEAD_BYTES) if dice.random() < 0.7 else len(data)
    return dice.randrange(max(end, 1))


_DAMAGES: tuple[Callable[[bytearray, Random], None], ...] = (
    *(_flip, _flip, _set_extreme, _set_extreme, _delete, _repeat, _cut, _swap),
)
