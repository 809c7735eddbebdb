"""The HTTP side: a module for each concern, and one place that answers errors."""
