"""Submission: from a checked request to an accepted job."""
