"""Folder and workbook say the same: nothing is lost on the way, in either direction."""

import datetime as dt
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess import intake
from assess.core.estimate import Estimate
from assess.intake.assumptions import Assumptions, defaults
from assess.intake.columns import SECTIONS, TABLES, derive_columns
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import ExtractTable
from assess.intake.references import REFERENCES

# what people really paste: every letter of Unicode, quotes, formulas, leading zeros, lines, delimiters
LETTERS = st.characters(
    codec="utf-8",
    exclude_categories=["Cc", "Cs"],
    exclude_characters="\ufffe\uffff\u2028\u2029",
    include_characters="\n\t\x9f",
)
HOSTILE = st.sampled_from(
    ["=cmd|'/c calc'!A1", "@SUM(1)", "+1", "-1", "007", "1e5", "null", "~", "yes", "2026-01-01", "1 / 2", "50 %", "#REF!", "a;b", 'a"b', "a,b",
     "x\ny", "_x0041_", "'quoted", "<b>&amp;</b>", "https://example.com", "\u202eabc", "é", "e\u0301", "😀", "{a: b}", "- a", "# no", "a: b", "&x", "*x", "!x"]
)  # fmt: skip
TEXT = (HOSTILE | st.text(LETTERS, min_size=1, max_size=12)).map(str.strip).filter(bool)
ITEM = TEXT.map(lambda text: text.replace(";", ",")).filter(bool)
IDS = {
    "systems": ["007", "=1+1"],
    "integrations": ["01", "@x"],
    "goals": ["g-1", "Ünï"],
    "value_stream": ["take", "3"],
    "practices": ["own", "=2+2"],
}
FILES = {
    "contracts/orders.yaml": "openapi: 3.1.0\n",
    "extracts/c.csv": "id\n1\n",
    "extracts/ü b.csv": "id\n1\n",
}


def numbers(column):
    low = 0.0 if column.low is None and column.kind == "estimate" else column.low
    if column.kind == "whole number":
        return st.integers(int(low or 0) + column.low_open, int(column.high or 10**9))
    return st.floats(
        -1e12 if low is None else low,
        1e12 if column.high is None else column.high,
        exclude_min=column.low_open,
        exclude_max=column.high_open,
        allow_nan=False,
    )


def estimates(column):
    three = st.lists(numbers(column), min_size=3, max_size=3).map(sorted)
    return three.map(lambda v: Estimate(low=v[0], likely=v[1], high=v[2])) | numbers(column).map(
        Estimate.point
    )


def values(column):
    match column.kind:
        case "text":
            return TEXT
        case "choice":
            return st.sampled_from(column.choices)
        case "list":
            item = st.sampled_from(column.choices) if column.choices else ITEM
            return st.lists(item, unique=True, max_size=3).map(tuple)
        case "yes/no":
            return st.booleans()
        case "estimate":
            return estimates(column)
        case "date":
            return st.dates()
        case "time":
            return st.datetimes() | st.datetimes(timezones=st.just(dt.UTC))
        case "map":
            names = st.sampled_from(column.choices) if column.choices else TEXT
            return st.dictionaries(names, numbers(column.items), max_size=3)
        case _:
            return numbers(column)


def record(draw, cls, fixed):
    """A random record: every column either not stated or random, some fixed by what the tables need."""
    fields = dict(fixed)
    for column in derive_columns(cls):
        if column.field not in fields and (column.required or draw(st.booleans())):
            fields[column.field] = draw(values(column))
    return cls(**fields)


def row(draw, table, number):
    fixed = {}
    for column in table.columns:
        target = next((r for r in REFERENCES if (r.table, r.column) == (table.name, column.name)), None)
        if target and column.kind == "list":
            fixed[column.field] = tuple(draw(st.lists(st.sampled_from(IDS[target.to]), unique=True)))
        elif target:
            ids = IDS[target.to] if column.required else [*IDS[target.to], ""]
            fixed[column.field] = draw(st.sampled_from(ids))
    key = table.key[0]
    fixed[key] = IDS[table.name][number] if table.name in IDS else f"{number:03d}"
    if table.name == "integrations":
        fixed["contract"] = draw(st.sampled_from(["", "contracts/orders.yaml"]))
        fixed["required"] = draw(st.sampled_from([None, True, False]))
        fixed["required_by"] = draw(TEXT) if fixed["required"] else ""
    if table.name == "systems":
        fixed["encoding"] = draw(st.sampled_from(["", "Windows-1252", "ISO 8859-2"]))
        fixed["delimiter"] = draw(st.sampled_from(["", ";", "|", "tab"]))
        location = draw(st.sampled_from([None, "extracts/c.csv", "extracts/ü b.csv"]))
        entity = draw(st.sampled_from(["", "customers", "Größe 1"]))
        fixed["tables"] = (
            (ExtractTable(system=fixed["id"], entity=entity, location=location),) if location else ()
        )
    if table.name == "value_stream":
        # onwards only: a loop that no decision leaves is refused
        onwards = IDS["value_stream"][number + 1 :]
        fixed["next"] = tuple(f"{step}:0.5" for step in fixed["next"] if step in onwards)
    if table.name == "readiness":
        fixed["practice"] = draw(st.sampled_from(PRACTICES))
        fixed["respondent"] = f"{number}"
    if table.name == "risks":
        fixed["loss_low"], fixed["loss_high"] = sorted(draw(st.tuples(st.floats(0, 1e9), st.floats(0, 1e9))))
    if table.name == "quotes":
        fixed |= {"currency": draw(st.sampled_from(["", "USD"])), "date": draw(st.dates())}
    if table.name == "incidents":
        fixed["detected"] = fixed["resolved"] = None
    return record(draw, table.record, fixed)


PRACTICES = ["strategic-alignment/outcomes-mapped", *IDS["practices"]]


@st.composite
def engagements(draw):
    fields = {
        "exchange_rates": draw(st.dictionaries(st.sampled_from(["USD", "GBP"]), st.floats(0.01, 100))),
        "currency": "EUR",
    }
    criteria = st.sampled_from(["volume", "latency", "partner"])
    fields["targets"] = draw(st.dictionaries(st.sampled_from(PRACTICES), st.floats(0, 1)))
    fields["importance"] = draw(st.dictionaries(st.sampled_from(PRACTICES), st.floats(0, 100)))
    fields["weights"] = draw(st.dictionaries(criteria, st.floats(0, 100)))
    for table in TABLES:
        count = len(IDS[table.name]) if table.name in IDS else draw(st.integers(0, 2))
        fields[table.name] = tuple(row(draw, table, n) for n in range(count))
    known = [extract.name for system in fields["systems"] for extract in system.tables]
    fields["link_reviews"] = tuple(
        review.model_copy(
            update={"source": draw(st.sampled_from(known)), "target": draw(st.sampled_from(known)), "source_row": number}
        )
        for number, review in enumerate(fields["link_reviews"] if known else ())
    )  # fmt: skip
    for section, cls in SECTIONS.items():
        fields[section] = record(draw, cls, {})
    day = draw(st.dates())
    overrides = {}
    for key in draw(st.lists(st.sampled_from(sorted(defaults())), max_size=3, unique=True)):
        default = defaults()[key]
        overrides[key] = default.model_copy(
            update={
                "low": default.low,
                "likely": default.low,
                "high": default.high,
                "source": draw(TEXT),
                "date": day,
            }
        )
    fields |= {"folder": Path("x"), "assumptions": Assumptions(overrides=overrides)}
    fields["platform"] = draw(st.sampled_from([(), ("workato",), ("workato", "aws-eventbridge")]))
    fields["time_zone"] = draw(st.sampled_from(["UTC", "Europe/Berlin"]))
    fields["holidays"] = tuple(draw(st.lists(st.dates().map(str), unique=True, max_size=2)))
    return record(draw, Engagement, fields)


def said(engagement, *, units=True):
    """Everything that an engagement says, without where it says so."""

    def without(value):
        if isinstance(value, list):
            return [without(item) for item in value]
        if not isinstance(value, dict):
            return value
        skipped = {"origin", "folder", "files", "notes"}
        if "likely" in value and not isinstance(value["source"], str):
            skipped |= {"source"} if units else {"source", "unit"}
        return {name: without(item) for name, item in value.items() if name not in skipped}

    found = without(json.loads(engagement.to_json()))
    if not units:
        del found["contracts"]
        overrides = engagement.assumptions.overrides
        found["assumptions"] = {k: (a.low, a.likely, a.high, a.source, a.date) for k, a in overrides.items()}
    return found


def beside(folder):
    """Put extracts and contracts where the tables expect them."""
    for name, text in FILES.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Path(folder)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(engagement=engagements())
def test_folder_and_workbook_convert_into_each_other_without_loss(engagement):
    with tempfile.TemporaryDirectory() as root:
        first, second = beside(f"{root}/first"), beside(f"{root}/second")
        from_folder = intake.load(intake.to_folder(engagement, first))
        assert said(from_folder, units=False) == said(engagement, units=False)
        workbook = intake.to_workbook(first, second / "answers.xlsx")
        from_workbook = intake.load(workbook)
        assert said(from_workbook) == said(from_folder)
        assert said(intake.load(intake.to_folder(from_workbook, second))) == said(from_folder)


def test_a_text_that_excel_can_not_hold_is_refused_not_cut(tmp_path):
    engagement = intake.Engagement(folder=tmp_path, client="x" * 40_000, assumptions=Assumptions())
    with pytest.raises(intake.InvalidEngagement) as raised:
        intake.to_workbook(engagement, tmp_path / "a.xlsx")
    assert (raised.value.problems[0].sheet, raised.value.problems[0].row) == ("engagement", 2)
    assert not (tmp_path / "a.xlsx").exists()


def test_nothing_is_overwritten(tmp_path):
    folder = intake.init(tmp_path / "e")
    with pytest.raises(intake.InvalidEngagement) as raised:
        intake.to_folder(folder, folder)
    assert "engagement.yaml" in {problem.file for problem in raised.value.problems}
