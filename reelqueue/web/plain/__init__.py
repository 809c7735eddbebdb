"""The page without JavaScript: its forms are sent as they are, and a job is a page of its own."""
