"""What may be ordered of a clip."""
