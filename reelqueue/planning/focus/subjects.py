"""What a crop should keep in view: of all that was seen in a scene, one target for each moment.

Places are from 0 to 1 of the picture's width and height. Times are numbers of frames.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from reelqueue.planning.focus.area import WHOLE_PICTURE, Area

Place = tuple[float, float]
SHORTEST_TRACK = 3
"""Moments; a face that is seen for less is taken for an error of the detector, but in a flash."""

_SEEN_SHARE = 0.2  # of the moments of a scene, in which faces or motion must be seen to count
_LOST_MOMENTS = 8  # after which a face at the same place is another one
_STRIDE = 1.0  # how far a face moves from moment to moment, in its own sizes
_COMPANION = 0.4  # of the largest face's weight: as much has one that is kept in view with it
_FACES_WINDOW = 5  # moments over which the median is taken
_MOTION_WINDOW = 9


@dataclass(frozen=True)
class Face:
    """A face: its centre, its `(width, height)`, and how sure the detector is, from 0 to 1."""

    center: Place
    size: tuple[float, float]
    score: float

    @property
    def weight(self) -> float:
        """How much it matters: large faces do more."""
        return self.score * self.size[0] * self.size[1]


@dataclass(frozen=True)
class Sight:
    """What is seen at a sampled moment.

    Attributes:
        frame: its number in the clip.
        faces: all that were found.
        motion: the middle of what moves; None if nothing does.
        detail: where the picture has most detail.
        paper: how much of the picture has one of a few colours and nothing else, from 0 to 1.
        stillness: how much of it is exactly as it was at the sight before; None if none was.
        area: what of it is no black bar.
    """

    frame: int
    faces: tuple[Face, ...] = ()
    motion: Place | None = None
    detail: Place = (0.5, 0.5)
    paper: float = 0.0
    stillness: float | None = None
    area: Area = WHOLE_PICTURE


@dataclass
class _Track:
    """The same face at several moments, by the number of the sight."""

    faces: dict[int, Face] = field(default_factory=dict)
    last: int = 0

    @property
    def weight(self) -> float:
        return sum(face.weight for face in self.faces.values())

    def add(self, number: int, face: Face) -> None:
        self.faces[number] = face
        self.last = number

    def may_be(self, number: int, face: Face) -> bool:
        """Tell whether a face that is seen now can be this one."""
        gap = number - self.last
        reach = _STRIDE * max(face.size) * gap
        return 0 < gap <= _LOST_MOMENTS and _measure(self.faces[self.last], face) <= reach


@dataclass(frozen=True)
class Targets:
    """The targets of a crop in one scene.

    Attributes:
        places: at each sight; None where there is nothing to go by.
        height: of the faces, from 0 to 1 of the picture's; None if there are only places, such as
            the middle of what moves.
    """

    places: Sequence[Place | None]
    height: float | None = None


def find_targets(sights: Sequence[Sight], span: Place) -> Targets:
    """Return the targets in one scene.

    Faces come first, then what moves. A scene without either has one target, its detail.

    Args:
        sights: of one scene, in order.
        span: `(width, height)` of the crop, as parts of the picture's.
    """
    least = _SEEN_SHARE * len(sights)
    faces = _follow_faces(sights, span)
    places = [face.center if face else None for face in faces]
    if _count(places) >= max(least, 1):
        height = median(face.size[1] for face in faces if face)
        return Targets(_take_medians(places, _FACES_WINDOW), height)
    motion = [sight.motion for sight in sights]
    if _count(motion) >= max(least, 1):
        return Targets(_take_medians(motion, _MOTION_WINDOW))
    details = [sight.detail for sight in sights]
    return Targets(_take_medians(details, 2 * len(sights) + 1))


def is_flash(sights: Sequence[Sight]) -> bool:
    """Tell whether a scene is too short to tell a face from an error of the detector."""
    return len(sights) < SHORTEST_TRACK


def list_lasting(sights: Sequence[Sight]) -> Iterator[tuple[int, Face]]:
    """Yield the faces that are seen for more than a moment, with the number of each sight."""
    for track in _find_lasting(sights):
        yield from track.faces.items()


def _find_lasting(sights: Sequence[Sight]) -> list[_Track]:
    least = min(SHORTEST_TRACK, len(sights))
    return [track for track in _join_faces(sights) if len(track.faces) >= least]


def _follow_faces(sights: Sequence[Sight], span: Place) -> list[Face | None]:
    """Return the face that matters most in the scene, or else the next one.

    Its centre is that of all that are kept in view with it.
    """
    tracks = _find_lasting(sights)
    targets: list[Face | None] = [None] * len(sights)
    taken: set[int] = set()
    for track in sorted(tracks, key=lambda each: each.weight, reverse=True):
        for number, face in track.faces.items():
            if number not in taken:
                middle = _find_middle(face, sights[number].faces, span)
                targets[number] = replace(face, center=middle)
        taken.update(range(min(track.faces), track.last + 1))
    return targets


def _join_faces(sights: Sequence[Sight]) -> list[_Track]:
    """Return the tracks of all faces: a face belongs to the nearest that can be the same."""
    tracks: list[_Track] = []
    for number, sight in enumerate(sights):
        for face in sorted(sight.faces, key=lambda each: each.weight, reverse=True):
            fitting = [track for track in tracks if track.may_be(number, face)]
            if not fitting:
                tracks.append(_Track())
                fitting = tracks[-1:]
            nearest = min(fitting, key=lambda each: _measure(each.faces.get(each.last, face), face))
            nearest.add(number, face)
    return tracks


def _find_middle(face: Face, others: Sequence[Face], span: Place) -> Place:
    """Return the middle of a face and those beside it that the crop can keep in view with it."""
    near = [
        other.center
        for other in others
        if other.weight >= _COMPANION * face.weight
        and all(
            abs(at - own) <= 0.4 * part
            for at, own, part in zip(other.center, face.center, span, strict=True)
        )
    ]
    xs, ys = zip(face.center, *near, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _measure(one: Face, other: Face) -> float:
    """Return the distance of two faces."""
    (x, y), (across, down) = one.center, other.center
    return max(abs(x - across), abs(y - down))


def _count(places: Sequence[Place | None]) -> int:
    return sum(place is not None for place in places)


def _take_medians(places: Sequence[Place | None], window: int) -> list[Place | None]:
    """Return the median of the places around each, so that single errors have no effect."""
    half = window // 2
    medians: list[Place | None] = []
    for number, place in enumerate(places):
        around = [each for each in places[max(number - half, 0) : number + half + 1] if each]
        is_known = place is not None and around
        medians.append(_find_median(around) if is_known else None)
    return medians


def _find_median(places: Sequence[Place]) -> Place:
    return median(x for x, _ in places), median(y for _, y in places)
