"""The format of a file is told by its first bytes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelqueue.errors import UnsupportedMediaError
from reelqueue.media.sniff import sniff_audio, sniff_photo, sniff_video

ID3_OF_5_BYTES = b"ID3\x04\x00\x00\x00\x00\x00\x05" + b"12345"

SUPPORTED = [
    (b"\x00\x00\x00\x20ftypisom", "mp4"),
    (b"\x00\x00\x00\x20ftypM4A ", "mp4"),
    (b"\x00\x00\x00\x14ftypqt  ", "mov"),
    (b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", "mov"),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm", "webm"),
    (b"\x1aE\xdf\xa3\xa3B\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\x82\x88matroska", "mkv"),
    (b"ID3\x03\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x00", "mp3"),
    (ID3_OF_5_BYTES + b"fLaC", "flac"),
    (ID3_OF_5_BYTES + b"\xff\xf1\x50\x80", "aac"),
    (b"\xff\xfb\x90\x64", "mp3"),
    (b"\xff\xf3\x40\xc4", "mp3"),
    (b"\xff\xf1\x50\x80", "aac"),
    (b"RIFF\x24\x00\x00\x00WAVEfmt ", "wav"),
    (b"RF64\xff\xff\xff\xffWAVEds64", "wav"),
    (b"BW64\xff\xff\xff\xffWAVEds64", "wav"),
    (bytes(3) + b"\xff\xfb\x90\x64", "mp3"),
    (bytes(1000) + b"\xff\xfb\x90\x64", "mp3"),
    (bytes(1000) + b"ID3\x03\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x00", "mp3"),
    (b"OggS\x00\x02", "ogg"),
    (b"fLaC\x00\x00\x00\x22", "flac"),
]
UNSUPPORTED = [
    b"",
    b"I",
    b"ID3",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\xff\xfd\x90\x64",  # MPEG layer II
    b"#EXTM3U\n#EXT-X-VERSION:3\n",
    b"ffconcat version 1.0\nfile a.mp4\n",
    b"<?xml version='1.0'?><MPD/>",
    b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    b"v=0\r\no=- 0 0 IN IP4 127.0.0.1",
    b"[Script Info]\nScriptType: v4.00+",
    b"RIFF\x24\x00\x00\x00AVI LIST",
    b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    b"\x00\x00\x00\x20ftypheic",
    b"\x00\x00\x00\x20ftypavif",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"FLV\x01",
    bytes(100),
    bytes(100) + b"fLaC",
    bytes(100_000) + b"\xff\xfb\x90\x64",
    b"MZ\x90\x00",
]


@pytest.mark.parametrize(("head", "name"), SUPPORTED)
def test_format_is_told_by_the_first_bytes_not_the_name(
    tmp_path: Path, head: bytes, name: str
) -> None:
    path = tmp_path / "original.txt"
    path.write_bytes(head)
    assert sniff_audio(path).name == name


@pytest.mark.parametrize("head", UNSUPPORTED)
def test_unsupported_file_is_refused_and_the_sentence_names_what_to_send(
    tmp_path: Path, head: bytes
) -> None:
    path = tmp_path / "original.mp4"
    path.write_bytes(head)
    with pytest.raises(UnsupportedMediaError, match="send MP3"):
        sniff_audio(path)
    with pytest.raises(UnsupportedMediaError, match="send an MP4"):
        sniff_video(path)


def test_sound_file_is_refused_as_a_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    path.write_bytes(b"fLaC\x00\x00\x00\x22")
    with pytest.raises(UnsupportedMediaError, match=r"sound file \(flac\)"):
        sniff_video(path)


def test_ogg_video_is_not_called_a_sound_file(tmp_path: Path) -> None:
    path = tmp_path / "video.ogv"
    path.write_bytes(b"OggS\x00\x02" + bytes(22) + b"\x80theora")
    with pytest.raises(UnsupportedMediaError, match="This is an Ogg file: send an MP4"):
        sniff_video(path)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "WEBP"),
        (b"GIF89a", "GIF"),
        (b"II*\x00", "TIFF"),
        (b"MM\x00*", "TIFF"),
        (b"\x00\x00\x00\x20ftypheic", "HEIF"),
        (b"\x00\x00\x00\x20ftypavif", "AVIF"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "AVIF"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1heicmiaf", "HEIF"),
        (b"\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00mif1heic", None),  # heic comes after the box
        (b"\x00\x00\x00\x20ftypisom", None),
        (b"\x00\x00\x00\x20ftypjxl ", None),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"%!PS-Adobe", None),
        (b"", None),
    ],
)
def test_picture_format_is_told_by_the_first_bytes(
    tmp_path: Path, head: bytes, name: str | None
) -> None:
    path = tmp_path / "original.mp4"
    path.write_bytes(head)
    assert sniff_photo(path) == name


@given(st.binary(max_size=80))
def test_any_bytes_have_a_format_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    with suppress(UnsupportedMediaError):
        assert sniff_audio(path).demuxer
