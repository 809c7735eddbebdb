"""Captions as a track of text in an MP4, which players show on request (3GPP TS 26.245, tx3g).

The samples are written as they are: ffmpeg would take braces and backslashes in them for commands.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av

from reelqueue.planning.captions.cues import Caption, merge_captions
from reelqueue.planning.clips.edit import Edit
from reelqueue.specs.clips.captions import CueSheet
from reelqueue.text.languages import to_three_letters

# What ffmpeg's encoder makes the description of the track of; no text is encoded with it.
_HEADER = b"""[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, BackColour, Alignment
Style: Default,Arial,16,&Hffffff,&H0,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_EMPTY = b"\0\0"


def write_soft_track(captions: Sequence[Caption], sheet: CueSheet, edit: Edit, path: Path) -> None:
    """Write captions into an MP4 of their own: a sample for each change, with empty ones between.

    Args:
        captions: by their first frame.
        sheet: tells their language.
        edit: the frames of the clip.
        path: the file to write.
    """
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mov_text")
        tick = 1 / edit.fps
        stream.time_base = stream.codec_context.time_base = tick
        stream.codec_context.subtitle_header = _HEADER
        stream.metadata["language"] = to_three_letters(sheet.language)
        at = 0
        for first, end, text in [*merge_captions(captions), (edit.frames, edit.frames, "")]:
            samples = [(at, first, _EMPTY), (first, end, _encode_sample(text))]
            for begin, until, data in samples:
                if until > begin:
                    packet = av.Packet(data)
                    packet.stream, packet.time_base = stream, tick
                    packet.pts = packet.dts = begin
                    packet.duration = until - begin
                    container.mux(packet)
            at = end


def _encode_sample(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data
