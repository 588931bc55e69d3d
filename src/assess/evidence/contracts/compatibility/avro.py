"""Whether a reader with one Avro schema can read what was written with another: "Schema Resolution", Avro 1.12."""

from __future__ import annotations

from typing import Any

from assess.evidence.contracts.avro import NAMED, PRIMITIVE, full_name, fullname

PROMOTED = {
    "int": {"int", "long", "float", "double"},
    "long": {"long", "float", "double"},
    "float": {"float", "double"},
    "double": {"double"},
    "string": {"string", "bytes"},
    "bytes": {"bytes", "string"},
}
"""What a reader may call a value of the writer's type."""
Names = dict[str, Any]


def resolve(writer: Any, reader: Any) -> list[str]:
    """Return why a reader can fail, empty where it reads everything the writer writes.

    An enum without a default fails only for the symbols that the reader lacks, a union only for the branches
    that match none: the specification signals an error at the value, so the schemas are not compatible.

    Parameters
    ----------
    writer, reader
        Valid schemas, see `assess.evidence.contracts.avro.check`.

    Examples
    --------
    >>> resolve("int", "double"), resolve("long", "int")
    ([], ['long can not be read as int'])
    """
    return _Resolver(_named(writer, "", {}), _named(reader, "", {})).match(writer, reader, "", "")


def _named(schema: Any, namespace: str, names: Names) -> Names:
    """Collect the named types of a schema by full name, each with its namespace."""
    if isinstance(schema, list):
        for branch in schema:
            _named(branch, namespace, names)
    elif isinstance(schema, dict):
        kind = schema.get("type")
        if kind in NAMED:
            full, namespace = fullname(schema, namespace)
            names[full] = (schema, namespace)
            for field in schema.get("fields", ()):
                _named(field["type"], namespace, names)
        elif kind in ("array", "map"):
            _named(schema["items" if kind == "array" else "values"], namespace, names)
        elif isinstance(kind, dict | list):
            _named(kind, namespace, names)
    return names


class _Resolver:
    def __init__(self, written: Names, read: Names) -> None:
        self.written = written
        self.read = read
        self.assumed: set[tuple[str, str]] = set()

    def match(self, writer: Any, reader: Any, inside: str, outside: str) -> list[str]:
        """Return the problems of one pair; ``inside`` and ``outside`` are the namespaces of the two."""
        writer, inside = _opened(writer, inside, self.written)
        reader, outside = _opened(reader, outside, self.read)
        if isinstance(writer, list):
            return [problem for branch in writer for problem in self.match(branch, reader, inside, outside)]
        if isinstance(reader, list):
            problems = [self.match(writer, branch, inside, outside) for branch in reader]
            return [] if not all(problems) else self._no_branch(writer, reader, problems)
        kind, other = _kind(writer), _kind(reader)
        if kind == other and (means := _meaning(writer)) != (meant := _meaning(reader)):
            return [f"{means} can not be read as {meant}: the bytes are the same, what they mean is not"]
        if kind in PROMOTED and other in PROMOTED[kind]:
            return []
        if kind != other:
            return [f"{_say(writer)} can not be read as {_say(reader)}"]
        return self._alike(kind, writer, reader, inside, outside)

    def _no_branch(self, writer: Any, reader: list[Any], problems: list[list[str]]) -> list[str]:
        near = [
            found for branch, found in zip(reader, problems, strict=True) if _kind(branch) == _kind(writer)
        ]
        return near[0] if near else [f"{_say(writer)} is in no branch of the reader's union"]

    def _alike(self, kind: str, writer: Any, reader: Any, inside: str, outside: str) -> list[str]:
        if kind == "array":
            return [f"items: {p}" for p in self.match(writer["items"], reader["items"], inside, outside)]
        if kind == "map":
            return [f"values: {p}" for p in self.match(writer["values"], reader["values"], inside, outside)]
        if kind not in NAMED:
            return []
        first, second = fullname(writer, inside), fullname(reader, outside)
        if not _same_name(first[0], second[0], reader, second[1]):
            return [f"{first[0]} can not be read as {second[0]}: the names differ"]
        if kind == "fixed":
            same = writer["size"] == reader["size"]
            return (
                []
                if same
                else [f"{first[0]} has {writer['size']} bytes, the reader expects {reader['size']}"]
            )
        if kind == "enum":
            lacking = [symbol for symbol in writer["symbols"] if symbol not in reader["symbols"]]
            if not lacking or "default" in reader:
                return []
            return [f"the reader's enum {second[0]} lacks {', '.join(lacking)} and has no default"]
        if (first[0], second[0]) in self.assumed:
            return []
        self.assumed.add((first[0], second[0]))
        return self._record(writer, reader, first[1], second[1])

    def _record(self, writer: Any, reader: Any, inside: str, outside: str) -> list[str]:
        found = []
        fields = {field["name"]: field for field in writer["fields"]}
        for field in reader["fields"]:
            names = [field["name"], *field.get("aliases", ())]
            own = next((fields[name] for name in names if name in fields), None)
            if own is not None:
                problems = self.match(own["type"], field["type"], inside, outside)
                found += [f"field {field['name']}: {problem}" for problem in problems]
            elif "default" not in field:
                found.append(f"field {field['name']} is not written, and the reader has no default for it")
        return found


def _opened(schema: Any, namespace: str, names: Names) -> tuple[Any, str]:
    """Follow names and wrappings (``{"type": {...}}``) to the type itself."""
    while True:
        if isinstance(schema, str) and schema not in PRIMITIVE:
            full = full_name(schema, namespace)
            found = names.get(full) or names.get(schema)
            if found is None:
                return schema, namespace
            return found[0], found[1]
        if (isinstance(schema, dict) and isinstance(schema.get("type"), dict | list)) or (
            isinstance(schema, dict) and schema.get("type") not in NAMED | PRIMITIVE | {"array", "map"}
        ):
            schema = schema["type"]
        else:
            return schema, namespace


def _kind(schema: Any) -> str:
    kind = schema.get("type") if isinstance(schema, dict) else schema
    return "record" if kind == "error" else str(kind)


def _meaning(schema: Any) -> str:
    """Return what a logical type says, in words ("Logical Types": decimals match by scale and precision)."""
    logical = schema.get("logicalType") if isinstance(schema, dict) else None
    if logical is None:
        return f"a plain {_kind(schema)}"
    if logical == "decimal":
        return f"a decimal of {schema.get('precision')} digits, {schema.get('scale', 0)} of them behind the point"
    return str(logical)


def _same_name(writer: str, reader: str, schema: Any, namespace: str) -> bool:
    """Names match unqualified, or by an alias of the reader ("both schemas are records with the same (unqualified) name")."""
    aliases = [full_name(a, namespace) for a in schema.get("aliases", ())]
    return writer.rpartition(".")[2] == reader.rpartition(".")[2] or writer in aliases


def _say(schema: Any) -> str:
    if isinstance(schema, dict):
        return str(schema.get("name") or _kind(schema))
    return str(schema)
