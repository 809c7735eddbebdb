"""Pushes: the new photo moves in and moves the old one out (ffmpeg's xfade calls it slide)."""

from __future__ import annotations

from reelqueue.planning.transitions.edges import SHIFTING, make_edge_effects

EFFECTS = make_edge_effects("push", moves_old=True, moves_new=True, cost=SHIFTING)
