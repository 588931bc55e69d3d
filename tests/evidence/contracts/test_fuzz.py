"""Damaged files: nothing raises, and what is called valid is valid for another reader and another validator."""

import datetime as dt
import json
import random
from pathlib import Path

import jsonschema
import pytest
import yaml

from assess.evidence.contracts import compare, document, formats, judge
from assess.evidence.contracts.document import NotAssessable
from assess.evidence.contracts.references import Library

FOLDER = Path("data/samples/lead_to_cash/contracts")
FILES = sorted(FOLDER.iterdir())
SIGNS = b"{}[]:,-#&*!|>'\"%@`\n \t0aZ\xc3\xff\x00$?~<"


def mutated(content, random):
    """Return the bytes with one to four places changed, removed, doubled or moved."""
    data = bytearray(content)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(max(1, len(data)))
        kind = random.randrange(5)
        if kind == 0:
            data[at : at + 1] = bytes([random.choice(SIGNS)])
        elif kind == 1:
            del data[at : at + random.choice((1, 1, 3, 40))]
        elif kind == 2:
            data[at:at] = bytes([random.choice(SIGNS)])
        elif kind == 3:
            data[at:at] = data[at : at + random.choice((5, 60))]
        else:
            lines = data.split(b"\n")
            one, other = random.randrange(len(lines)), random.randrange(len(lines))
            lines[one], lines[other] = lines[other], lines[one]
            data = bytearray(b"\n".join(lines))
    return bytes(data)


def judged(path, content):
    library = Library(FOLDER)
    try:
        found = document.parse(content, path)
    except NotAssessable as problem:
        found = problem
    return judge(library, path, found)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_damage_never_raises_and_is_never_valid_without_being_so(file):
    chance = random.Random(file.name)
    states = set()
    for _ in range(40):
        content = mutated(file.read_bytes(), chance)
        contract = judged(file.name, content)
        states.add(contract.state)
        assert contract.state == "not assessable" or contract.kind != "unknown"
        assert bool(contract.reason) == (contract.state == "not assessable")
        if contract.state == "valid" and contract.kind in ("openapi", "asyncapi"):
            assert_valid_elsewhere(contract, content)
    assert "not assessable" in states


def assert_valid_elsewhere(contract, content):
    """Read by PyYAML's own constructor and judge by the Python validator with the published schema."""
    tree = plain(yaml.load(content, Loader=yaml.CSafeLoader))
    short = ".".join(contract.format_version.split(".")[:2])
    schema = formats.published(f"{contract.kind}-{short}")
    if "$dynamicRef" in json.dumps(schema):
        return  # the dialect is not in the schema itself
    validator = jsonschema.Draft4Validator if contract.kind == "openapi" else jsonschema.Draft7Validator
    errors = list(validator(schema).iter_errors(tree))
    assert errors == []


def plain(value):
    """What JSON has: keys are texts, dates as they are written."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def test_comparing_damaged_files_never_raises(tmp_path):
    chance = random.Random(7)
    for file in FILES[:8]:
        old, new = tmp_path / f"old-{file.name}", tmp_path / f"new-{file.name}"
        old.write_bytes(file.read_bytes())
        for _ in range(10):
            new.write_bytes(mutated(file.read_bytes(), chance))
            found = compare(old, new)
            assert bool(found.reason) == (found.verdict == "not assessable")
