"""Specs: what a user can choose for a video, with every default and limit."""
