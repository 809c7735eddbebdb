"""Tell the format of a media file by its first bytes, never by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reelqueue.errors import UnsupportedMediaError

_HEAD_BYTES = 64
_LONGEST_GAP = 1 << 16  # bytes of zeros that can come before an MP3
_ID3_HEADER_BYTES = 10


@dataclass(frozen=True)
class MediaFormat:
    """A supported format of sound or video, and the ffmpeg demuxer that reads it."""

    name: str
    demuxer: str
    can_hold_video: bool = False


MP4 = MediaFormat("mp4", "mp4", can_hold_video=True)
MOV = MediaFormat("mov", "mov", can_hold_video=True)
WEBM = MediaFormat("webm", "webm", can_hold_video=True)
MATROSKA = MediaFormat("mkv", "matroska", can_hold_video=True)
MP3 = MediaFormat("mp3", "mp3")
WAV = MediaFormat("wav", "wav")
OGG = MediaFormat("ogg", "ogg")
FLAC = MediaFormat("flac", "flac")
AAC = MediaFormat("aac", "aac")

_AVIF_BRANDS = (b"avif", b"avis")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
_SHARED_BRANDS = (b"mif1", b"msf1")  # used by AVIF and HEIF: the compatible brands tell which
_TELLING_BRANDS = (*_AVIF_BRANDS, *_HEIF_BRANDS)
_PICTURE_BRANDS = (*_TELLING_BRANDS, *_SHARED_BRANDS, b"jxl ")
_PICTURE_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",  # also MPO, which phones write
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",  # BigTIFF
    b"MM\0+": "TIFF",
}
_WAV_SIGNATURES = (b"RIFF", b"RF64", b"BW64")  # the latter can be over 4 GB (EBU Tech 3306)
_MOV_ATOMS = (b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")


def sniff_video(path: Path) -> MediaFormat:
    """Return the format of a video file.

    Raises:
        UnsupportedMediaError: if the file is not MP4, MOV, WebM or Matroska.
    """
    media_format = _sniff(path)
    if media_format is None or not media_format.can_hold_video:
        what = "not a supported video"
        if media_format:
            what = "an Ogg file" if media_format is OGG else f"a sound file ({media_format.name})"
        raise UnsupportedMediaError(f"This is {what}: send an MP4, MOV, WebM or MKV file.")
    return media_format


def is_video(path: Path) -> bool:
    """Tell whether a file has a format of videos; it may still hold sound only."""
    media_format = _sniff(path)
    return media_format is not None and media_format.can_hold_video


def sniff_audio(path: Path) -> MediaFormat:
    """Return the format of a file with sound, which can be a video.

    Raises:
        UnsupportedMediaError: if the format is not supported.
    """
    media_format = _sniff(path)
    if media_format is None:
        raise UnsupportedMediaError(
            "This is not a supported sound file: "
            "send MP3, M4A, AAC, WAV, FLAC, OGG, OPUS, MP4 or WebM."
        )
    return media_format


def sniff_photo(path: Path) -> str | None:
    """Return Pillow's name for the format of a picture, or None if it is not supported."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _name_picture_brand(head)
    names = (name for start, name in _PICTURE_SIGNATURES.items() if head.startswith(start))
    return next(names, None)


def _name_picture_brand(head: bytes) -> str | None:
    """Tell HEIF from AVIF by the brands of the `ftyp` box (ISO 14496-12, 4.3)."""
    brand = head[8:12]
    if brand in _SHARED_BRANDS:
        end = min(int.from_bytes(head[:4], "big"), len(head))
        others = [head[start : start + 4] for start in range(16, end, 4)]
        brand = next((other for other in others if other in _TELLING_BRANDS), brand)
    if brand in _AVIF_BRANDS:
        return "AVIF"
    return "HEIF" if brand in _HEIF_BRANDS else None


def _sniff(path: Path) -> MediaFormat | None:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        media_format = _name_format(head)
        if media_format is None and head.startswith(b"\0"):
            # Some programs leave room for a tag before an MP3.
            rest = (head + file.read(_LONGEST_GAP)).lstrip(b"\0")
            return MP3 if _name_format(rest) is MP3 else None
        if media_format is MP3 and head.startswith(b"ID3"):
            # An ID3 tag can also precede FLAC and AAC; its size has 7 bits a byte (ID3v2.4.0, 3.1).
            size = sum(
                byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)
            )
            file.seek(_ID3_HEADER_BYTES + size)
            following = _name_format(file.read(_HEAD_BYTES))
            media_format = following if following in (FLAC, AAC) else MP3
    return media_format


def _name_format(head: bytes) -> MediaFormat | None:
    if head[4:8] == b"ftyp":
        return _name_brand(head[8:12])
    if head[4:8] in _MOV_ATOMS:
        return MOV
    if head.startswith(b"\x1aE\xdf\xa3"):
        return WEBM if b"webm" in head else MATROSKA
    if head.startswith(_WAV_SIGNATURES) and head[8:12] == b"WAVE":
        return WAV
    if head.startswith(b"OggS"):
        return OGG
    if head.startswith(b"fLaC"):
        return FLAC
    if head.startswith(b"ID3") and len(head) >= _ID3_HEADER_BYTES:
        return MP3
    return _name_frame(head)


def _name_brand(brand: bytes) -> MediaFormat | None:
    if brand in _PICTURE_BRANDS:
        return None
    return MOV if brand == b"qt  " else MP4


def _name_frame(head: bytes) -> MediaFormat | None:
    """Recognise the header of an MP3 or ADTS frame (ISO 11172-3, 2.4.2.3; ISO 14496-3, 1.A.2)."""
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return AAC
    is_layer_3 = head[1] & 0xE6 == 0xE2 and head[1] & 0x18 != 0x08
    has_rates = head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C
    return MP3 if is_layer_3 and has_rates else None
