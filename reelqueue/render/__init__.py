"""Rendering: paths in, a path out. Knows nothing of Flask, RQ, Redis or storage."""
