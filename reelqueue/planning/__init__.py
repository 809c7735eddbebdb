"""What each frame shows, what is heard and what a render will cost: pure arithmetic."""
