"""The logo of a clip: a photo, scaled and placed, as ffmpeg draws it over the pictures."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from reelqueue.planning.clips.edit import Edit
from reelqueue.render.ffmpeg.overlay import Area
from reelqueue.render.images.photos import Photo, load_logo
from reelqueue.render.look.still import write_still
from reelqueue.specs.clips.look import Corner, LogoStyle
from reelqueue.text.layout import find_clip_area

_HIGHEST = 0.5  # a logo, as a part of the frame's height


class Mark(NamedTuple):
    """A logo as it is drawn: the arguments of ffmpeg that open it, and where it is."""

    arguments: list[str]
    area: Area


def draw_logo(logo: Photo, style: LogoStyle, edit: Edit, folder: Path) -> Mark:
    """Write a logo into a folder as it is seen in the frames of a clip.

    It keeps clear of what phone apps cover, as captions do.

    Raises:
        UnsupportedMediaError: if the file has no supported format.
        UnreadableMediaError: if the photo is damaged or too large.
    """
    left, top, right, bottom = find_clip_area(edit.size)
    room = min(edit.size[0] * style.width, right - left), (bottom - top) * _HIGHEST
    box = max(int(room[0]) // 2 * 2, 2), max(int(room[1]) // 2 * 2, 2)
    picture = load_logo(logo.path, box, logo.name)
    alpha = picture.getchannel("A").point(lambda level: round(level * style.opacity))
    picture.putalpha(alpha)
    x = left if style.position in (Corner.TOP_LEFT, Corner.BOTTOM_LEFT) else right - picture.width
    y = top if style.position in (Corner.TOP_LEFT, Corner.TOP_RIGHT) else bottom - picture.height
    area = x, y, x + picture.width, y + picture.height
    return Mark(write_still(picture, folder / "logo.rgba", edit.fps), area)
