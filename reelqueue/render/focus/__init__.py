"""What a crop follows: frames of a video are looked at, and the path of the crop is planned."""
