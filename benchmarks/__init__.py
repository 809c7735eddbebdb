"""Benchmarks of slideshows and clips, made by us and by other tools: run them with `make bench`."""
