"""Which contracts are versions of one another, by the version in their file names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from .contract import Contract

_TOKEN = re.compile(r"(^|[-_./])v?[0-9]+(?:\.[0-9]+)*(?=[-_./]|$)", re.IGNORECASE)
_NUMBERS = re.compile(r"[0-9]+")


def successions(contracts: Iterable[Contract]) -> list[tuple[Contract, Contract]]:
    """Return each version of a contract with the next: files whose names differ in a version only.

    The order is that of the stated versions, else that of the file names.
    """
    families: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    for contract in contracts:
        if contract.state != "not assessable":
            families[contract.kind, family(contract.path)].append(contract)
    found = []
    for members in families.values():
        ordered = sorted(members, key=lambda c: (numbers(c.version), numbers(c.path), c.path))
        found += list(pairwise(ordered))
    return found


def family(path: str) -> str:
    """Return a path without the versions in it.

    >>> family("contracts/invoices-v2.openapi.yaml"), family("contracts/v1/orders_1.2.json")
    ('contracts/invoices.openapi.yaml', 'contracts/orders.json')
    """
    return _TOKEN.sub("", path)


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version in their order, so that 1.10 comes after 1.9.

    >>> numbers("1.10.0-rc2")
    (1, 10, 0, 2)
    """
    return tuple(int(number) for number in _NUMBERS.findall(version)[:6] if len(number) < 12)
