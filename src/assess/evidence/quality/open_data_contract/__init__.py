"""Data contracts of tables: learned from what a table holds, valid against the published schema, and run on an extract.

The Open Data Contract Standard 3.1 (Bitol, Linux Foundation; the schema beside this file, Apache-2.0, without its
descriptions and examples). Of its rules those of its library are run: ``nullValues``, ``missingValues``, ``invalidValues``,
``duplicateValues`` and ``rowCount`` with every operator, and what ``required``, ``unique`` and ``logicalTypeOptions`` say.
A rule in SQL, or of another tool, is not run: it is told as not evaluable.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import jsonschema_rs
import numpy as np
import yaml

from assess.core.numbers import count
from assess.core.patterns import compile_pattern
from assess.core.record import Record
from assess.core.unpacking import UnreadableTable
from assess.evidence.contracts.document import ContractDocument, NotAssessable, read, written
from assess.evidence.quality.checks.uniqueness import NEARLY, is_identifier
from assess.evidence.quality.column import Column
from assess.evidence.quality.column.facts import ColumnFacts
from assess.evidence.quality.profile import Profile, profile
from assess.evidence.quality.remedies import file_name
from assess.evidence.quality.table import Table, open_table
from assess.evidence.quality.table_pairs import touching_integrations
from assess.evidence.quality.types import dates, numbers
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable

FOLDER, ENDING = "data_contracts", ".odcs.yaml"
"""Where an engagement keeps its data contracts, and how their names end."""
VERSION = "v3.1.0"
LOGICAL = {
    "integer": "integer",
    "decimal": "number",
    "date": "date",
    "timestamp": "timestamp",
    "boolean": "boolean",
}
"""Type of the standard for each type of a column; others are strings."""
FEWEST_ROWS = 50
"""Rows from which on a table shows what its columns always hold."""
LISTED_SHARE = 0.98
"""Share of a column's filled rows that the codes in use must hold for a list of allowed values."""
MOST_VALUES = 50
"""Values that a list of allowed values has at most."""
OPERATORS: Mapping[str, Callable[[float, Any], bool]] = {
    "mustBe": operator.eq, "mustNotBe": operator.ne, "mustBeGreaterThan": operator.gt, "mustBeGreaterOrEqualTo": operator.ge,
    "mustBeLessThan": operator.lt, "mustBeLessOrEqualTo": operator.le,
    "mustBeBetween": lambda found, ends: ends[0] <= found <= ends[1],
    "mustNotBeBetween": lambda found, ends: not ends[0] <= found <= ends[1],
}  # fmt: skip
WORDS = {
    "mustBe": "must be", "mustNotBe": "must not be", "mustBeGreaterThan": "must be more than", "mustBeGreaterOrEqualTo": "must be at least",
    "mustBeLessThan": "must be less than", "mustBeLessOrEqualTo": "must be at most", "mustBeBetween": "must be between",
    "mustNotBeBetween": "must not be between",
}  # fmt: skip


class ContractBreach(Record):
    """A place of a data contract that an extract does not keep, or that can't be judged.

    Parameters
    ----------
    file, line
        Of the contract.
    rule
        ``schema`` (the contract breaks the standard), ``table``, ``column``, or the name of the metric.
    subject
        The table, or table and column.
    message
        What is wrong, in one sentence without a full stop, without a value of the client's.
    state
        ``fail``, or ``not evaluable``.
    rows
        Rows concerned.
    """

    file: str
    line: int | None = None
    rule: str
    subject: str
    message: str
    state: Literal["fail", "not evaluable"] = "fail"
    rows: int = 0


def learn_contract(
    found: Profile, table: Table, *, owner: str = "", location: str = "", carried: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the data contract that a table keeps today, for its owner to agree.

    Parameters
    ----------
    found, table
        The table and its profile.
    owner
        Who answers for its data; empty asks for one.
    location
        Of the extract, as the engagement states it.
    carried
        Integrations that carry the table.
    """
    single = {key.columns[0] for key in found.keys if len(key.columns) == 1 and key.unique >= NEARLY}
    single &= {fact.name for fact in found.facts if is_identifier(fact)}
    key = next((fact.name for fact in found.facts if fact.name in single), "")
    properties = [
        _learn_property(
            fact,
            table.column(fact.name),
            fact.name == key,
            fact.name == key or (fact.name in single and fact.rows >= FEWEST_ROWS),
        )
        for fact in found.facts
    ]
    server = {
        "server": "extract",
        "type": "local",
        "path": location or found.reading.location,
        "format": found.reading.form,
    }
    contract = {
        "apiVersion": VERSION, "kind": "DataContract", "id": re.sub(r"[^A-Za-z0-9_-]", "-", found.name), "name": found.name,
        "version": "0.1.0", "status": "proposed" if owner else "draft",
        "description": {"purpose": f"What {found.name} holds for {', '.join(carried)}" if carried else f"What {found.name} holds"},
        "servers": [server],
        "team": {"name": owner, "members": [{"username": owner, "role": "owner"}]} if owner else None,
        "schema": [{
            "name": found.name, "logicalType": "object", "physicalType": "table", "properties": properties,
            "quality": [{"metric": "rowCount", "type": "library", "mustBeGreaterThan": 0, "description": "The extract is not empty"}],
        }],
    }  # fmt: skip
    if not owner:
        contract["customProperties"] = [
            {
                "property": "ownerWanted",
                "value": "nobody answers for this table yet: name an owner under team",
            }
        ]
    return {name: value for name, value in contract.items() if value is not None}


def _learn_property(fact: ColumnFacts, column: Column, key: bool, unique: bool) -> dict[str, Any]:
    logical = LOGICAL.get(fact.physical, "string")
    if _count_other_type(column, logical):  # the owner agrees what the extract keeps
        logical = "string"
    made: dict[str, Any] = {"name": fact.name, "logicalType": logical, "physicalType": fact.physical}
    if key:
        made |= {"primaryKey": True, "primaryKeyPosition": 1}
    if fact.rows >= FEWEST_ROWS and fact.present == fact.rows:
        made["required"] = True
    if unique:
        made["unique"] = True
    if fact.personal:
        made["classification"] = "personal"
    if listed := _allowed_values(fact, column):
        made["quality"] = [{
            "metric": "invalidValues", "type": "library", "arguments": {"validValues": listed}, "mustBe": 0,
            "description": "Only the codes in use", "dimension": "conformity",
        }]  # fmt: skip
    return made


def _allowed_values(fact: ColumnFacts, column: Column) -> list[str]:
    """The codes that a column is made of; empty where it holds others, or texts about persons."""
    if fact.personal or not fact.present or fact.distinct > MOST_VALUES or fact.rows < FEWEST_ROWS:
        return []
    texts = column.texts.to_pylist()
    clear = np.array([text in column.clear_values for text in texts], bool)
    if column.counts[clear].sum() < LISTED_SHARE * fact.present:
        return []
    return sorted(text for text, shown in zip(texts, clear, strict=True) if shown and text)


def write_contract(contract: Mapping[str, Any]) -> str:
    """Return a data contract as YAML."""
    return str(yaml.safe_dump(dict(contract), sort_keys=False, allow_unicode=True, width=110))


@cache
def _validator() -> Any:
    text = files(__package__).joinpath("odcs-3.1.0.schema.json").read_text("utf-8")
    return jsonschema_rs.validator_for(json.loads(text))


def check_contract(
    file: Path, path: str, tables: Mapping[str, Callable[[], Table]]
) -> Iterator[ContractBreach]:
    """Yield what an extract does not keep of a data contract, and what of the contract breaks the standard.

    Parameters
    ----------
    file, path
        The contract, and how the engagement calls it.
    tables
        Opens each table of the engagement by its name.
    """
    try:
        document = read(file, path)
    except NotAssessable as problem:
        yield ContractBreach(file=path, line=problem.line, rule="schema", subject=path, message=f"can't be read: {problem}", state="not evaluable")  # fmt: skip
        return
    broken = [
        ContractBreach(
            file=path, line=_line(document, list(error.instance_path)), rule="schema", subject=written(list(error.instance_path)) or "/",
            message=f"{written(list(error.instance_path)) or 'the contract'} breaks the Open Data Contract Standard {VERSION}: {_say(error.kind)}",
        )
        for error in _validator().iter_errors(document.tree)
    ]  # fmt: skip
    yield from broken
    if broken:
        return
    for place, schema in enumerate(document.tree.get("schema") or []):
        name, at = schema["name"], ("schema", place)
        if name not in tables:
            known = ", ".join(sorted(tables)) or "none"
            yield ContractBreach(file=path, line=_line(document, at), rule="table", subject=name, message=f"{name}: no extract of this name was handed in; there are {known}", state="not evaluable")  # fmt: skip
            continue
        table = tables[name]()
        for breach, pointer in _check_object(schema, table):
            told = f"{breach.subject}: {breach.message}"
            yield breach.model_copy(
                update={"file": path, "line": _line(document, (*at, *pointer)), "message": told}
            )


def _say(kind: Any) -> str:
    """What the published schema asks for, without what the contract holds."""
    if kind.name == "required":
        return f"{kind.property} is missing"
    if kind.name == "enum":
        return f"allowed are {', '.join(map(str, kind.options))}"
    if kind.name == "type":
        return f"it has to be of type {' or '.join(kind.types)}"
    if kind.name in ("additionalProperties", "unevaluatedProperties"):
        return f"it has no {' and no '.join(kind.unexpected)}"
    return str(kind.name)


def _line(document: ContractDocument, pointer: Sequence[str | int]) -> int:
    """The line at which a place begins: that of its first key where it is a mapping."""
    held = document.at(pointer)
    return (
        document.line((*pointer, next(iter(held))))
        if isinstance(held, dict) and held
        else document.line(pointer)
    )


Pointed = tuple[ContractBreach, tuple[str | int, ...]]


def _check_object(schema: Mapping[str, Any], table: Table) -> Iterator[Pointed]:
    for place, rule in enumerate(schema.get("quality") or []):
        if told := _judge(rule, table.name, table, None):
            yield told, ("quality", place)
    for place, held in enumerate(schema.get("properties") or []):
        at: tuple[str | int, ...] = ("properties", place)
        name = held.get("physicalName") or held["name"]
        subject = f"{table.name}.{name}"
        if name not in table.columns:
            yield _breach("column", subject, "the extract has no such column", table.rows), at
            continue
        column = table.column(name)
        for told in _check_property(held, subject, column):
            yield told, at
        for number, rule in enumerate(held.get("quality") or []):
            if told := _judge(rule, subject, table, column):
                yield told, (*at, "quality", number)


def _check_property(held: Mapping[str, Any], subject: str, column: Column) -> Iterator[ContractBreach]:
    empty, repeated = _empty(column), _repeated(column)
    if held.get("required") and empty:
        yield _breach(
            "required",
            subject,
            f"{empty:,} of {count(column.rows, 'row')} {'holds' if empty == 1 else 'hold'} nothing, and the column is required",
            empty,
        )
    if (held.get("unique") or held.get("primaryKey")) and repeated:
        yield _breach(
            "unique",
            subject,
            f"{count(repeated, 'row')} {'repeats' if repeated == 1 else 'repeat'} a value of an earlier one, and the column is unique",
            repeated,
        )
    if rows := _count_other_type(column, held.get("logicalType", "")):
        yield _breach(
            "logicalType",
            subject,
            f"{count(rows, 'row')} {'is' if rows == 1 else 'are'} no {held['logicalType']}",
            rows,
        )
    options = held.get("logicalTypeOptions") or {}
    lengths = np.array([len(text or "") for text in column.texts.to_pylist()], np.int64)
    for name, beyond, word in (("minLength", operator.lt, "shorter"), ("maxLength", operator.gt, "longer")):
        if name in options and (
            rows := int(column.counts[(lengths > 0) & beyond(lengths, options[name])].sum())
        ):
            be = "is" if rows == 1 else "are"
            yield _breach(
                name, subject, f"{count(rows, 'row')} {be} {word} than {options[name]} characters", rows
            )
    if "pattern" in options:
        yield from _check_pattern(options["pattern"], subject, column)


def _check_pattern(text: str, subject: str, column: Column) -> Iterator[ContractBreach]:
    try:
        pattern = compile_pattern(text)
    except ValueError as problem:
        yield _breach("pattern", subject, f"the pattern can't be read: {problem}", 0, "not evaluable")
        return
    rows = _count(column, lambda held: bool(held) and not pattern.search(held))
    if rows:
        yield _breach(
            "pattern",
            subject,
            f"{count(rows, 'row')} {'does' if rows == 1 else 'do'} not fit the pattern",
            rows,
        )


def _judge(
    rule: Mapping[str, Any], subject: str, table: Table, column: Column | None
) -> ContractBreach | None:
    """Run one rule of the library; None where it is kept, or is a text for people."""
    kind, metric = rule.get("type", "library"), rule.get("metric", "")
    if kind == "text":
        return None
    asked = next((name for name in OPERATORS if name in rule), "")
    if kind != "library" or not asked:
        return _breach(
            metric or kind,
            subject,
            f"a rule of type {kind} is not run here: run it with the tool it names",
            0,
            "not evaluable",
        )
    measured = _measure(metric, rule.get("arguments") or {}, table, column)
    if measured is None:
        return _breach(
            metric, subject, f"{metric} can't be measured with these arguments", 0, "not evaluable"
        )
    percent = rule.get("unit") == "percent"
    value = 100 * measured / table.rows if percent and table.rows else float(measured)
    if OPERATORS[asked](value, rule[asked]):
        return None
    limit = " and ".join(map(str, rule[asked])) if isinstance(rule[asked], list) else rule[asked]
    shown = f"{value:.2f} %" if percent else f"{measured:,}"
    return _breach(
        metric, subject, f"{metric} is {shown} and {WORDS[asked]} {limit}{' %' if percent else ''}", measured
    )


def _measure(metric: str, arguments: Mapping[str, Any], table: Table, column: Column | None) -> int | None:
    if metric == "rowCount":
        return table.rows
    if metric == "duplicateValues" and (names := arguments.get("properties")):
        return _repeated_together(table, names) if set(names) <= set(table.columns) else None
    if column is None:
        return None
    if metric == "nullValues":
        return _empty(column)
    if metric == "missingValues":
        words = {None if word is None else str(word) for word in arguments.get("missingValues", [None, ""])}
        return _count(column, lambda text: text in words)
    if metric == "duplicateValues":
        return _repeated(column)
    if metric == "invalidValues" and "validValues" in arguments:
        allowed = {str(value) for value in arguments["validValues"]}
        return _count(column, lambda text: bool(text) and text not in allowed)
    if metric == "invalidValues" and "pattern" in arguments:
        try:
            pattern = compile_pattern(str(arguments["pattern"]))
        except ValueError:
            return None
        return _count(column, lambda text: bool(text) and not pattern.search(text))
    return None


def _count(column: Column, wrong: Callable[[Any], bool]) -> int:
    """Rows whose text is wrong, judged by distinct texts."""
    marks = np.array([wrong(text) for text in column.texts.to_pylist()], bool)
    return int(column.counts[marks].sum())


def _count_other_type(column: Column, logical: str) -> int:
    """Rows whose text can't be read as a type of the standard; 0 for the types of which any text is one."""
    if logical in ("integer", "number"):
        worth = numbers.read(column.values).worth
        fits = np.isfinite(worth) & ((logical == "number") | (worth % 1 == 0))
    elif logical in ("date", "timestamp"):
        fits = dates.read(column.values, column.counts).found
    else:
        return 0
    return int(column.counts[~fits & ~column.blank].sum())


def _empty(column: Column) -> int:
    return _count(column, lambda text: text is None or not text.strip())


def _repeated(column: Column) -> int:
    return int((column.counts[~column.blank] - 1).sum())


def _repeated_together(table: Table, names: Sequence[str]) -> int:
    codes = np.column_stack([table.column(name).codes for name in names])
    return table.rows - len(np.unique(codes, axis=0))


def _breach(
    rule: str, subject: str, message: str, rows: int, state: Literal["fail", "not evaluable"] = "fail"
) -> ContractBreach:
    return ContractBreach(file="", rule=rule, subject=subject, message=message, rows=rows, state=state)


def check_all(engagement: Engagement) -> tuple[ContractBreach, ...]:
    """Return what the extracts of an engagement do not keep of its data contracts, in the order of the files."""
    found: list[ContractBreach] = []
    tables = {extract.name: partial(_open, engagement, extract) for extract in engagement.tables}
    for file in _contract_files(engagement.folder):
        path = f"{FOLDER}/{file.name}"
        try:
            found += check_contract(file, path, tables)
        except (UnreadableTable, OSError) as problem:
            found.append(ContractBreach(file=path, rule="table", subject=path, message=f"the extract can't be read: {problem}", state="not evaluable"))  # fmt: skip
    return tuple(found)


def _contract_files(folder: Path) -> list[Path]:
    place = folder / FOLDER
    if place.is_symlink() or not place.is_dir():
        return []
    return sorted(
        file
        for file in place.iterdir()
        if file.name.endswith(ENDING) and file.is_file() and not file.is_symlink()
    )


def propose_contracts(engagement: Engagement, folder: Path) -> Iterator[tuple[Path, str]]:
    """Write a data contract for each table that an integration carries, and yield its file and who owns it, empty for nobody.

    A file that is there already stays as it is and is not yielded: it may have been agreed.

    Raises
    ------
    UnreadableTable, OSError
        If an extract can't be read, or a file not written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for extract in engagement.tables:
        carried = touching_integrations(engagement, extract)
        file = folder / f"{file_name(extract.name)}{ENDING}"
        if not carried or file.exists():
            continue
        table, owner = _open(engagement, extract), engagement.system(extract.system).owner
        found = profile(table, assumptions=engagement.assumptions)
        made = learn_contract(found, table, owner=owner, location=extract.location, carried=carried)
        file.write_text(write_contract(made), "utf-8")
        yield file, owner


def _open(engagement: Engagement, extract: ExtractTable) -> Table:
    return open_table(
        engagement.locate(extract.location), extract.name, **engagement.system(extract.system).stated_form
    )
