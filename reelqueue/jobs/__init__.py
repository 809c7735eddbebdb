"""What a job is, how it ended, and the one JSON shape that says so."""
