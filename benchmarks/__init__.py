"""Benchmarks of slideshows, made by our engines and by other tools: run them with `make bench`."""
