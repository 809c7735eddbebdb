"""Slides: the new photo moves in over the old one (ffmpeg's xfade calls it cover)."""

from __future__ import annotations

from reelqueue.planning.transitions.edges import SHIFTING, make_edge_effects

EFFECTS = make_edge_effects("slide", moves_old=False, moves_new=True, cost=SHIFTING)
