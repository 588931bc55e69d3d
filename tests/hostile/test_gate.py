"""`assess check` on a stranger's files: it ends, its output holds no line and no sign of theirs."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from assess import intake

BOMB = "a: &a {k: x}\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(9)
)
MERGE = "a0: &a0 {k: 1}\n" + "".join(
    f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}\n" for i in range(1, 9)
)
YAML = {
    "code": "x: !!python/object/apply:os.system ['touch {flag}']\n",
    "new object": "!!python/object/new:subprocess.Popen [[touch, {flag}]]\n",
    "laughs": BOMB.replace("{", "{{").replace("}", "}}"),
    "merges": MERGE.replace("{", "{{").replace("}", "}}"),
    "depth": "[" * 100_000,
    "base 60": "x: 1" + ":59" * 100_000 + "\n",
}


def test_yaml_executes_nothing_and_stays_small(machine):
    """In each place where an engagement holds YAML; in place of the settings it is refused."""
    for number, text in enumerate(YAML.values()):
        for place in ("policies/p", "catalog/c", "contracts/c"):
            path = machine.acme / f"{place}{number}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.format(flag=machine.flag))
    assert machine.run("check", "acme", seconds=60).returncode in (1, 2)
    for number in range(len(YAML)):
        (machine.acme / "policies" / f"p{number}.yaml").unlink()  # what is wrong with a rule stops the check
    assert machine.run("check", "acme", seconds=60).returncode == 1
    for text in YAML.values():
        (machine.acme / "engagement.yaml").write_text(text.format(flag=machine.flag))
        assert any(problem.file == "engagement.yaml" for problem in intake.validate(machine.acme))
    assert not machine.flag.exists()


PATTERNS = [
    "(?:a|a)*c", "^(a+)+$", "(a|aa)+$", "(.*)*!", "(a*)*b", "(?=(a+)+$)a", r"(a+)+\1", "(?:(?:a|a)*)*c", "(a?){60}a{60}",
    "a{1,30000}", "(" * 500 + "a" + ")" * 500, "x*" * 500 + "y",
]  # fmt: skip


def test_no_regular_expression_of_a_client_runs_away(machine):
    """As own rules against a name of 40 letters, and as patterns of a schema with examples. What is refused is left out then."""
    (machine.acme / "systems.csv").write_text(f"id,name,kind\ncrm,{'a' * 40},CRM\nerp,{'a' * 40}!,ERP\n")
    (machine.acme / "policies").mkdir()
    (machine.acme / "contracts").mkdir()
    rules = {}
    for number, pattern in enumerate(PATTERNS):
        rules[number] = {
            "id": f"x/p{number}", "title": "T", "severity": "high", "rationale": "r", "fix": "f",
            "applies_to": {"kind": "Application"}, "check": {"name": {"matches": pattern}},
        }  # fmt: skip
        schema = {
            "type": "string",
            "pattern": pattern,
            "examples": ["a" * 40 + "!"],
            "default": "a" * 40 + "!",
        }
        api = {
            "openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {},
            "components": {"schemas": {"X": schema}},
        }  # fmt: skip
        (machine.acme / "contracts" / f"c{number}.yaml").write_text(json.dumps(api))
        (machine.acme / "policies" / f"p{number}.yaml").write_text(json.dumps({"rules": [rules[number]]}))
    done = machine.run("check", "acme", seconds=30)
    refused = {int(number) for number in re.findall(r"policies/p(\d+)\.yaml", done.stderr)}
    for number in refused:
        (machine.acme / "policies" / f"p{number}.yaml").unlink()
    assert len(refused) < len(PATTERNS), "a linear engine takes most of them"
    assert machine.run("check", "acme", seconds=30).returncode in (0, 1)


EVIL = "x\n::error::CANARY\r::warning::y]]>\u0085\u2028::error::z\x1b]0;title\x07\u202e"


@pytest.fixture
def gate(machine):
    """A contract, a catalog and own rules whose names are commands of a pipeline and signs of a terminal."""
    for name in ("contracts", "policies", "catalog"):
        (machine.acme / name).mkdir()
    (machine.acme / "contracts" / "a\n::error file=x::CANARY\n.yaml").write_text("openapi: 3.1.0\ninfo: {}\n")
    entity = {
        "apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": EVIL, "title": EVIL},
        "spec": {"type": EVIL, "owner": EVIL, "lifecycle": EVIL},
    }  # fmt: skip
    rules = [
        {
            "id": f"x/{number}", "title": EVIL, "severity": "high", "rationale": EVIL, "fix": EVIL,
            "applies_to": {"kind": kind}, "required": ["spec.lifecycle", "metadata.annotations.acme/" + EVIL],
        }
        for number, kind in enumerate(("Application", "Component"))
    ]  # fmt: skip
    (machine.acme / "catalog" / "c.yaml").write_text(json.dumps(entity))
    (machine.acme / "policies" / "p.yaml").write_text(json.dumps({"rules": rules[:1]}))
    return machine


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_no_text_of_a_client_is_a_line_or_a_sign_of_the_output(gate, form):
    done = gate.run("check", "acme", "--format", form)
    assert done.returncode in (1, 2)
    said = done.stdout + done.stderr
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", said)
    for line in re.split("[\n\r\x85\u2028\u2029]", said):
        assert not line.startswith("::") or (
            form == "github" and line.startswith(("::error file=", "::warning file="))
        )
        assert not re.match("::error file=x::", line)
    if form == "junit" and done.stdout:
        ET.fromstring(done.stdout)
    if form in ("json", "sarif") and done.stdout:
        json.loads(done.stdout)
