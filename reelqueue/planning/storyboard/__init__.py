"""What a player needs to show a slideshow before it is rendered: the answer to a dry run has it."""
