"""Text as Unicode has it: fonts, grapheme clusters, direction and lines. Pure."""
