"""Sound: mixed, limited, encoded."""
