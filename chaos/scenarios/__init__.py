"""The scenarios: each does one kind of harm to a site, and judges what became of the jobs."""
