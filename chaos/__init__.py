"""Everything that can be killed is killed, and no job may be lost."""
