"""Floor 1: what the client told us. The vocabulary of the whole house, and how an engagement is loaded."""

from .engagement import Engagement
from .loading import load, validate
from .problem import InvalidEngagement, Problem

__all__ = ["Engagement", "InvalidEngagement", "Problem", "load", "validate"]
