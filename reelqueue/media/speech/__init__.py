"""What a machine has for speech: to recognise it, and to speak."""
