"""What photos need that is special to the format of their file."""
