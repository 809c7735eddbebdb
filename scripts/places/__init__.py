"""The places to run that can be tried out on one machine."""
