"""What a finished video must be: quality, the place it is for, and the largest file."""
