"""What was planted in the samples is told, and little else: the promise of the README."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).parents[2] / "benchmarks/sample_ledger.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("sample_ledger", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def measured(script) -> tuple[pd.DataFrame, pd.DataFrame]:
    parts = [script.measured(sample) for sample in script.WITH_EXTRACTS]
    ledger, cells = (pd.concat(some, ignore_index=True) for some in zip(*parts, strict=True))
    return ledger, cells


def test_nineteen_in_twenty_planted_defects_are_told(measured):
    ledger, _ = measured
    assert len(ledger) > 5_000
    assert ledger.found.mean() >= 0.95


def test_every_kind_of_planted_defect_is_told(script, measured):
    kinds = script.by_kind(measured[0])
    assert len(kinds) > 35
    assert not kinds[kinds.found == 0].index.tolist()


def test_nine_in_ten_cells_told_are_wrong(measured):
    _, cells = measured
    assert cells.right.mean() >= 0.9


def test_nothing_is_found_where_nothing_is_told(script):
    told = script.Told()
    line = pd.Series({"table": "erp.items", "row": "3", "column": "ITNBR", "kind": "typo"})
    assert not script._found(line, told, {"erp.items": ["ITNBR"]})
    told.cells["erp.items", 3, "ITNBR"].add("spelling")
    assert script._found(line, told, {"erp.items": ["ITNBR"]})
    told.cells["erp.items", 4, "ITNBR"].add("spelling")
    ledger = pd.DataFrame([line])
    assert [right for *_, right in script._cells(told, ledger)] == [True, False]
