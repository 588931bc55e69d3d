"""`assess check`: what holds the gate, what is accepted until when, and what tools read of it."""

import datetime as dt
import gzip
import importlib.util
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator

from assess import intake
from assess.cli.commands import assess
from assess.report.check import FORMATS, CheckedEvidence, check, render
from assess.report.check.audit import append, verify
from assess.report.check.baseline import read
from assess.report.check.result import Accepted, CheckResult

HERE = Path(__file__).parent
SARIF = json.loads(gzip.decompress((HERE / "sarif-2.1.0-rtm.5.json.gz").read_bytes()))
_SPEC = importlib.util.spec_from_file_location("governed", HERE.parents[1] / "evidence/policy/governed.py")
governed = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(governed)
TODAY = dt.date(2026, 10, 1)
DAY = ["--date", "2026-10-01"]


def run(*arguments):
    return CliRunner().invoke(assess, [str(a) for a in arguments])


def checked(folder, **more):
    engagement = intake.load(folder)
    return check(engagement, CheckedEvidence.of(engagement, TODAY), today=TODAY, **more)


@pytest.fixture
def whole(tmp_path):
    return governed.write(tmp_path / "acme")


@pytest.fixture
def gaps(tmp_path):
    """The owner of the integration, and of the system, is not named."""
    integrations = governed.INTEGRATIONS.replace(",Ada,yes", ",,yes")
    return governed.write(
        tmp_path / "gaps", integrations=integrations, systems=governed.SYSTEMS.replace("Ada", "")
    )


def test_where_every_rule_is_met_the_gate_is_open(whole):
    answer = checked(whole)
    assert answer.open, render(answer, "text")
    assert not answer.notes
    assert run("check", whole, *DAY).exit_code == 0


def test_what_is_missing_holds_it_with_file_and_line(gaps):
    answer = checked(gaps)
    owner = next(v for v in answer.violations if v.rule == "policy/integration-owner")
    assert (owner.file, owner.line, owner.severity, owner.state) == ("integrations.csv", 2, "high", "fail")
    found = run("check", gaps, *DAY)
    assert found.exit_code == 1
    assert re.search(r"integrations\.csv:2: high: .*owner.*\[policy/integration-owner\]", found.output)


def lines_of(text):
    return [
        n for n, line in enumerate(text.splitlines()) if ":" in line and not line.startswith("apiVersion")
    ]


@pytest.mark.parametrize("change", ["delete", "rename", "case", "retype"])
def test_no_change_of_a_field_that_a_rule_reads_opens_the_gate(tmp_path, change):
    """Each annotation and each field of the specification in turn, through the files."""
    read = ("health-check", "alerts", "acme/deputy", "lifecycle", "owner", "system:", "$text")
    api = governed.CATALOG[: governed.CATALOG.index("kind: API")].count("\n")
    for n, line in enumerate(governed.CATALOG.splitlines()):
        unread = n > api and "system:" in line  # no rule of this engagement asks for the system of an API
        if not any(word in line for word in read) or "kind: System" in line or unread:
            continue
        lines = governed.CATALOG.splitlines()
        key, _, value = line.partition(":")
        lines[n] = {
            "delete": "",
            "rename": f"{key}x:{value}",
            "case": f"{key[:-1]}{key[-1].upper()}:{value}",
            "retype": f"{key}: [{value.strip()}]",
        }[change]
        folder = governed.write(tmp_path / f"{n}", catalog="\n".join(lines) + "\n")
        assert not checked(folder).open, lines[n]


def test_a_folder_whose_name_is_misspelt_does_not_open_the_gate(whole):
    (whole / "catalog").rename(whole / "catalogue")
    assert "policy/input-supplied" in {v.rule for v in checked(whole).violations}


def test_bad_input_and_bad_rules_are_told_with_the_exit_code_of_bad_input(whole):
    rules = whole / "policies/acme.yaml"
    rules.write_text(rules.read_text().replace("severity: high", "severity: hihg"))
    for command in ("check", "validate"):
        found = run(command, whole)
        assert found.exit_code == 2
        assert "policies/acme.yaml, line 3" in found.stderr and "hihg" in found.stderr
    found = run("check", whole / "nothing")
    assert found.exit_code == 2 and "does not exist" in found.stderr


def test_the_severity_that_fails_is_a_choice(gaps):
    assert checked(gaps, limit="critical").open
    answer = checked(gaps, limit="high")
    assert {v.severity for v in answer.violations} <= {"critical", "high"}
    assert {v.severity for v in answer.notes} <= {"medium", "low", "info"}


def test_sarif_is_valid_against_the_official_schema(gaps, whole):
    known = tuple(
        Accepted(fingerprint=v.fingerprint, reason="later", until=dt.date(2027, 1, 1))
        for v in checked(gaps).violations[:2]
    )
    for answer in (checked(gaps), checked(gaps, known=known), checked(whole)):
        log = json.loads(render(answer, "sarif", "a b/ü/"))
        Draft7Validator(SARIF).validate(log)
        results = log["runs"][0]["results"]
        rules = log["runs"][0]["tool"]["driver"]["rules"]
        assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in results)
        assert sum("suppressions" in r for r in results) == len(answer.accepted)
        for result in results:
            place = result["locations"][0]["physicalLocation"]
            assert place["artifactLocation"]["uri"].startswith("a%20b/%C3%BC/")


def test_fingerprints_survive_lines_inserted_above_and_name_one_violation_each(gaps):
    before = [v.fingerprint for v in checked(gaps).violations]
    assert len(set(before)) == len(before)
    for name, comment in (
        ("catalog/catalog-info.yaml", "# moved\n" * 5),
        ("contracts/orders.yaml", "# moved\n" * 3),
    ):
        path = gaps / name
        path.write_text(comment + path.read_text())
    table = gaps / "integrations.csv"
    head, row = table.read_text().splitlines()
    table.write_text(f"{head}\n\n\n{row}\n")
    assert sorted(v.fingerprint for v in checked(gaps).violations) == sorted(before)


def test_junit_counts_failures_errors_and_what_is_skipped(gaps):
    answer = checked(gaps)
    known = tuple(
        Accepted(fingerprint=v.fingerprint, reason="a\x00b", until=TODAY) for v in answer.violations[:1]
    )
    root = ElementTree.fromstring(render(checked(gaps, known=known), "junit"))
    total = len(answer.violations)
    fails = sum(v.state == "fail" for v in answer.violations[1:])
    assert (root.get("tests"), root.get("skipped")) == (str(total), "1")
    assert (root.get("failures"), root.get("errors")) == (str(fails), str(total - 1 - fails))
    assert len(root.findall(".//failure")) == fails and len(root.findall(".//skipped")) == 1
    assert "a\\x00b" in root.find(".//skipped").get("message")
    for suite in root.findall("testsuite"):
        assert int(suite.get("tests")) == len(suite.findall("testcase"))


def test_hostile_names_stay_data_in_every_form(tmp_path):
    name = "x::error::y\\u001b[2J%<b>"
    catalog = governed.CATALOG.replace("name: books", f'name: "{name}"')
    answer = checked(governed.write(tmp_path / "acme", catalog=catalog))
    assert answer.violations
    for form in FORMATS:
        text = render(answer, form)
        assert "\x1b" not in text
        if form == "github":
            for line in text.splitlines():
                assert re.match(r"::(error|notice) [^:]*::", line)
                assert "<b>" not in line or "%25" in line
    ElementTree.fromstring(render(answer, "junit"))
    json.loads(render(answer, "json"))


def test_github_escapes_as_the_toolkit_of_actions_does():
    """The examples of @actions/core, packages/core/__tests__/command.test.ts (MIT)."""
    from assess.report.check import message, value

    assert (
        message("percent % percent % cr \r cr \r lf \n lf \n")
        == "percent %25 percent %25 cr %0D cr %0D lf %0A lf %0A"
    )
    text = "percent % percent % cr \r cr \r lf \n lf \n colon : colon : comma , comma ,"
    expected = "percent %25 percent %25 cr %0D cr %0D lf %0A lf %0A colon %3A colon %3A comma %2C comma %2C"
    assert value(text) == expected


def test_a_baseline_accepts_until_its_day_and_not_longer(gaps, tmp_path):
    known = tmp_path / "known.yaml"
    told = ["--until", "2026-12-31", "--reason", "owner starts in spring"]
    assert run("check", gaps, *DAY, "--write-baseline", known, *told).exit_code == 0
    assert run("check", gaps, *DAY, "--baseline", known).exit_code == 0
    assert run("check", gaps, "--date", "2026-12-31", "--baseline", known).exit_code == 0
    late = run("check", gaps, "--date", "2027-01-01", "--baseline", known)
    assert late.exit_code == 1 and "expired" in late.output


def test_what_is_new_fails_beside_what_is_accepted_and_what_is_gone_is_told(gaps, tmp_path):
    known = tmp_path / "known.yaml"
    run("check", gaps, *DAY, "--write-baseline", known, "--until", "2026-12-31", "--reason", "r")
    (gaps / "systems.csv").write_text(governed.SYSTEMS)
    catalog = gaps / "catalog/catalog-info.yaml"
    catalog.write_text(catalog.read_text().replace("    acme/deputy: Cleo\n", "", 1))
    found = run("check", gaps, *DAY, "--baseline", known, "--format", "json")
    answer = json.loads(found.stdout)
    assert found.exit_code == 1
    assert {v["rule"] for v in answer["violations"]} == {"policy/acme/second-person"}
    assert {entry["rule"] for entry in answer["unused"]} == {"policy/personal-data-keeper"}


def test_what_was_accepted_earlier_keeps_its_reason_and_day(gaps, tmp_path):
    known = tmp_path / "known.yaml"
    run("check", gaps, *DAY, "--write-baseline", known, "--until", "2026-12-31", "--reason", "first")
    (gaps / "systems.csv").write_text(governed.SYSTEMS.replace("Ben", ""))
    catalog = gaps / "catalog/catalog-info.yaml"
    catalog.write_text(catalog.read_text().replace("    acme/deputy: Cleo\n", "", 1))
    run("check", gaps, *DAY, "--write-baseline", known, "--until", "2027-06-30", "--reason", "second")
    entries = {entry.rule: entry for entry in read(known)}
    assert entries["policy/integration-owner"].reason == "first"
    assert entries["policy/acme/second-person"].until == dt.date(2027, 6, 30)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--until", "2026-12-31"], "--write-baseline"),
        (["--write-baseline", "k.yaml", "--reason", "r"], "--until"),
        (["--write-baseline", "k.yaml", "--until", "2026-12-31"], "--reason"),
        (["--write-baseline", "k.yaml", "--until", "2026-09-30", "--reason", "r"], "2026-09-30"),
        (["--write-baseline", "k.yaml", "--until", "2036-09-30", "--reason", "r"], "2036-09-30"),
        (["--write-baseline", "k.yaml", "--until", "soon", "--reason", "r"], "soon"),
        (["--baseline", "absent.yaml"], "absent.yaml"),
    ],
)
def test_an_acceptance_without_a_reason_or_a_fair_day_is_refused(whole, options, said):
    found = run("check", whole, *DAY, *options)
    assert found.exit_code == 2
    assert said in found.stderr


def test_each_mistake_in_a_baseline_is_told_with_its_line(whole, tmp_path):
    known = tmp_path / "known.yaml"
    known.write_text("accepted:\n- fingerprint: a\n  reasn: r\n  until: 2026-13-01\n- fingerprint: b\n")
    found = run("check", whole, "--baseline", known)
    assert found.exit_code == 2
    for said in ("line 3", "did you mean", "line 4", "2026-13-01", "line 5", "reason", "until"):
        assert said in found.stderr


def log_of(folder, path, times=3):
    answer = checked(folder)
    return [append(path, answer, time=f"2026-10-0{n + 1}T09:00:00", inputs="x") for n in range(times)]


def test_a_log_that_is_as_it_was_written_is_whole(gaps, tmp_path):
    heads = log_of(gaps, tmp_path / "log")
    assert verify(tmp_path / "log") == (3, heads[-1])
    assert run("audit", tmp_path / "log", "--head", heads[1]).exit_code == 0


@pytest.mark.parametrize("harm", ["change", "delete", "swap", "insert", "first", "empty", "junk"])
def test_a_log_that_was_touched_is_broken_and_nothing_is_added(gaps, tmp_path, harm):
    path = tmp_path / "log"
    log_of(gaps, path)
    lines = path.read_text().splitlines()
    lines = {
        "change": [lines[0], lines[1].replace('"passed": false', '"passed": true'), lines[2]],
        "delete": [lines[0], lines[2]],
        "swap": [lines[1], lines[0], lines[2]],
        "insert": [lines[0], lines[0], *lines[1:]],
        "first": lines[1:],
        "empty": [lines[0], "", *lines[1:]],
        "junk": [*lines, "[1]"],
    }[harm]
    path.write_text("\n".join(lines) + "\n")
    before = path.read_bytes()
    assert run("audit", path).exit_code == 1
    assert run("check", gaps, *DAY, "--audit", path).exit_code == 2
    assert path.read_bytes() == before


def test_an_end_that_was_cut_off_is_found_by_the_head_that_was_kept(gaps, tmp_path):
    path = tmp_path / "log"
    heads = log_of(gaps, path)
    path.write_text("\n".join(path.read_text().splitlines()[:2]) + "\n")
    assert run("audit", path).exit_code == 0
    assert run("audit", path, "--head", heads[-1]).exit_code == 1


def test_the_answer_can_be_written_into_a_file_and_for_open_policy_agent(gaps, tmp_path):
    out = tmp_path / "out.json"
    assert run("check", gaps, *DAY, "--format", "json", "-o", out, "--rego", tmp_path / "opa").exit_code == 1
    assert CheckResult.from_json(out.read_text()) == checked(gaps)
    assert "package assess" in (tmp_path / "opa/assess.rego").read_text()
    kinds = {s["kind"] for s in json.loads((tmp_path / "opa/input.json").read_text())["subjects"]}
    assert {"Integration", "Application", "Contract", "API", "Component"} <= kinds
