"""Uploaded media: recognised, checked, stored and described."""
