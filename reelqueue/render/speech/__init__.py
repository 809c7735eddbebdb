"""Speech recognition: from the sound of a video to a transcript."""
