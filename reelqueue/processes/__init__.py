"""Child processes with limits, and the folders they work in."""
