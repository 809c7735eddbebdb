"""What a slideshow costs, by our engines and by other ways: `make bench` measures and reports."""
