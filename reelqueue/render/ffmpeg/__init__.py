"""What the ffmpeg binary does: decode, probe, cut clips."""
