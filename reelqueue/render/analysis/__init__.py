"""See and hear a video once, from start to end, and draw what gives an overview of it."""
