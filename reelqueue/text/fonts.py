"""Choose for each character of a text a font that has it.

Inter is bundled, and DejaVu Sans for letters and symbols that it lacks. Fonts for Chinese,
Japanese, Korean, emoji and other scripts have 10 MB and more, so they are the system's: one folder
has them, laid out as on Debian and Ubuntu. Only their character maps are read here. Users cannot
upload fonts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from reelqueue.errors import InvalidSpecError
from reelqueue.specs.photo import PhotoSpec
from reelqueue.specs.slideshow import SlideshowSpec
from reelqueue.specs.text import Cards
from reelqueue.text.cmap import read_code_points
from reelqueue.text.graphemes import is_emoji, is_ignorable, split_clusters

BUNDLED = Path(__file__).with_name("typefaces")
_LATIN = BUNDLED / "Inter-SemiBold.otf"
_TITLE = BUNDLED / "InterDisplay-Bold.otf"  # drawn for large letters
_WIDE = BUNDLED / "DejaVuSans-Bold.ttf"  # has Arabic, Hebrew, Armenian and many symbols
_CJK = ("opentype/noto/NotoSansCJK-Bold.ttc", "truetype/wqy/wqy-microhei.ttc")
_OTHERS = "truetype/noto/NotoSans*-Bold.ttf"
_EMOJI = "truetype/noto/NotoColorEmoji.ttf"
_MOST_NAMED = 10
_FOUND_KEPT = 10_000  # characters whose font is known
NO_SHAPER = (
    "text cannot be drawn because libfribidi0 is not installed: remove the text, or have it "
    "installed."
)

_system = Path("/usr/share/fonts")


class Font(NamedTuple):
    """A font file; `face` is the number of the font within a collection."""

    path: Path
    face: int = 0

    @property
    def is_emoji(self) -> bool:
        """Whether the font has coloured bitmaps of one size instead of outlines."""
        return self.path.name == Path(_EMOJI).name


class Run(NamedTuple):
    """A run of whole grapheme clusters, and its font."""

    text: str
    font: Font


def use_fonts(folder: Path) -> None:
    """Take the system's fonts from `folder` instead of /usr/share/fonts, for the whole process."""
    global _system
    _system = folder.resolve()


def split_runs(text: str, beside: str = "") -> list[Run]:
    """Return a text in pieces, each in a font that has all of its characters.

    Args:
        beside: what is written near it: Japanese and Chinese draw the same character differently.

    Raises:
        InvalidSpecError: if no font has one of the characters; its field is left open.
    """
    missing: dict[str, None] = {}
    pairs: list[tuple[Font, str]] = []
    clusters = split_clusters(text)
    first_letter = next((cluster for cluster in clusters if _is_letter(cluster[0])), None)
    opening = _choose_font(first_letter, None) if first_letter else None
    for cluster in clusters:
        latest = pairs[-1][0] if pairs else opening
        is_whole = _choose_font(cluster, latest) is not None
        for part in [cluster] if is_whole else cluster:
            if font := _choose_font(part, latest):
                pairs.append((font, part))
            else:
                missing[part] = None
    if missing:
        raise InvalidSpecError(_name_missing(list(missing)))
    face = _choose_face(text + beside)
    return [
        Run("".join(part for _, part in group), _turn_face(font, face))
        for font, group in groupby(pairs, key=lambda pair: pair[0])
    ]


def to_title_font(run: Run) -> Font:
    """Return the font for a run of a title: a bolder one of the same family, if there is one."""
    if run.font == Font(_LATIN) and _has(Font(_TITLE), run.text):
        return Font(_TITLE)
    return run.font


def check_text(text: str, field: str) -> None:
    """Make sure that there is a font for every character of a text.

    Raises:
        InvalidSpecError: naming the field, the characters, and what to do.
    """
    try:
        split_runs(text)
    except InvalidSpecError as error:
        raise InvalidSpecError(f"{field}: {error}", field) from None


def check_words(
    spec: SlideshowSpec, photos: Sequence[PhotoSpec], has_shaper: Callable[[], bool]
) -> None:
    """Make sure that all words of a slideshow can be drawn: letters are shaped, and have a font.

    Args:
        has_shaper: asked only where there are words, as the answer may take a process.

    Raises:
        InvalidSpecError: naming the field, the characters, and what to do.
    """
    texts: dict[str, str] = {}
    for number, photo in enumerate(photos):
        texts[f"photos.{number}.caption"] = photo.caption
        texts[f"photos.{number}.narration"] = photo.narration if spec.captions else ""
    for name, card in (("title", spec.title), ("end_title", spec.end_title)):
        texts[f"{name}.narration"] = card.narration if card and spec.captions else ""
    check_texts(texts | _list_card_texts(spec.cards), has_shaper)


def check_cards(cards: Cards, has_shaper: Callable[[], bool]) -> None:
    """Make sure that the title cards of a video can be drawn. Raises what `check_texts` raises."""
    check_texts(_list_card_texts(cards), has_shaper)


def _list_card_texts(cards: Cards) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, card in zip(("title", "end_title"), cards, strict=True):
        if card:
            texts |= {f"{name}.text": card.text, f"{name}.subtitle": card.subtitle}
    return texts


def check_texts(texts: Mapping[str, str], has_shaper: Callable[[], bool]) -> None:
    """Make sure that texts can be drawn: letters are shaped, and have a font.

    Args:
        texts: by their field in the request.
        has_shaper: asked only where there are words, as the answer may take a process.

    Raises:
        InvalidSpecError: naming the field, the characters, and what to do.
    """
    field = next((field for field, text in texts.items() if text), None)
    if field and not has_shaper():
        raise InvalidSpecError(f"{field}: {NO_SHAPER}", field)
    # A whole text is split only to name what is missing in it: a character has a font alone if and
    # only if it has one within a cluster.
    drawn: set[str] = set()
    for field, text in texts.items():
        for character in set(text) - drawn:
            if _choose_font(character, None) is None:
                check_text(text, field)
            drawn.add(character)


def list_lost_fonts() -> list[str]:
    """Return the names of the bundled fonts whose files are not there; others stand in for them."""
    return [path.name for path in (_LATIN, _TITLE, _WIDE) if not path.is_file()]


def find_missing_fonts() -> list[str]:
    """Return what cannot be written for want of a font: `emoji`, or the name of a script."""
    examples = {"emoji": "\U0001f1eb\U0001f1f7", "Chinese": "世", "Japanese": "の", "Korean": "한"}
    return [name for name, example in examples.items() if _choose_font(example, None) is None]


def _choose_font(cluster: str, latest: Font | None) -> Font | None:
    """Return the font for a cluster; what belongs to no script goes with the letters beside it."""
    return _find_font(cluster, latest, _system)


@lru_cache(_FOUND_KEPT)
def _find_font(cluster: str, latest: Font | None, system: Path) -> Font | None:
    emoji, *letters = _list_usual(system)
    if latest and not latest.is_emoji and not _is_letter(cluster[0]):
        letters.insert(0, latest)
    known = [emoji, *letters] if is_emoji(cluster) else [*letters, emoji]
    return _first(known, cluster) or _first(_list_others(system), cluster)


def _first(fonts: Sequence[Font], cluster: str) -> Font | None:
    return next((font for font in fonts if _has(font, cluster)), None)


def _has(font: Font, cluster: str) -> bool:
    code_points = _read_code_points(font)
    return all(ord(each) in code_points or is_ignorable(each) for each in cluster)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] == "L"


@cache
def _read_code_points(font: Font) -> Container[int]:
    """Return the code points that a font has glyphs for: none where it is not installed."""
    return read_code_points(font.path, font.face) if font.path.is_file() else ()


@cache
def _list_usual(system: Path) -> tuple[Font, ...]:
    """Return the font for emoji, and those for letters, the best one first."""
    return Font(system / _EMOJI), Font(_LATIN), Font(_WIDE), *(Font(system / cjk) for cjk in _CJK)


@cache
def _list_others(system: Path) -> tuple[Font, ...]:
    return tuple(Font(path) for path in sorted(system.glob(_OTHERS)))


def _choose_face(text: str) -> int:
    """Return the face of a Noto CJK collection by what else is written: kana, Hangul or neither."""
    names = {name.split()[0] for name in _list_names(text)}
    if names & {"HIRAGANA", "KATAKANA"}:
        return 0
    return 1 if "HANGUL" in names else 2


def _list_names(text: str) -> Iterator[str]:
    return (unicodedata.name(character, "NONE") for character in text)


def _turn_face(font: Font, face: int) -> Font:
    return font._replace(face=face) if font.path.name.startswith("NotoSansCJK") else font


def _name_missing(characters: list[str]) -> str:
    named = ", ".join(
        f"{character} (U+{ord(character):04X})" for character in characters[:_MOST_NAMED]
    )
    more = f" and {len(characters) - _MOST_NAMED} more" if len(characters) > _MOST_NAMED else ""
    return f"no installed font has {named}{more}: remove that, or have a font for it installed."
