"""What may be asked for, with every limit."""
