"""Floor 0: the ground. What every floor uses, each fact once."""
