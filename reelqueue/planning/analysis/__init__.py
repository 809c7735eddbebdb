"""What a video's pictures and sound tell: scenes, loudness, silences and highlights."""
