"""Narration: from texts to speech, and when each of its words is heard."""
