"""The web service: one module for each concern, and one that answers all errors."""
