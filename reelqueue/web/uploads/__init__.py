"""Uploads: as forms, and resumable ones."""
