"""Which kind of media a file is, told by its first bytes and never by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reelqueue.errors import UnsupportedMediaError

_HEAD_BYTES = 64
_ID3_HEADER_BYTES = 10


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken, and the ffmpeg demuxer that is to read it."""

    name: str
    demuxer: str
    may_show_video: bool = False


MP4 = Kind("mp4", "mp4", may_show_video=True)
MOV = Kind("mov", "mov", may_show_video=True)
WEBM = Kind("webm", "webm", may_show_video=True)
MATROSKA = Kind("mkv", "matroska", may_show_video=True)
MP3 = Kind("mp3", "mp3")
WAV = Kind("wav", "wav")
OGG = Kind("ogg", "ogg")
FLAC = Kind("flac", "flac")
AAC = Kind("aac", "aac")

_AVIF_BRANDS = (b"avif", b"avis")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
_SHARED_BRANDS = (b"mif1", b"msf1")  # of either: the brands that follow tell
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
_MOV_ATOMS = (b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")


def sniff_video(path: Path) -> Kind:
    """Return the kind of a file that is to be shown.

    Raises:
        UnsupportedMediaError: if it is none of MP4, MOV, WebM and Matroska.
    """
    kind = _sniff(path)
    if kind is None or not kind.may_show_video:
        what = f"This is a sound file ({kind.name})" if kind else "This is not a video we take"
        raise UnsupportedMediaError(f"{what}: send an MP4, MOV, WebM or MKV file.")
    return kind


def sniff_audio(path: Path) -> Kind:
    """Return the kind of a file that is to be heard; a video's sound will do.

    Raises:
        UnsupportedMediaError: if it is none of those taken.
    """
    kind = _sniff(path)
    if kind is None:
        raise UnsupportedMediaError(
            "This is not a sound file we take: "
            "send MP3, M4A, AAC, WAV, FLAC, OGG, OPUS, MP4 or WebM."
        )
    return kind


def sniff_photo(path: Path) -> str | None:
    """Return what Pillow calls the kind of a picture, or None for one that is not taken."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _name_picture_brand(head)
    kinds = (kind for start, kind in _PICTURE_SIGNATURES.items() if head.startswith(start))
    return next(kinds, None)


def _name_picture_brand(head: bytes) -> str | None:
    """Tell HEIF and AVIF apart (ISO 14496-12, 4.3: size, `ftyp`, brand, version, more brands)."""
    brand = head[8:12]
    if brand in _SHARED_BRANDS:
        end = min(int.from_bytes(head[:4], "big"), len(head))
        others = [head[start : start + 4] for start in range(16, end, 4)]
        brand = next((other for other in others if other in _TELLING_BRANDS), brand)
    if brand in _AVIF_BRANDS:
        return "AVIF"
    return "HEIF" if brand in _HEIF_BRANDS else None


def _sniff(path: Path) -> Kind | None:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        kind = _name_kind(head)
        if kind is MP3 and head.startswith(b"ID3"):
            # FLAC and AAC may carry an ID3 tag in front as well; its size has 7 bits a byte.
            size = sum(
                byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)
            )
            file.seek(_ID3_HEADER_BYTES + size)
            behind = _name_kind(file.read(_HEAD_BYTES))
            kind = behind if behind in (FLAC, AAC) else MP3
    return kind


def _name_kind(head: bytes) -> Kind | None:
    if head[4:8] == b"ftyp":
        return _name_brand(head[8:12])
    if head[4:8] in _MOV_ATOMS:
        return MOV
    if head.startswith(b"\x1aE\xdf\xa3"):
        return WEBM if b"webm" in head else MATROSKA
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return WAV
    if head.startswith(b"OggS"):
        return OGG
    if head.startswith(b"fLaC"):
        return FLAC
    if head.startswith(b"ID3") and len(head) >= _ID3_HEADER_BYTES:
        return MP3
    return _name_frame(head)


def _name_brand(brand: bytes) -> Kind | None:
    if brand in _PICTURE_BRANDS:
        return None
    return MOV if brand == b"qt  " else MP4


def _name_frame(head: bytes) -> Kind | None:
    """Tell bare MPEG frames by their header (ISO 11172-3, 2.4.2.3; ISO 14496-3, 1.A.2)."""
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return AAC
    is_layer_3 = head[1] & 0xE6 == 0xE2 and head[1] & 0x18 != 0x08
    has_rates = head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C
    return MP3 if is_layer_3 and has_rates else None
