"""What turns a timeline into H.264."""
