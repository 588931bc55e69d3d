"""The table of the article's concepts counts right, and everything that it names exists."""

import re
from pathlib import Path

import pytest

from assess.cli.commands import assess
from assess.decisions.readiness.checklist import checklist
from assess.evidence.operations.metrics import find_metrics
from assess.evidence.policy.reading import built_in
from assess.intake.columns import SECTIONS, TABLES
from assess.report.chapters.operations.tables import business
from assess.report.export import FORMATS

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "article.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (works|partly|absent) \| (.+) \|$", PAGE, re.M)
NAMED = sorted({name for *_, where in ROWS for name in re.findall(r"`([a-z]+ [^`]+)`", where)})


def anchors(page):
    """Anchors of a page's headings, as GitHub makes them."""
    for heading in re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_counts_are_those_of_the_rows():
    assert [int(number) for number, *_ in ROWS] == list(range(1, len(ROWS) + 1))
    names = [name for _, name, *_ in ROWS]
    assert len(set(names)) == len(names)
    states = [state for _, _, state, _ in ROWS]
    said = re.search(r"\*\*(\d+): (\d+) work, (\d+) partly, none is\s+absent\*\*", PAGE)
    assert [int(n) for n in said.groups()] == [len(ROWS), states.count("works"), states.count("partly")]
    assert "absent" not in states


def test_every_row_leads_somewhere():
    assert not [name for _, name, _, where in ROWS if not re.search(r"\]\(|`[a-z]+ [^`]+`", where)]


def test_every_link_leads_to_a_heading():
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        file, _, anchor = target.partition("#")
        page = DOCS / file
        assert page.is_file(), target
        assert not anchor or anchor in set(anchors(page)), target


@pytest.fixture(scope="module")
def known(sample):
    """What the program knows, by kind of name."""
    lead = sample("lead_to_cash")
    answers = (
        lead.decision, lead.cost, lead.roadmap, lead.risk, lead.readiness, lead.operations, lead.catalog, lead.quality, lead.value_stream,
    )  # fmt: skip
    metrics = (*find_metrics(lead.stated, lead.operations), *business(lead))
    return {
        "column": {f"{table.name}.{column.name}" for table in TABLES for column in table.columns},
        "key": {f"{section}.{column}" for section in SECTIONS for column in type(getattr(lead.stated, section)).model_fields},
        "practice": {practice.id for practice in checklist().practices},
        "rule": {rule.id for rule in built_in()},
        "default": set(lead.stated.assumptions.keys()),
        "fact": {fact.id for answer in answers for fact in answer.facts},
        "metric": {metric.id for metric in metrics},
        "export": set(FORMATS),
        "command": set(assess.commands)
        | {f"{name} {option}" for name, command in assess.commands.items() for param in command.params for option in param.opts},
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_what_a_row_names_exists(name, known):
    kind, _, rest = name.partition(" ")
    assert rest in known[kind], name
