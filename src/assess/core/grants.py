r"""Places outside an engagement that the consultant allows: folders, files, and URLs down to a path.

A grant of a folder allows what really lies in it: links are followed before the comparison. A grant of a URL allows
what has the same scheme, host and port, and a path that begins with the same whole parts. Whatever two parsers could
read differently (a second ``@``, a backslash, a dot segment, several hosts, a letter that only resembles another)
is no place that can be allowed: an attacker would choose the reading.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from .secrets import HIDDEN, mask_location

ANY = "*"
"""Grant of whatever the engagement names."""

LOCAL = frozenset({"file", "duckdb", "sqlite", "datafusion"})
"""Schemes of URLs that name a file of this machine: judged as the file."""

PORTS = {"http": 80, "https": 443, "mssql": 1433, "mysql": 3306, "oracle": 1521, "postgresql": 5432}
"""Ports that a URL means when it names none."""

ALIASES = {"postgres": "postgresql"}

HARMLESS = frozenset({"application_name", "charset", "client_encoding", "connect_timeout", "sslmode"})
"""Parameters of a URL that choose neither the place nor what the driver reads. All others (``host``, ``passfile``,
``extensions``, ``spark.jars`` ...) must stand in the grant as they are."""

LONGEST = 500
"""Characters of a place that a message offers to type."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_UNSAFE = re.compile(r"[^\x21-\x7e]|[\\<>\"{}|^`]")
_HOST = re.compile(r"[a-z0-9._-]*|\[[0-9a-f:.]+\]")


class NotGrantable(ValueError):
    """A place that can't be allowed as it is written; the message says why and follows its name."""


class Url(NamedTuple):
    """A URL in the parts that decide where it leads."""

    scheme: str
    host: str
    port: int | None
    path: tuple[str, ...]
    query: frozenset[tuple[str, str]]
    fragment: str

    def covers(self, other: Url) -> bool:
        """Return whether a grant of this one allows the other."""
        return (
            (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)
            and other.path[: len(self.path)] == self.path
            and other.query <= self.query
            and self.fragment in ("", other.fragment)
        )

    def __str__(self) -> str:
        port = "" if self.port in (None, PORTS.get(self.scheme)) else f":{self.port}"
        query = urlencode(sorted(self.query))
        path = "/".join(quote(part) for part in self.path)
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{self.scheme}://{self.host}{port}/{path}{'?' if query else ''}{query}{fragment}"


def is_url(location: str) -> bool:
    """Return whether a location is taken for a URL: whatever has ``://`` in it.

    >>> is_url("postgresql://db/crm"), is_url("extracts/crm.csv"), is_url(" x/postgresql://db")
    (True, False, True)
    """
    return "://" in location


def parse_url(text: str) -> Url:
    """Return the parts of a URL, without user, password and what else authenticates.

    Raises
    ------
    NotGrantable
        If two readers could see different places in it, or it names no place.

    Examples
    --------
    >>> str(parse_url("postgres://ada:s3cret@DB.example:5432/crm?sslmode=require#public.customers"))
    'postgresql://db.example/crm#public.customers'
    """
    if not _SCHEME.match(text):
        raise NotGrantable("is no URL: it begins with no scheme, such as postgresql://")
    if unsafe := _UNSAFE.search(text):
        sign = unsafe.group().encode("unicode_escape").decode()
        raise NotGrantable(
            f"has the sign {sign}, which a URL writes as %.. (and a host in its ASCII form xn--...)"
        )
    if text.count("#") > 1:
        raise NotGrantable("has two #; within a password it is written %23")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise NotGrantable(
            "has a host or port that can't be read; a / in a password is written %2F"
        ) from None
    if parts.netloc.count("@") > 1:
        raise NotGrantable("has two @; within a password it is written %40")
    scheme = ALIASES.get(parts.scheme.lower(), parts.scheme.lower())
    place = parts.netloc.rpartition("@")[2].lower()
    host = place if place.endswith("]") else place.rpartition(":")[0] if ":" in place else place
    host = host.removesuffix(".")
    if not _HOST.fullmatch(host):
        raise NotGrantable("names several hosts, or one that can't be read")
    path = tuple(unquote(part) for part in parts.path.rstrip("/").split("/")[1:])
    if any(part in (".", "..") or set(part) & {"/", "\\", "%", "\0"} for part in path):
        raise NotGrantable("has a path with . or .., or with a / or % that is encoded")
    if not host and not path:
        raise NotGrantable("names no host")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    chosen = {(k, v) for k, v in pairs if k.lower() not in HARMLESS and not _authenticates(k, v)}
    return Url(scheme, host, port or PORTS.get(scheme), path, frozenset(chosen), parts.fragment)


def _authenticates(name: str, value: str) -> bool:
    """Return whether a parameter is a user or a secret: it chooses no place, and stands in no grant."""
    return name.lower() == "user" or HIDDEN in mask_location(f"x://x/?{name}={value}")


def url_file(url: str) -> str | None:
    """Return the path of the file that a URL names, None where it names a server.

    Raises
    ------
    NotGrantable
        If it names none by its full path.

    Examples
    --------
    >>> url_file("duckdb:///data/crm.duckdb#customers"), url_file("postgresql://db/crm")
    ('/data/crm.duckdb', None)
    """
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in LOCAL:
        return None
    path = re.split("[#?]", rest, maxsplit=1)[0]
    if path.lower().startswith(("md:", "motherduck:")) or not Path(path).is_absolute() or "%" in path:
        raise NotGrantable("names no file by its full path, as duckdb:///folder/file.duckdb#table does")
    return path


def split_part(path: str) -> tuple[str, str]:
    """Return a file and the sheet or table in it, of a path such as ``all.xlsx#Customers``.

    The last ``#`` parts them, unless a file has the whole name. Who judges a path and who opens it must part it alike.
    """
    try:
        whole = "#" not in path or Path(path).exists()
    except OSError:
        whole = False
    return (path, "") if whole else (path.rpartition("#")[0], path.rpartition("#")[2])


def normal_grant(text: str, base: Path | None = None) -> str:
    """Return a grant as it is compared and recorded: a real path, or a URL without what authenticates.

    Parameters
    ----------
    text
        A folder, a file, a URL, or ``*``.
    base
        Folder from which relative paths count; None refuses them.

    Raises
    ------
    NotGrantable
        If it is none of these.
    """
    if text == ANY:
        return ANY
    if is_url(text):
        file = url_file(text)
        if file is None:
            return str(parse_url(text))
        text = file
    if not text.strip() or "\0" in text:
        raise NotGrantable("is no path")
    path = Path(text).expanduser()
    if not path.is_absolute():
        if base is None:
            raise NotGrantable("is a relative path, and nobody can say relative to what")
        path = base / path
    if path.drive.startswith(
        "\\\\"
    ):  # of Windows: looking it up would already send the user's credentials there
        if ".." in path.parts:
            raise NotGrantable("is a path of the network with ..")
        return str(path)
    try:
        return str(path.resolve()).replace("//", "/", 1)
    except (OSError, RuntimeError, ValueError):
        raise NotGrantable("is no path") from None


def required_grant(location: str, folder: Path) -> str:
    """Return the grant that allows a location of an engagement, and no more of its kind than it needs.

    Raises
    ------
    NotGrantable
        If no grant but ``*`` can allow it.
    """
    if is_url(location):
        path = url_file(location)
        if path is None:
            return str(parse_url(location)._replace(fragment=""))
        if "?" in location.partition("#")[0]:
            raise NotGrantable("asks the engine for more than the file, after the ?")
        location = path
    if os.name != "nt" and re.match(r"[A-Za-z]:[\\/]", location):
        raise NotGrantable("is a path of Windows, and this is another system")
    if location.startswith("~"):
        raise NotGrantable("begins with ~, which no engagement can know; write the path out")
    return normal_grant(str(folder / location), folder)


def permits(grants: Iterable[str], location: str, folder: Path) -> bool:
    """Return whether grants, as `normal_grant` writes them, allow a location of an engagement; nothing is opened."""
    grants = tuple(grants)
    if ANY in grants:
        return True
    try:
        wanted = required_grant(location, folder)
        if is_url(wanted):
            asked = parse_url(location)
            return any(parse_url(grant).covers(asked) for grant in grants if is_url(grant))
        return any(Path(wanted).is_relative_to(grant) for grant in grants if not is_url(grant))
    except NotGrantable:
        return False


def advice(location: str, folder: Path) -> str:
    """Return the option that allows a location, ready for the command line; or why there is none.

    >>> advice("postgresql://ada:s3cret@db.example/crm#customers", Path("/acme"))
    '--allow postgresql://db.example/crm'
    >>> advice("postgresql://db.example@evil.example@x/crm", Path("/acme"))
    'it has two @; within a password it is written %40'
    """
    try:
        wanted = required_grant(location, folder)
    except NotGrantable as reason:
        return f"it {reason}"
    if not wanted.isprintable() or len(wanted) > LONGEST:
        return "its name is too long, or has characters that can't be typed"
    return f"--allow {typed(wanted)}"


def typed(text: str) -> str:
    """Return a text as one word of a command line."""
    return subprocess.list2cmdline([text]) if os.name == "nt" else shlex.quote(text)
