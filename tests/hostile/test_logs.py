"""Names of files, ids and titles that would command a terminal or a CI server: every form of the gate shows them only."""

import json
import os
import re
import unicodedata
from xml.etree import ElementTree

import pytest

from .conftest import Machine

NAMES = (
    "a\n::error file=x::taken.json",
    "::set-output name=x::taken.json",
    "b\r##vso[task.setvariable variable=x]taken.json",
    "c##[error]taken.json",
    "d\x1b[2J\x1b]0;taken\x07.json",
    "e\u202egnosj.json",
    "f\u2028\u2029\x85g.json",
    "h%0A::error::taken.json",
)
CONTRACT = {"openapi": "3.0.0", "info": {"title": "\n::error::taken\x1b[2J", "version": "1\u202e"}}


@pytest.fixture(scope="module")
def hostile(shared_machine: Machine) -> Machine:
    """An engagement whose files, ids and titles would command whoever shows them."""
    acme = shared_machine.acme
    (acme / "contracts").mkdir()
    for name in NAMES:
        (acme / "contracts" / name).write_text(json.dumps(CONTRACT))
    (acme / "catalog").mkdir()
    entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component\n::error::x",
        "metadata": {"name": "##[error]\x1b"},
    }
    (acme / "catalog" / NAMES[0].replace("json", "yaml")).write_text(json.dumps(entity))
    systems = (acme / "systems.csv").read_text()
    (acme / "systems.csv").write_text(systems + '"x\n::error::taken","red\u202e##[x]",CRM,\n')
    return shared_machine


def obeyed(text: str, *own: str) -> list[str]:
    """Lines that a terminal or a CI server would obey, apart from those that begin like our own commands."""
    found = []
    for line in re.split(r"[\r\n]", text):
        raw = [c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")]
        ours = line.startswith(own or ("\0",))  # then a server looks for no other command in the line
        if raw or (not ours and (line.lstrip().startswith("::") or re.search(r"##\w*\[", line))):
            found.append(line)
    return found


def test_this_test_sees_what_is_obeyed() -> None:
    assert len(obeyed("\n".join(NAMES))) == 7  # the last name holds only the escape of a line end


@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "github"])
def test_no_form_of_the_gate_is_obeyed(hostile: Machine, form: str) -> None:
    done = hostile.run("check", "acme", "--format", form)
    assert done.returncode == 1, done.stderr
    own = ("::error file=", "::notice title=assess", "::notice file=") if form == "github" else ()
    assert obeyed(done.stdout, *own) == [] and obeyed(done.stderr) == []
    if form == "json":
        assert any("taken" in violation["file"] for violation in json.loads(done.stdout)["violations"])
    if form == "junit":
        assert ElementTree.fromstring(done.stdout).tag == "testsuites"
    if form == "sarif":
        assert json.loads(done.stdout)["version"] == "2.1.0"
    if form == "github":
        lines = done.stdout.splitlines()
        assert all(line.startswith(own) for line in lines)
        assert any("file=acme/contracts/a%0A%3A%3Aerror file=x%3A%3Ataken.json" in line for line in lines)
        assert any("h%250A%3A%3Aerror" in line for line in lines)


def test_nor_is_what_validate_says(hostile: Machine) -> None:
    rows = (hostile.acme / "integrations.csv").read_text()
    (hostile.acme / "integrations.csv").write_text(
        rows + '"i\n::error::x","\x1b[2J","::error::\u202e",##[error]\n'
    )
    try:
        done = hostile.run("validate", "acme")
    finally:
        (hostile.acme / "integrations.csv").write_text(rows)
    assert done.returncode == 2 and obeyed(done.stderr) == [] == obeyed(done.stdout)
    strange = hostile.work / "x\n::error::y"
    strange.mkdir()
    done = hostile.run("validate", "x\n::error::y")
    assert obeyed(done.stderr) == [] and done.returncode == 2
    done = hostile.run("x\n::error::y\x1b[2J")
    assert obeyed(done.stderr) == [] and done.returncode == 2


@pytest.mark.skipif(os.name != "posix" or os.uname().sysname == "Darwin", reason="names of bytes")
@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "github"])
def test_a_name_that_is_no_utf8_is_shown(machine: Machine, form: str) -> None:
    folder = os.fsencode(machine.acme / "contracts")
    os.mkdir(folder)
    with open(os.path.join(folder, b"caf\xe9.json"), "w") as file:
        json.dump(CONTRACT, file)
    done = machine.run("check", "acme", "--format", form)
    assert done.returncode == 1, done.stderr
    assert "caf" in done.stdout and obeyed(done.stderr) == []
