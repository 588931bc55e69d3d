"""Floor 1: what the client told us. The vocabulary of the whole house, and how an engagement is loaded."""
