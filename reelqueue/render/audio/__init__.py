"""Music: decoded, mixed, limited and encoded as AAC."""
