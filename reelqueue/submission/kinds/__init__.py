"""The registry of job kinds: the only list of them that routes, queues and upkeep know.

A new kind is a module here, one of the same name in `reelqueue.workers.kinds` and one in
`reelqueue.cli.kinds`, each with a line in its package's list.
"""

from __future__ import annotations

from reelqueue.submission.kinds.base import Kind
from reelqueue.submission.kinds.clip import CLIP
from reelqueue.submission.kinds.slideshow import SLIDESHOW

KINDS: dict[str, Kind] = {kind.name: kind for kind in (SLIDESHOW, CLIP)}
