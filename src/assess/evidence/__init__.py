"""Floor 2: what we measured."""
