"""Batches: jobs that are ordered together, and may use each other's results."""
