"""`make fuzz`, or `python -m fuzz [PART ...] [--minutes N] [--seed N]`: try one part after another.

Exit code 1 if anything went wrong; each fault is printed with what reproduces it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from fuzz import api, files

PARTS: dict[str, Callable[[float, int], list[str]]] = {"files": files.run, "api": api.run}
"""Each tries for some seconds, from a seed, and returns a line for each fault."""


def main() -> int:
    """Run the parts that are asked for, or all of them; return the exit code."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--minutes", type=float, default=10, help="for each part")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    faults = []
    for part in options.parts or PARTS:
        print(f"{part}: seed {options.seed}, {options.minutes:g} minutes")
        faults += [f"{part}: {fault}" for fault in PARTS[part](60 * options.minutes, options.seed)]
    print("\n".join(faults) or "no fault found")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
