"""Workers: take jobs from a queue, and render them."""
