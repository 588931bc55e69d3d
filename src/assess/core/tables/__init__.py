"""Tables of every form: what was found in a file, what was decided, and its texts in the order of their rows."""
