"""Marks: small files whose names say what a job or a run is, so that no record has to be read."""
