"""Avro after its specification 1.12: what a schema may be, and who can read whom."""

import pytest

from assess.evidence.contracts.avro import check, ignored
from assess.evidence.contracts.compatibility.messages import resolve

LONG_LIST = {
    "type": "record", "name": "LongList", "aliases": ["LinkedLongs"],
    "fields": [{"name": "value", "type": "long"}, {"name": "next", "type": ["null", "LongList"]}],
}  # fmt: skip
"""The example of "Records" in the specification."""

VALID = [
    "string",
    LONG_LIST,
    {"type": "enum", "name": "Suit", "symbols": ["SPADES", "HEARTS", "DIAMONDS", "CLUBS"]},
    {"type": "array", "items": "string", "default": []},
    {"type": "map", "values": "long", "default": {}},
    {"type": "fixed", "size": 16, "name": "md5"},
    ["null", "string"],
    {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
    {
        "type": "record", "name": "Example", "doc": "A simple name (attribute) and no namespace attribute: use the null namespace",
        "fields": [
            {"name": "inheritNull", "type": {"type": "enum", "name": "Simple", "symbols": ["a", "b"]}},
            {"name": "explicitNamespace", "type": {"type": "fixed", "name": "Simple", "namespace": "explicit", "size": 12}},
            {"name": "fullName", "type": {"type": "fixed", "name": "a.full.Name", "size": 16}},
        ],
    },
]  # fmt: skip
"""Examples of "Complex Types" and "Names" of the specification."""


@pytest.mark.parametrize("schema", VALID, ids=str)
def test_examples_of_the_specification_are_valid(schema):
    assert check(schema) == []


def field(type, **more):
    return {"type": "record", "name": "R", "fields": [{"name": "f", "type": type, **more}]}


INVALID = {
    "no such type": ("strin", ()),
    "union in a union": (["null", ["string"]], (1,)),
    "type twice in a union": (["string", "string"], (1,)),
    "two arrays in a union": ([{"type": "array", "items": "int"}, {"type": "array", "items": "string"}], (1,)),
    "record without fields": ({"type": "record", "name": "R"}, ()),
    "record without a name": ({"type": "record", "fields": []}, ()),
    "name with a dash": ({"type": "record", "name": "a-b", "fields": []}, ("name",)),
    "name that begins with a digit": ({"type": "fixed", "name": "1a", "size": 1}, ("name",)),
    "name of a primitive": ({"type": "fixed", "name": "int", "size": 1}, ("name",)),
    "field twice": ({"type": "record", "name": "R", "fields": [{"name": "f", "type": "int"}] * 2}, ("fields", 1, "name")),
    "field without a type": ({"type": "record", "name": "R", "fields": [{"name": "f"}]}, ("fields", 0)),
    "name used before it is defined": (field("Later"), ("fields", 0, "type")),
    "symbol twice": ({"type": "enum", "name": "E", "symbols": ["A", "A"]}, ("symbols", 1)),
    "default that is no symbol": ({"type": "enum", "name": "E", "symbols": ["A"], "default": "B"}, ("default",)),
    "fixed without a size": ({"type": "fixed", "name": "F"}, ("size",)),
    "array without items": ({"type": "array"}, ()),
    "default of another type": (field("int", default="1"), ("fields", 0, "default")),
    "default beyond an int": (field("int", default=2**31), ("fields", 0, "default")),
    "default of bytes beyond one byte": (field("bytes", default="\u0100"), ("fields", 0, "default")),
    "default of no branch": (field(["null", "int"], default="x"), ("fields", 0, "default")),
    "order that is none": (field("int", order="up"), ("fields", 0, "order")),
    "name defined twice": (
        {"type": "record", "name": "R", "fields": [{"name": n, "type": {"type": "fixed", "name": "F", "size": 1}} for n in "ab"]},
        ("fields", 1, "type", "name"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", INVALID)
def test_what_the_specification_forbids_is_told_with_its_place(name):
    schema, place = INVALID[name]
    assert [problem[0] for problem in check(schema)] == [place]


def test_a_decimal_without_a_precision_is_valid_and_ignored_by_readers():
    schema = {"type": "bytes", "logicalType": "decimal"}
    assert check(schema) == []
    assert ignored(schema)


PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
READABLE = {
    ("int", "long"), ("int", "float"), ("int", "double"), ("long", "float"), ("long", "double"), ("float", "double"),
    ("string", "bytes"), ("bytes", "string"),
}  # fmt: skip
"""The promotions that "Schema Resolution" lists; all else of two kinds can't be read."""


@pytest.mark.parametrize("writer", PRIMITIVES)
@pytest.mark.parametrize("reader", PRIMITIVES)
def test_promotions_are_those_of_the_specification(writer, reader):
    assert (resolve(writer, reader) == []) == (writer == reader or (writer, reader) in READABLE)


def record(*fields, name="R", **more):
    return {"type": "record", "name": name, "fields": list(fields), **more}


def enum(*symbols, **more):
    return {"type": "enum", "name": "E", "symbols": list(symbols), **more}


A, B = {"name": "a", "type": "int"}, {"name": "b", "type": "string"}
RESOLUTION = {
    "fields are matched by name, in any order": (record(A, B), record(B, A), True),
    "a field of the writer that the reader lacks is ignored": (record(A, B), record(A), True),
    "a field of the reader with a default uses it": (record(A), record(A, B | {"default": ""}), True),
    "a field of the reader without a default is an error": (record(A), record(A, B), False),
    "a field by its alias": (record(A), record({"name": "z", "type": "long", "aliases": ["a"]}), True),
    "a field that is no longer readable": (record(B), record({"name": "b", "type": "int"}), False),
    "records of two names": (record(A), record(A, name="S"), False),
    "a record by its alias": (record(A), record(A, name="S", aliases=["R"]), True),
    "records of one unqualified name": (record(A, name="x.R"), record(A, name="y.R"), True),
    "a symbol that the reader lacks": (enum("X", "Y"), enum("X"), False),
    "a symbol that the reader lacks, with a default": (enum("X", "Y"), enum("X", default="X"), True),
    "more symbols": (enum("X"), enum("X", "Y"), True),
    "fixed of two sizes": ({"type": "fixed", "name": "F", "size": 1}, {"type": "fixed", "name": "F", "size": 2}, False),
    "items are resolved": ({"type": "array", "items": "int"}, {"type": "array", "items": "long"}, True),
    "values are resolved": ({"type": "map", "values": "long"}, {"type": "map", "values": "int"}, False),
    "no union to a union": ("int", ["null", "long"], True),
    "a union to one of its types": (["null", "int"], "int", False),
    "a union of one to its type": (["int"], "long", True),
    "a larger union": (["int"], ["null", "int"], True),
    "a smaller union": (["null", "int"], ["int"], False),
    "a schema that holds itself": (LONG_LIST, LONG_LIST, True),
}  # fmt: skip


@pytest.mark.parametrize("rule", RESOLUTION)
def test_schema_resolution_of_the_specification(rule):
    writer, reader, readable = RESOLUTION[rule]
    assert (resolve(writer, reader) == []) is readable


def test_the_reason_names_the_field():
    (problem,) = resolve(record(A), record(A, B))
    assert "field b" in problem
