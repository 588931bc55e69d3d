"""Writes the sample engagements: invented clients, seeded, byte-identical on every machine."""
