"""The captions of clips, drawn."""
