"""The settings of an engagement: nodes to typed values, and own assumptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from assess.core.source import Source
from assess.core.trust import MEMORY

from .assumptions import Assumption, SourceConflict, defaults
from .columns import REQUESTS, SECTIONS, ColumnDefinition, derive_columns, find_table
from .engagement import Engagement
from .problem import InputLocation, Problems, closest_word, listed
from .raw import LocatedNode, RawRow, RawTable
from .rows import WrongValue, clean, parse, read_typed
from .typed import currency_code

CURRENCY: str = Engagement.model_fields["currency"].default
BY_PRACTICE = ("targets", "importance")
"""Maps whose keys are practices, those that the engagement adds included."""

CLIENT = "the client"
"""Source of an own assumption that names none."""


class Settings:
    """Reads the nodes of engagement.yaml, or of the sheet ``engagement``.

    Parameters
    ----------
    place
        Where the nodes come from.
    problems
        Where problems are noted.
    """

    def __init__(self, place: InputLocation, problems: Problems) -> None:
        self.place = place
        self.problems = problems
        self.currency = CURRENCY

    def values(self, root: LocatedNode) -> dict[str, Any]:
        """Return the fields of an `Engagement` that its settings give; ``team`` and so on as mappings."""
        nodes = _mapping(root)
        columns = {column.name: column for column in derive_columns(Engagement)}
        nodes = self._with_currency(nodes)
        self._unknown(
            {name: node for name, node in nodes.items() if name not in REQUESTS},
            [*columns, *SECTIONS, "goals", "assumptions"],
            "",
        )
        values = self._fields(nodes, columns, "")
        for section, record in (SECTIONS | REQUESTS).items():
            node = nodes.get(section)
            if node is None or node.value is None:
                continue
            if not isinstance(node.value, Mapping):
                self._wrong(
                    node,
                    section,
                    "holds a single value or a list",
                    "keys: " + listed(c.name for c in derive_columns(record)),
                )
                continue
            known = {column.name: column for column in derive_columns(record)}
            self._unknown(node.value, [*known], f"{section}.")
            origin = Source(kind="input", place=self.place.source, row=node.line)
            values[section] = {**self._fields(node.value, known, f"{section}."), "origin": origin}
        self._conventions(values, nodes)
        return values

    def _with_currency(self, nodes: Mapping[str, LocatedNode]) -> Mapping[str, LocatedNode]:
        """Return the nodes with the code of the currency that a sign or a word stands for."""
        node = nodes.get("currency")
        if node is None or not isinstance(node.value, str) or not node.value.strip():
            return nodes
        code = node.value.strip()
        if not is_currency(code) and (meant := currency_code(code)):
            self.problems.note(
                self.place, f"is read as {meant}", row=node.line, column="currency", value=code
            )
            code = meant
        self.currency = code
        return {**nodes, "currency": LocatedNode(node.line, code)}

    def check_practices(self, root: LocatedNode, known: Collection[str]) -> None:
        """Note targets and weights of practices that neither the checklist nor the engagement has."""
        for name in BY_PRACTICE:
            node = _mapping(root).get(name)
            if node is not None and isinstance(node.value, Mapping):
                self._unknown(node.value, known, f"{name}.")

    def line(self, root: LocatedNode | None, name: str) -> int | None:
        """Return the line of a key, None where it is not there."""
        node = _mapping(root).get(name) if root is not None else None
        return node.line if node is not None else None

    def goals(self, root: LocatedNode) -> RawTable | None:
        """Return the goals as a table whose rows are lines."""
        node = _mapping(root).get("goals")
        if node is None or node.value is None:
            return None
        table = find_table("goals")
        known = [column.name for column in table.columns]
        if isinstance(node.value, str | Mapping):
            self._wrong(node, "goals", "is no list", "- id: ..., goal: ...")
            return None
        rows = []
        for number, item in enumerate(node.value, start=1):
            if not isinstance(item.value, Mapping):
                self._wrong(item, f"goals[{number}]", "is no goal", "keys: " + listed(known))
                continue
            self._unknown(item.value, known, f"goals[{number}].")
            cells = {k: self._single(n, f"goals[{number}].{k}") for k, n in item.value.items() if k in known}
            rows.append(RawRow(item.line, cells))
        return RawTable(table, self.place, tuple(known), tuple(rows), prefix="goals.")

    def overrides(self, root: LocatedNode, date: dt.date | None) -> dict[str, Assumption]:
        """Return the engagement's own assumptions by key.

        Parameters
        ----------
        date
            Date of the engagement, for those that have none of their own.
        """
        node = _mapping(root).get("assumptions")
        if node is None or node.value is None:
            return {}
        if not isinstance(node.value, Mapping):
            self._wrong(node, "assumptions", "holds no keys", "key: value")
            return {}
        if self.place.sheet:  # a workbook has a sheet of its own for them
            within = Settings(InputLocation(file=self.place.file, sheet="assumptions"), self.problems)
            within.currency = self.currency
            return within._own(node.value, date)
        return self._own(node.value, date)

    def _own(self, nodes: Mapping[str, LocatedNode], date: dt.date | None) -> dict[str, Assumption]:
        found = {}
        for key, item in nodes.items():
            if key not in defaults():
                near = closest_word(key, defaults())
                hint = f', did you mean "{near}"?' if near else ""
                same = [k for k in defaults() if k.partition(".")[0] == key.partition(".")[0]]
                allowed = listed(same or defaults(), 24)
                self._wrong(item, f"assumptions.{key}", f"is no assumption{hint}", allowed)
            elif assumption := self._override(key, item, date):
                found[key] = assumption
        return found

    def _override(self, key: str, node: LocatedNode, date: dt.date | None) -> Assumption | None:
        default = defaults()[key]
        share = default.unit == "share" or default.unit.startswith("share ")
        low = 0.0 if default.low >= 0 else None
        high = 1.0 if share and default.high <= 1 else None
        column = ColumnDefinition(key, key, "share" if share else "number", low=low, high=high)
        dotted = f"assumptions.{key}"
        before = len(self.problems)
        entry = node.value if isinstance(node.value, Mapping) else {"value": node}
        self._unknown(entry, ["value", "low", "likely", "high", "source", "date"], f"{dotted}.")
        numbers = self._three(entry, column, node, dotted)
        source = self._value(entry.get("source"), ColumnDefinition("source", "", "text"), f"{dotted}.source")
        stated = (
            self._value(entry.get("date"), ColumnDefinition("date", "", "date"), f"{dotted}.date") or date
        )
        if stated is None and len(self.problems) == before:
            self._wrong(node, dotted, "has no date", "a date here, or the date of the engagement")
        if numbers is None or stated is None or len(self.problems) > before:
            return None
        was = SourceConflict(
            low=default.low, likely=default.likely, high=default.high,
            source=f"default: {default.source}", date=default.date,
        )  # fmt: skip
        fields = dict(zip(("low", "likely", "high"), numbers, strict=True))
        origin = Source(kind="input", place=self.place.source, row=node.line, column=dotted)
        return default.model_copy(
            update={
                **fields, "source": source or CLIENT, "date": stated, "elicited": False,
                "conflicts": (was,), "overridden": True, "origin": origin,
            }
        )  # fmt: skip

    def _three(
        self, entry: Mapping[str, LocatedNode], column: ColumnDefinition, node: LocatedNode, dotted: str
    ) -> tuple[float, float, float] | None:
        """Return low, likely and high of an entry that gives one value, a text of three, or three keys."""
        allowed = "a value, or low, likely and high"
        if "value" in entry:
            if any(name in entry for name in ("low", "likely", "high")):
                self._wrong(node, dotted, "has both a value and low, likely or high", allowed)
                return None
            text = self._single(entry["value"], dotted)
            parts = [LocatedNode(entry["value"].line, part) for part in text.split("/")]
            names = [""] * len(parts)
        else:
            parts = [entry[name] for name in ("low", "likely", "high") if name in entry]
            names = [f".{name}" for name in ("low", "likely", "high") if name in entry]
            if len(parts) == 1 and names == [".likely"]:
                names = [""]
        if len(parts) not in (1, 3) or (len(parts) == 1 and names != [""]):
            self._wrong(node, dotted, "is incomplete", allowed)
            return None
        numbers = [self._value(part, column, dotted + name) for part, name in zip(parts, names, strict=True)]
        if any(number is None for number in numbers):
            if not len(self.problems):
                self._wrong(node, dotted, "is empty", allowed)
            return None
        low, likely, high = numbers if len(numbers) == 3 else numbers * 3
        if not low <= likely <= high:
            self._wrong(
                node, dotted, f"is not in order: {low:g} / {likely:g} / {high:g}", "low <= likely <= high"
            )
            return None
        return low, likely, high

    def _fields(
        self, nodes: Mapping[str, LocatedNode], columns: Mapping[str, ColumnDefinition], prefix: str
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, column in columns.items():
            node = nodes.get(name)
            if node is None or node.value is None or node.value == "":
                if column.required:
                    row = node.line if node else None
                    self.problems.add(
                        self.place, "is required", row=row, column=prefix + name, allowed=column.allowed
                    )
                continue
            if column.kind == "map":
                values[name] = self._map(node, column, prefix + name)
            elif (value := self._value(node, column, prefix + name)) is not None:
                values[name] = value
        return values

    def _map(self, node: LocatedNode, column: ColumnDefinition, dotted: str) -> dict[str, float]:
        if not isinstance(node.value, Mapping):
            self._wrong(node, dotted, "holds no keys", column.allowed)
            return {}
        if known := column.choices or _keys_of(dotted):
            self._unknown(node.value, known, f"{dotted}.")
        items = column.items or column
        read = {
            self._name(name, item, dotted): self._value(item, items, f"{dotted}.{name}")
            for name, item in node.value.items()
        }
        return {name: value for name, value in read.items() if value is not None}

    def _name(self, name: str, node: LocatedNode, dotted: str) -> str:
        """Return a key of a map as a table can carry it."""
        try:
            return clean(name)
        except WrongValue as wrong:
            self._wrong(LocatedNode(node.line, name), dotted, wrong.message, wrong.allowed or "")
            return name

    def _value(self, node: LocatedNode | None, column: ColumnDefinition, dotted: str) -> Any:
        if node is None or node.value is None:
            return None
        text = self._listed(node, column, dotted) if column.kind == "list" else self._single(node, dotted)
        try:
            value, said = read_typed(text, column, self.currency)
            if said:
                self.problems.note(self.place, f"is read as {said}", row=node.line, column=dotted, value=text)
            return value
        except WrongValue as wrong:
            self._wrong(
                LocatedNode(node.line, text),
                dotted,
                wrong.message,
                column.allowed if wrong.allowed is None else wrong.allowed,
            )
            return None

    def _listed(self, node: LocatedNode, column: ColumnDefinition, dotted: str) -> str:
        """Return a YAML list as the text of a list's cell."""
        if node.value is None or isinstance(node.value, str | Mapping):
            return self._single(node, dotted)
        items = [self._single(item, dotted) for item in node.value]
        for item in items:
            if ";" in item:
                self._wrong(
                    LocatedNode(node.line, item),
                    dotted,
                    "holds a semicolon, which separates items",
                    "items without ;",
                )
        return "; ".join(items)

    def _single(self, node: LocatedNode, dotted: str) -> str:
        if node.value is None or isinstance(node.value, str):
            return node.value or ""
        self._wrong(
            node, dotted, f"holds {'keys' if isinstance(node.value, Mapping) else 'a list'}", "a single value"
        )
        return ""

    def _conventions(self, values: Mapping[str, Any], nodes: Mapping[str, LocatedNode]) -> None:
        """Check what annotations can't say: codes of currencies."""
        codes = [("currency", values["currency"], nodes["currency"])] if "currency" in values else []
        codes += [
            (f"exchange_rates.{code}", code, nodes["exchange_rates"])
            for code in values.get("exchange_rates", {})
        ]
        for key, code, node in codes:
            if not is_currency(code):
                self._wrong(
                    LocatedNode(node.line, code), key, "is no currency", "an ISO 4217 code such as EUR"
                )
        memory = values.get("data", {}).get("memory_limit", "")
        if memory and not MEMORY.fullmatch(memory):
            node = _mapping(nodes["data"])["memory_limit"]
            self._wrong(node, "data.memory_limit", "is no amount of memory", "such as 512MB or 4GB")
        for day in values.get("holidays", ()):
            if not is_day(day):
                self._wrong(
                    LocatedNode(nodes["holidays"].line, day), "holidays", "is no day", "such as 2026-12-25"
                )
        if (zone := values.get("time_zone")) and not _is_zone(zone):
            self._wrong(
                nodes["time_zone"], "time_zone", "is no time zone", "an IANA name such as Europe/Berlin"
            )
        weights = values.get("weights", {})
        if set(weights) == set(_keys_of("weights")) and not any(weights.values()):
            self._wrong(nodes["weights"], "weights", "are all zero", "at least one weight above 0")
        if values.get("currency", CURRENCY) in values.get("exchange_rates", {}):
            node = nodes["exchange_rates"]
            self._wrong(node, "exchange_rates", "names the engagement's own currency", "foreign currencies")

    def _unknown(self, nodes: Mapping[str, LocatedNode], known: Any, prefix: str) -> None:
        for name, node in nodes.items():
            if name not in known:
                near = closest_word(name, known)
                hint = f', did you mean "{near}"?' if near else ""
                self._wrong(
                    LocatedNode(node.line, None), prefix + name, f"is no key{hint}", listed(known, 24)
                )

    def _wrong(self, node: LocatedNode, dotted: str, message: str, allowed: str) -> None:
        value = node.value if isinstance(node.value, str) else None
        self.problems.add(self.place, message, row=node.line, column=dotted, value=value, allowed=allowed)


def _keys_of(name: str) -> tuple[str, ...]:
    """Return the keys of a map that are written elsewhere: criteria of framework fit; none of others."""
    prefix = "framework.weight."
    return tuple(
        key.removeprefix(prefix) for key in defaults() if name == "weights" and key.startswith(prefix)
    )


def is_currency(code: str) -> bool:
    """Return whether a text has the form of an ISO 4217 code.

    >>> is_currency("EUR"), is_currency("Euro")
    (True, False)
    """
    return len(code) == 3 and code.isascii() and code.isupper() and code.isalpha()


def is_day(text: str) -> bool:
    """Return whether a text is a date such as ``2026-12-25``.

    >>> is_day("2026-12-25"), is_day("25.12.")
    (True, False)
    """
    try:
        parse(text, ColumnDefinition("", "", "date"))
    except WrongValue:
        return False
    return True


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return True


def _mapping(node: LocatedNode) -> Mapping[str, LocatedNode]:
    return node.value if isinstance(node.value, Mapping) else {}
