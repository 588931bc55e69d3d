"""One module a notebook: the assessment in, the chapter out. Sentences are computed from the result."""

from .integration_profile import integration_profile

__all__ = ["integration_profile"]
