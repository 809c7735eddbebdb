"""Resumable uploads: files that come in several requests."""
