"""Frames in YUV planes, drawn by numpy."""
