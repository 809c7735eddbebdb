"""Copy coded pictures of a video into a clip."""
