"""Images drawn by Pillow: photos, captions and title cards."""
