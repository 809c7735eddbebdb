"""Run the ffmpeg binary: probe and decode media, draw captions, write posters."""
