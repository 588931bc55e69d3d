"""Texts of an engagement in Markdown: what a client typed makes no markup of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .prose import clean, unlinked

_MARKS = re.compile(r"([\\`*_{}\[\]#|$~!])")


def escape_markdown(text: str, longest: int = 2000) -> str:
    r"""Write text so that Markdown shows it as it is: no markup, no HTML, no formula, no link.

    >>> escape_markdown("<b>*a*</b> | $x$ [y](http://z)")
    '&lt;b&gt;\\*a\\*&lt;/b&gt; \\| \\$x\\$ \\[y\\](http&#58;//z)'
    """
    safe = clean(text, longest).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(r"\\\1", safe).replace("://", "&#58;//").strip()


def markdown_line(text: str) -> str:
    r"""Write a sentence on one line, its references to facts left out.

    >>> markdown_line("a *b* | c")
    'a \\*b\\* \\| c'
    """
    return " ".join(escape_markdown(unlinked(text)).split())


def markdown_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool] = (), longest: int = 2000
) -> str:
    r"""Write a table in the Markdown of GitHub.

    Parameters
    ----------
    right
        By column whether it is aligned to the right; none is where nothing is said.
    longest
        Characters of a cell that are shown.

    Examples
    --------
    >>> print(markdown_table(("Name", "Cost"), [("a|b", "12")], (False, True)))
    | Name | Cost |
    | --- | ---: |
    | a\|b | 12 |
    """
    marks = ["---:" if numeric else "---" for numeric in right or [False] * len(heads)]
    escaped = [
        [escape_markdown(cell, longest).replace("\n", "<br>") for cell in row] for row in (heads, *rows)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (escaped[0], marks, *escaped[1:]))
