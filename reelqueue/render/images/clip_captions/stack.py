"""The whole captions of a clip as pictures of their area."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PIL import Image

from reelqueue.planning.captions.cues import Caption
from reelqueue.planning.captions.seen import leave_seen
from reelqueue.planning.captions.stacks import stack_captions
from reelqueue.planning.framing import Size
from reelqueue.render.images.captions import draw_with_backing
from reelqueue.render.images.text import measure_text
from reelqueue.specs.clips.captions import ClipCaptionStyle
from reelqueue.text.contrast import from_hex
from reelqueue.text.layout import find_clip_area


def draw_stacks(
    captions: Sequence[Caption], style: ClipCaptionStyle, size: Size, first: int = 0
) -> Iterator[tuple[int, Image.Image]]:
    """Yield what is seen in the area for captions: `(first frame, RGBA image)`, from a frame on.

    Args:
        captions: by their first frame.
        style: how they look, and where they stand in the area.
        size: `(width, height)` of the clip in pixels; `find_clip_area` has the area.
        first: the frame; the first picture can be seen before it.
    """
    left, top, right, bottom = find_clip_area(size)
    color = from_hex(style.color)
    drawn: list[tuple[Caption, Image.Image]] = []  # those that are seen
    stacks = stack_captions(captions, style, size, measure_text)
    for frame, shown in leave_seen(stacks, first):
        canvas = Image.new("RGBA", (right - left, bottom - top))
        kept = []
        for caption, block, box, down in shown:
            picture = next((picture for old, picture in drawn if old is caption), None)
            picture = picture or draw_with_backing(block, box, style.backing, color)
            kept.append((caption, picture))
            canvas.alpha_composite(picture, ((canvas.width - picture.width) // 2, down))
        drawn = kept
        yield frame, canvas
