"""Chores: the periodic work."""
