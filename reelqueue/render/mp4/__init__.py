"""MP4 files: written, and checked to be whole."""
