"""Write MP4 files (ISO 14496-12) and verify that they are complete."""
