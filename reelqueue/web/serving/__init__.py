"""The HTTP server: a worker for gunicorn in which no client that waits holds a thread."""
