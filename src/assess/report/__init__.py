"""Floor 4: what leaders read and consultants touch."""
