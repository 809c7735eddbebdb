"""The look of a clip: its light and colours, what lies over its pictures and what stands around."""
