"""Who is asked for what: the role that can answer each table, column, key and assumption, and the question in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from .columns import TABLES, ColumnDefinition, TableDefinition

SETTINGS = "engagement"
"""Name of the table of settings, in `asking.yaml` and as a sheet of a workbook; its columns are dotted keys."""
CONSULTANT = "method"
"""Role of what no client knows."""


@dataclass(frozen=True)
class Asked:
    """Who is asked, and how.

    Parameters
    ----------
    role
        Id of the role, a key of `roles`.
    ask
        The question in plain words; empty where the column's own help has to do.
    """

    role: str
    ask: str = ""


@cache
def _read() -> Mapping[str, Any]:
    text = files(__package__).joinpath("asking.yaml").read_text("utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


def roles() -> Mapping[str, str]:
    """Return every role with its name.

    >>> roles()["finance"]
    'CFO'
    """
    found: Mapping[str, str] = _read()["roles"]
    return found


def who(table: str, column: str) -> Asked:
    """Return who answers a column of a table, or a dotted key of the settings.

    >>> who("integrations", "volume").role, who("engagement", "team.skills.ipaas").role, who("stack", "product").role
    ('operations', 'architect', 'architect')
    """
    columns, name = _read()["columns"], f"{table}.{column}"
    while name not in columns and "." in name:
        name = name.rpartition(".")[0]
    own = columns.get(name, {})
    return Asked(own.get("role", _read()["tables"][table]), own.get("ask", ""))


def who_assumes(key: str) -> str:
    """Return the role that can replace an assumption.

    >>> who_assumes("people.wage"), who_assumes("fanout.ipaas")
    ('finance', 'method')
    """
    known: Mapping[str, str] = _read()["assumptions"]
    fitting = [begin for begin in known if not begin or key == begin or key.startswith(f"{begin}.")]
    return known[max(fitting, key=len)]


@dataclass(frozen=True)
class RoleTable(TableDefinition):
    """A table with the columns alone that a role answers, and those by which its rows are known.

    Parameters
    ----------
    role
        Id of the role.
    """

    role: str = ""

    @property
    def columns(self) -> tuple[ColumnDefinition, ...]:
        """Its columns in the order of the record's fields."""
        return tuple(
            column
            for column in super().columns
            if column.required
            or column.name in (*self.key, *KNOWN_BY)
            or who(self.name, column.name).role == self.role
        )


KNOWN_BY = ("name", "entity")
"""Columns by which people know a row; every role sees them."""
LANDSCAPE = ("systems", "integrations")
"""Tables whose rows the others name; every role has them."""
BASIC_KEYS = ("client", "date", "currency")
"""Settings that every role's answers rest on."""


def role_tables(role: str) -> tuple[TableDefinition, ...]:
    """Return the tables of which a role answers something, and the landscape, narrowed to what it answers; all without a role.

    Raises
    ------
    KeyError
        If there is no such role.

    >>> [column.name for column in role_tables("operations")[1].columns]
    ['id', 'source', 'target', 'name', 'entity', 'volume', 'peak_per_second', 'message_kb']
    """
    if not role:
        return TABLES
    if role not in roles():
        raise KeyError(role)
    return tuple(
        RoleTable(table.name, table.file, table.record, table.key, role)
        for table in TABLES
        if table.name in LANDSCAPE
        or any(
            who(table.name, column.name).role == role
            for column in table.columns
            if column.name not in (*table.key, *KNOWN_BY) or len(table.columns) == len(table.key)
        )
    )


def answers_key(role: str, key: str) -> bool:
    """Say whether a key of the settings is one that a role answers; every one without a role.

    >>> answers_key("finance", "discount_rate"), answers_key("finance", "team.focus"), answers_key("finance", "client")
    (True, False, True)
    """
    return not role or key in BASIC_KEYS or who(SETTINGS, key).role == role
