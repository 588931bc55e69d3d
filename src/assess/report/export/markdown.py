"""Texts of an engagement in a Markdown file: what a client typed makes no markup of its own."""

from __future__ import annotations

from collections.abc import Sequence

from assess.report.prose import clean, unlinked


def line(text: str) -> str:
    r"""Write a text on one line, its signs of markup escaped.

    >>> line("a *b* | c")
    'a \\*b\\* \\| c'
    """
    plain = " ".join(clean(unlinked(text)).split())
    for sign in "\\`*_[]<>|#":
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def rows(heads: Sequence[str], found: Sequence[Sequence[str]]) -> str:
    """Write a table."""
    written = (heads, ["---"] * len(heads), *(map(line, row) for row in found))
    return "\n".join(f"| {' | '.join(row)} |" for row in written)
