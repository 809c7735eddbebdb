"""Upkeep: recover lost runs, and delete old files."""
