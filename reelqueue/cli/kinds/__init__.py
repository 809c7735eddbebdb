"""The command of each job kind, by the names in `reelqueue.submission.kinds`."""

from __future__ import annotations

import click

from reelqueue.cli.kinds.analyze import analyze
from reelqueue.cli.kinds.clip import clip
from reelqueue.cli.kinds.slideshow import slideshow

COMMANDS: dict[str, click.Command] = {"slideshow": slideshow, "clip": clip, "analysis": analyze}
