"""Wipes: an edge moves over the old photo and uncovers the new one."""

from __future__ import annotations

from reelqueue.planning.transitions.edges import make_edge_effects

EFFECTS = make_edge_effects("wipe", moves_old=False, moves_new=False)
