"""Engines that tables lie in: DuckDB directly, all others through Ibis, behind one set of primitives."""

from .local import DuckDBEngine
from .primitives import Engine, NotAssessed

__all__ = ["DuckDBEngine", "Engine", "NotAssessed"]
