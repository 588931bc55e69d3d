"""Checks of definitions: ways in which two systems define the same field differently."""
