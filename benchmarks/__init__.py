"""Commands that print a table of measurements and write them as JSON."""
