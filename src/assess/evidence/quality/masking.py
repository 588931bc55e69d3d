"""How an example of a client's value is shown: its look, not its content, unless somebody asked for it."""

from __future__ import annotations

from .column.masks import mask

LONGEST = 60
"""Characters of an example; what is longer is cut and its length said."""


def example(value: str | None, *, clear: bool = False) -> str:
    """Return a value as it may be printed.

    Parameters
    ----------
    value
        A text of the client's table; None is a null.
    clear
        Show the text itself.

    Examples
    --------
    >>> example("Erika Mustermann"), example("erika@web"), example("")
    ('«Aaaaa Aaaaaaaaaa»', '«aaaaa@aaa»', '«»')
    >>> example("N/A"), example("1900-01-01"), example(None)
    ('«N/A»', '«1900-01-01»', 'null')
    >>> example("DE", clear=True)
    '«DE»'
    """
    if value is None:
        return "null"
    shown = value if clear or telling(value) else mask(value)
    shown = "".join(character if character.isprintable() else "·" for character in shown[:LONGEST])
    return f"«{shown}»" if len(value) <= LONGEST else f"«{shown}…» ({len(value):,} characters)"


def telling(value: str) -> bool:
    """Whether a text stands for "nothing here", so that it says nothing about a person or a business."""
    from .types.missing import disguised

    return not value.strip() or disguised(value)
