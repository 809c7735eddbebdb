"""Retention: delete what is old, what owners delete, and what was left over."""
