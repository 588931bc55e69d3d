"""The columns say what the records allow."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from assess.intake.columns import TABLES, derive_columns
from assess.intake.engagement import ProcessStep, RiskRow, Team
from assess.intake.engagement.landscape import Integration, System

EVERY = [(table.record, column) for table in TABLES for column in table.columns]


@pytest.mark.parametrize(
    ("record", "column"), EVERY, ids=lambda x: getattr(x, "name", getattr(x, "__name__", ""))
)
def test_limits_of_a_column_are_those_of_the_record(record, column):
    numbers = {"number", "share", "whole number"}
    if column.kind not in numbers:
        return
    for limit, beyond in ((column.low, -1), (column.high, 1)):
        if limit is not None:
            assert column.within(limit) or column.low_open
            assert not column.within(limit + beyond)
            with pytest.raises(ValidationError, match=column.field):
                record(**{column.field: limit + beyond})


@pytest.mark.parametrize(
    ("record", "name", "kind"),
    [
        (Integration, "goals", "list"),
        (Integration, "volume", "estimate"),
        (Integration, "growth", "share"),
        (Integration, "consumers", "whole number"),
        (Integration, "partner", "yes/no"),
        (ProcessStep, "data", "text"),
        (System, "data", "data"),
        (System, "interfaces", "list"),
        (RiskRow, "integrations", "list"),
        (Team, "focus", "share"),
        (Team, "skills", "map"),
    ],
)
def test_the_kind_of_a_column_follows_from_its_annotation(record, name, kind):
    assert next(column.kind for column in derive_columns(record) if column.name == name) == kind


def test_loading_needs_no_heavy_library():
    code = "import sys, assess.intake; print([m for m in ('pandas', 'numpy', 'duckdb', 'openpyxl', 'xlsxwriter') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
