"""Statistics for operators and for Prometheus."""
