"""Integration assessment notebooks: whether and how systems should be integrated, and what it costs."""

__version__: str
__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Look the version up when somebody asks: nothing is imported before, see `assess.core.isolation`."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("assess")
    except PackageNotFoundError:  # a source tree that was never installed
        found = "0+unknown"
    globals()["__version__"] = found
    return found
