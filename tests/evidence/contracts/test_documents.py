"""Reading: every file becomes plain data with lines, or a reason; never an exception, never a guess."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.evidence.contracts import document
from assess.evidence.contracts.document import NotAssessable, parse

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        (b"openapi: 3.0.0\0", "NUL"),
        ("title: Größe".encode("latin-1"), "UTF-8"),
        (b"\xff\xfeo\x00", "NUL"),
        (b"a: [1, 2", "YAML"),
        (b"a: !!python/object/apply:os.system [ls]", "tag"),
        (b"a: !include other.yaml", "tag"),
        (b"a: .nan", "JSON"),
        (b"a: &x [*x]", "alias"),
        (b"a: *nowhere", "alias"),
        (b"? [a, b]\n: 1", "key"),
        (b"a: 1\n---\nb: 2", "several"),
        (b"[" * 100_000, "deep"),
        (b"a:\n" + b"".join(b" " * i + b"- \n" for i in range(1, 400)), "deep"),
        (BOMB.encode(), "aliases"),
    ],
)
def test_what_is_no_contract_has_a_reason(content, word):
    with pytest.raises(NotAssessable, match=word):
        parse(content, "contracts/a.yaml")


@pytest.mark.parametrize(
    ("content", "word", "line"),
    [
        (b'{"a": 1,\n "b": }', "Expecting", 2),
        (b'{"a": NaN}', "Expecting", 1),
        (b'{"a": 1}\n x', "Extra", 2),
        (b'{"a": 1e999}', "large", None),
        (b'{"a":' * 200, "deep", 1),
        (b'{"a": "x\ty"}', "control", 1),
    ],
)
def test_bad_json_has_a_reason_and_a_line(content, word, line):
    with pytest.raises(NotAssessable, match=word) as caught:
        parse(content, "contracts/a.json")
    assert caught.value.line == line


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    file = tmp_path / "a.yaml"
    with file.open("wb") as out:
        out.truncate(document.MAX_BYTES + 1)
    with pytest.raises(NotAssessable, match="larger"):
        document.read(file, "a.yaml")


def test_keys_that_are_written_twice_are_told_with_their_line():
    for content, path in ((b"a: 1\nb: 2\na: 3\n", "x.yaml"), (b'{"a": 1,\n"b": 2,\n"a": 3}', "x.json")):
        (remark,) = parse(content, path).remarks
        assert (remark.rule, remark.pointer, remark.line) == ("duplicate-key", ("a",), 3)


def test_numbers_as_keys_become_text_and_are_told():
    found = parse(b"responses:\n  200: {description: Fine}\n  true: 1", "x.yaml")
    assert list(found.tree["responses"]) == ["200", "true"]
    assert [(r.rule, r.line) for r in found.remarks] == [("unquoted-key", 2), ("unquoted-key", 3)]


def test_yaml_1_2_core_schema_chapter_10_3_2():
    """The examples of the specification's table: what 1.1 calls no, on, 010 and dates stay what they look like."""
    text = (
        "a: [null, ~, true, 0o7, 0x3A, -19, 0., -0.0, .5, +12e03, -2E+05, no, on, 2001-12-14, '12', !!str 12]"
    )
    assert parse(text.encode(), "x.yaml").tree["a"] == [
        None, None, True, 7, 58, -19, 0.0, -0.0, 0.5, 12000.0, -200000.0, "no", "on", "2001-12-14", "12", "12",
    ]  # fmt: skip


def test_merge_keys_and_aliases_are_written_out():
    found = parse(b"base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\nagain: *b", "x.yaml").tree
    assert found == {"base": {"x": 1, "y": 2}, "use": {"y": 3, "x": 1}, "again": {"x": 1, "y": 2}}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(deadline=None, derandomize=True)
@given(JSON)
def test_json_is_read_as_the_standard_library_reads_it(value):
    wrapped = {"value": value}
    for indent in (None, 2):
        text = json.dumps(wrapped, indent=indent, ensure_ascii=False)
        assert parse(text.encode(), "x.json").tree == json.loads(text)


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value if isinstance(value, list) else [*value, *value.values()]:
            yield from texts(item)


@settings(deadline=None, derandomize=True)
@given(
    JSON.filter(
        lambda value: all(not text or text.strip("-+")[:1] not in "0123456789.<" for text in texts(value))
    )
)
def test_yaml_is_read_as_it_was_written(value):
    """Texts that look like numbers of YAML 1.2 and not of 1.1 (0o7, 1e3) are written without quotes by PyYAML."""
    wrapped = {"value": value}
    text = yaml.safe_dump(wrapped, allow_unicode=True)
    assert parse(text.encode(), "x.yaml").tree == yaml.safe_load(text)


def _lines_agree(found, node, pointer, text):
    entries = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in entries:
        line = text.splitlines()[found.line((*pointer, key)) - 1]
        if isinstance(node, dict):
            assert f'"{key}":' in line
        if isinstance(value, dict | list):
            _lines_agree(found, value, (*pointer, key), text)
        elif isinstance(value, int):
            assert str(value) in line


@settings(deadline=None, derandomize=True)
@given(st.recursive(st.integers(0, 9**9), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcde"), inner, max_size=3), max_leaves=12))  # fmt: skip
def test_lines_are_the_lines_of_the_text(value):
    text = json.dumps({"value": value}, indent=1)
    for name in ("x.json", "x.yaml"):
        found = parse(text.encode(), name)
        _lines_agree(found, found.tree, (), text)
