"""Floor 3: what to do."""
