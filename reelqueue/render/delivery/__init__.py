"""Encode pictures as a finished video must be."""
