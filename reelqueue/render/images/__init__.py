"""Pictures by Pillow: photos, captions and title cards."""
