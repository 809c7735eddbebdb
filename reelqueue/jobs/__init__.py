"""Jobs: what they are, how they end, how they are recorded, and the JSON shape of their status."""
