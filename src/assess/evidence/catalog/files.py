"""The files of a catalog: what a descriptor may name, and their text. Never the network, never outside the engagement."""

from __future__ import annotations

import glob
import posixpath
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from assess.core.grants import is_url
from assess.intake.engagement import Engagement
from assess.intake.grid import decode
from assess.intake.location import escapes, forward, unopenable
from assess.intake.problem import Place, Problems

from .documents import documents
from .entity import Text

LARGEST = 64 * 2**20
"""Bytes of a file that is read."""
MOST = 2_000
"""Files that one pattern of a Location may match."""

TEXTS = ("$text", "$openapi", "$asyncapi")
DATA = ("$json", "$yaml")


class NotThere(Exception):
    """A file that can't be read; the message follows its name."""


def near(file: str, location: str) -> str:
    """Return where a location leads that a file names, relative to the engagement folder.

    >>> near("catalog/apis.yaml", "../contracts/orders.yaml")
    'contracts/orders.yaml'
    """
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), forward(location)))


def text_of(engagement: Engagement, path: str) -> str:
    """Return the text of a file of the engagement.

    Raises
    ------
    NotThere
        If it is a URL, lies outside, is no file, too large, or no UTF-8.
    """
    if is_url(path):
        raise NotThere("is a URL, which is never fetched")
    full = Path(engagement.locate(path))
    folder = engagement.folder
    if reason := escapes(folder, path) or unopenable(full):
        raise NotThere(reason)
    problems = Problems()
    try:
        if full.stat().st_size > LARGEST:
            raise NotThere(f"is larger than {LARGEST // 2**20} MB")
        text = decode(full.read_bytes(), Place(file=path), problems)
    except OSError as error:
        raise NotThere(f"can't be read ({error.strerror})") from None
    if text is None:
        raise NotThere(problems.found[0].message)
    return text


def matching(engagement: Engagement, pattern: str) -> tuple[str, ...]:
    """Return the files within the engagement folder that a pattern of a Location matches, sorted."""
    if is_url(pattern) or not glob.has_magic(pattern) or escapes(engagement.folder, pattern.split("*")[0]):
        return (pattern,)
    root = engagement.folder
    found = (path for path in root.glob(pattern) if path.is_file())
    return tuple(sorted(path.relative_to(root).as_posix() for path in islice(found, MOST)))


def filled_in(engagement: Engagement, file: str, data: Any, path: str = "") -> tuple[Any, list[Text]]:
    """Put the texts of other files in place of ``$text`` and its like.

    Returns
    -------
    tuple
        The data with what could be read put in, and one `Text` for each placeholder.
    """
    if isinstance(data, Mapping):
        if len(data) == 1 and (key := next(iter(data))) in (*TEXTS, *DATA):
            return _one(engagement, file, data, key, path)
        parts: Any = data.items()
    elif isinstance(data, list):
        parts = enumerate(data)
    else:
        return data, []
    filled, texts = {}, []
    for name, value in parts:
        filled[name], more = filled_in(engagement, file, value, f"{path}.{name}" if path else str(name))
        texts += more
    return (filled if isinstance(data, Mapping) else list(filled.values())), texts


def _one(
    engagement: Engagement, file: str, data: Mapping[str, Any], key: str, path: str
) -> tuple[Any, list[Text]]:
    location = data[key]
    if not isinstance(location, str):
        return data, [Text(field=path, location=str(location)[:200], problem="names no file")]
    target = location if is_url(location) else near(file, location)
    try:
        content: Any = text_of(engagement, target)
        if key in DATA:
            document = next(documents(content), None)
            if document is None or document.problem:
                raise NotThere(document.problem if document else "is empty")
            content = document.data
    except NotThere as reason:
        return data, [Text(field=path, location=location, problem=str(reason))]
    return content, [Text(field=path, location=location, file=target)]
