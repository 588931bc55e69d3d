"""What people call a style, an interface or an interaction, what a contract agrees in words, and what reuse saves."""

import pytest

from assess.decisions.cost.parameters import style_today
from assess.decisions.roadmap.findings import reuse
from assess.decisions.roadmap.result import PlanItem
from assess.evidence.contracts.levels import _OPEN
from assess.intake.columns import TABLES
from assess.intake.typed import CALLED, reword

COLUMNS = {f"{table.name}.{column.name}": column for table in TABLES for column in table.columns}


@pytest.mark.parametrize(
    ("column", "typed", "read"),
    [
        ("integrations.style_today", "SFTP", "file-exchange"),
        ("integrations.style_today", "Managed File Transfer", "file-exchange"),
        ("integrations.style_today", "EDI", "file-exchange"),
        ("integrations.style_today", "Enterprise Service Bus", "esb"),
        ("integrations.interaction", "ETL", "bulk"),
        ("integrations.interaction", "CDC", "notify-many"),
        ("integrations.interaction", "pub/sub", "notify-many"),
        ("systems.interfaces", "EDI; CDC", "file; events"),
        ("integrations.style_today", "middleware", ""),
        ("integrations.style_today", "spreadsheet", ""),
    ],
)
def test_a_word_is_read_where_it_means_one_thing(column, typed, read):
    assert reword(typed, COLUMNS[column]) == read


def test_a_word_means_at_most_one_choice_of_a_column():
    for column in COLUMNS.values():
        for word, meant in CALLED.items():
            assert sum(id in column.choices for id in meant) <= 1, (column.name, word)


@pytest.mark.parametrize("text", ["to be agreed", "TBD", "?", "tbc.", "open", ""])
def test_what_is_open_agrees_nothing(text):
    assert _OPEN.fullmatch(text)


@pytest.mark.parametrize("text", ["at least once", "OAuth 2 client credentials", "by order number"])
def test_what_is_agreed_counts(text):
    assert not _OPEN.fullmatch(text)


def test_a_service_bus_is_code_that_the_team_hosts(sample):
    row = sample("minimal").stated.integrations[0]
    assert style_today(row.model_copy(update={"style_today": "esb"})) == "api-first"


def built(id, style, days):
    return PlanItem(
        id=id, label=id, kind="integration", style=style, owner="", days=days, start=0, end=1, late=(None,) * 4, by_team=True, after=(),
        delay_cost=0, priority=0, critical=False,
    )  # fmt: skip


def test_reuse_saves_what_the_learning_curve_says(sample):
    """At .88 the second of a style takes .88 of the first, the fourth .88 squared (Wright 1936); another style begins anew."""
    engagement = sample("minimal").stated
    assert engagement.assumptions["build.learning_rate"].likely == 0.88
    items = [built("a", "ipaas", 10), built("b", "ipaas", 10), built("c", "api-first", 10)]
    assert reuse(engagement, items).likely == pytest.approx(10 * (1 - 0.88))
    four = [built(str(number), "ipaas", 0 if number < 3 else 10) for number in range(4)]
    assert reuse(engagement, four).likely == pytest.approx(10 * (1 - 0.88**2))
    assert reuse(engagement, []) is None
