"""Colours of photos: how files say what their levels mean, and the way to sRGB."""
