"""What is large travels compressed in the page: the drawing library, the drawings, the what-ifs, the evidence."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

from markupsafe import Markup

SAFE = str.maketrans("&<>`", ",./:")
"""The signs of base 85 that HTML gives a meaning, and what stands for them; ``unpack.js`` knows the same."""

_BACK = {new: old for old, new in SAFE.items()}


def letters(content: bytes) -> Markup:
    """Write bytes as text for a script element, four in five characters: base 85 of RFC 1924, without ``&<>```.

    >>> letters(b"plotly")
    Markup('aBOdMY.U')
    """
    return Markup(base64.b85encode(content).decode().translate(SAFE))  # noqa: S704 letters and plain signs


def packed(data: Any) -> Markup:
    """Write plain data compressed, as text for a script element; the same data give the same text.

    Parameters
    ----------
    data
        Of plain types. Dictionaries keep their order, because that of a what-if's axes has a meaning.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, default=str, separators=(",", ":"))
    return letters(gzip.compress(text.encode("utf-8", "replace"), 9, mtime=0))


def unpacked(page: str, id: str) -> bytes:
    """Return what a script element of a page holds compressed.

    Raises
    ------
    ValueError
        If the page has no such element.

    Examples
    --------
    >>> page = f'<script type="application/gzip" id="data">{packed({"entries": "<dl></dl>"})}</script>'
    >>> unpacked(page, "data")
    b'{"entries":"<dl></dl>"}'
    """
    found = re.search(rf'<script type="application/gzip" id="{re.escape(id)}">([^<]*)</script>', page)
    if found is None:
        raise ValueError(f"the page holds nothing compressed under {id}")
    return gzip.decompress(base64.b85decode(found[1].translate(_BACK)))


def whole(page: str) -> str:
    """Return a page as its script completes it: with the list of evidence in its place, to be searched or tested."""
    entries = json.loads(unpacked(page, "data"))["entries"]
    return re.sub(
        r'(<div id="entries">).*?(</div>)', lambda m: m[1] + entries + m[2], page, count=1, flags=re.DOTALL
    )
