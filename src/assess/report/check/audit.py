"""A log of every check that can only grow: each line carries the hash of the line before it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from assess import __version__
from assess.intake.problem import quote_value

from .result import CheckResult

START = "0" * 64
"""What stands before the first line."""


class Broken(ValueError):
    """A log is not as it was written; the message says in which line and what is wrong."""


def verify(path: Path, head: str | None = None) -> tuple[int, str]:
    """Follow the chain from the first line to the last.

    Parameters
    ----------
    head
        Hash of an entry that must be in the chain.

    Returns
    -------
    tuple
        Number of entries, and the hash of the last: written down elsewhere it proves that nothing was cut off the
        end, which the chain alone can't.

    Raises
    ------
    Broken
        If a line was changed, taken out, put in or moved, or the head is not there.
    OSError
        If the file can't be read.
    """
    before, number, met = START, 0, head is None
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        entry = _entry(line, number)
        if entry.get("previous") != before:
            raise Broken(f"line {number} does not follow line {number - 1}")
        if entry.get("number") != number:
            raise Broken(f"line {number} says that it is number {entry.get('number')}")
        if entry.get("hash") != digest(entry):
            raise Broken(f"line {number} was changed")
        before = entry["hash"]
        met = met or before == head
    if not met:
        raise Broken(
            f"no entry has the hash {quote_value(head)}: the end was cut off, or this is another log"
        )
    return number, before


def _entry(line: bytes, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise Broken(f"line {number} is no entry") from None
    if not isinstance(entry, dict):
        raise Broken(f"line {number} is no entry")
    return entry


def digest(entry: dict[str, Any]) -> str:
    """Return the hash of an entry: SHA-256 of its JSON with sorted keys, its own hash left out."""
    content = {key: value for key, value in entry.items() if key != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def append(path: Path, gate: CheckResult, *, time: str, inputs: str) -> str:
    """Add a check to a log; return the hash of its entry.

    Parameters
    ----------
    time
        When it was checked, ISO 8601.
    inputs
        Fingerprint of everything that was checked.

    Raises
    ------
    Broken
        If the log is not as it was written: nothing is added then.
    OSError
        If it can't be read or written.
    """
    number, before = verify(path) if path.exists() else (0, START)
    entry: dict[str, Any] = {
        "number": number + 1,
        "time": time,
        "engagement": gate.engagement,
        "version": __version__,
        "inputs": inputs,
        "passed": gate.open,
        "limit": gate.limit,
        "violations": [violation.fingerprint for violation in gate.violations],
        "accepted": {accept.violation.fingerprint: accept.until.isoformat() for accept in gate.accepted},
        "previous": before,
    }
    entry["hash"] = digest(entry)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(entry, sort_keys=True, ensure_ascii=True) + "\n")
    return str(entry["hash"])
