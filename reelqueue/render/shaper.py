"""Whether Pillow can shape text: join and turn letters as their script needs it.

Pillow's wheels bring Raqm and HarfBuzz, but load libfribidi from the system (Pillow, "Building from
source"). Run as a program, this writes the answer as JSON.
"""

from __future__ import annotations

import json
import sys

from PIL import features


def has_shaper() -> bool:
    """Return whether text can be shaped here."""
    return bool(features.check("raqm"))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(has_shaper()))
