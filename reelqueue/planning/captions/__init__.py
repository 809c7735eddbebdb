"""The captions of a clip: when they are seen, and which of their words are spoken then."""
