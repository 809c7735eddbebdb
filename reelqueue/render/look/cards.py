"""The title cards of a clip."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from reelqueue.planning.framing import Size
from reelqueue.render.images.title_cards import draw_card, find_backdrop_size, write_card
from reelqueue.specs.text import PlainCard


def draw_title(card: PlainCard, size: Size, see: Callable[[], Image.Image]) -> Image.Image:
    """Return a title card as an RGB image of `size=(width, height)`.

    Args:
        card: what is written, and on what.
        size: of the clip in pixels.
        see: returns the picture of the clip that is next to the card, as an RGB image. It is
            called only for a card without a colour.

    Raises:
        InvalidSpecError: if no font has one of the characters.
    """
    behind = None if card.background else see().resize(find_backdrop_size(size), reducing_gap=2.0)
    picture = draw_card(card, size, behind)
    write_card(card, picture)
    return picture
