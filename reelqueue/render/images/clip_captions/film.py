"""All that is drawn of a clip's captions: an area of the frame, and its pictures one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from PIL import Image

from reelqueue.planning.captions.cues import Placed
from reelqueue.planning.captions.phrase_place import find_place
from reelqueue.planning.captions.phrases import list_states, plan_phrases, time_captions
from reelqueue.planning.captions.seen import leave_seen
from reelqueue.planning.clips.edit import Edit
from reelqueue.render.images.clip_captions.phrases import PhrasePainter
from reelqueue.render.images.clip_captions.stack import draw_stacks
from reelqueue.render.images.text import measure_text
from reelqueue.specs.clips.captions import Preset
from reelqueue.specs.clips.clip import ClipSpec
from reelqueue.text.layout import Corners, find_clip_area


class Film(NamedTuple):
    """Pictures of an area of the frame, each with the frame from which on it is seen, from 0 on.

    `area` is `(left, top, right, bottom)` in pixels; the pictures are RGBA. `draw(first)` draws
    them from the one on that is seen at frame `first`, each as it is asked for.
    """

    area: Corners
    draw: Callable[[int], Iterator[tuple[int, Image.Image]]]


def film_captions(spec: ClipSpec, edit: Edit, placed: Placed) -> Film | None:
    """Return what is drawn of the captions of a clip; None if that is nothing."""
    style = spec.caption_style
    if spec.soft_captions or not placed.captions:
        return None
    if style.preset is Preset.PLAIN:
        draw = partial(draw_stacks, placed.captions, style, edit.size)
        return Film(find_clip_area(edit.size), draw)
    utterances = time_captions(spec, edit, placed)
    place = find_place(edit.size, style, utterances, measure_text, placed.picture)
    phrases = plan_phrases(utterances, style.preset, edit, place.find_room(measure_text))
    painter = PhrasePainter(style, place)
    return Film(
        place.area,
        lambda first: (
            (frame, painter.draw_states(states))
            for frame, states in leave_seen(list_states(phrases, edit), first)
        ),
    )
