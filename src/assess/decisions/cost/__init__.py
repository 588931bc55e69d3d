"""What each option costs over its life, how sure that is, and what is worth finding out before signing."""

from .allocation import Allocation, per_integration

__all__ = ["Allocation", "per_integration"]
