"""The frames of clips: their cuts, and how these are joined."""
