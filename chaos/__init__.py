"""Chaos tests: kill every process of the product at random, and check that no job is lost."""
