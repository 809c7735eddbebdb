"""Load: many orders at once, many questions, one owner with many jobs."""
