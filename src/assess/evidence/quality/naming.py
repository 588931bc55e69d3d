"""Names of files that are made from what a client calls a system or table."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST = 100
"""Bytes that are kept of a name: with a mark and an ending it stays under the 255 of the common file systems."""

_NOT_ALLOWED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
"""What Windows does not take in a name (POSIX: only the slash and NUL)."""


def file_name(name: str) -> str:
    """Return a name as that of a file, without its ending: one part, visible, in no other folder.

    A name that had to be changed gets a mark, so that two names never become one.

    Examples
    --------
    >>> file_name("crm.customers")
    'crm.customers'
    >>> file_name("../../etc/passwd")
    '_.._etc_passwd-3754d6cb'
    """
    shown = "".join("_" if unicodedata.category(sign)[0] == "C" else sign for sign in name)
    shown = _NOT_ALLOWED.sub("_", " ".join(shown.split())).lstrip(". ")
    shown = shown.encode("utf-8")[:LONGEST].decode("utf-8", "ignore").rstrip(". ")
    if shown == name:
        return shown
    return f"{shown or '_'}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
