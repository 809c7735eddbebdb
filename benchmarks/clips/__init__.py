"""Benchmarks of clips and analyses, made by us and by other tools."""
