"""Child processes with limits, and temporary folders for their work."""
