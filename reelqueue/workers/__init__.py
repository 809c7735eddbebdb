"""What a worker does around a job and in it."""
