"""Which part of a video a crop keeps in view: pure arithmetic."""
