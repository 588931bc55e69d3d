from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES


@pytest.fixture(scope="session")
def ledger() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "lead_to_cash" / "_ledger.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """The extracts of lead_to_cash as text, by file name."""
    folder = SAMPLES / "lead_to_cash" / "extracts"
    return {
        path.name: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted(folder.glob("*.csv"))
    }


@pytest.fixture(scope="session")
def planted(ledger) -> dict[tuple[str, str], set[int]]:
    """Rows of a table and column in which something was planted; a whole row under column ``""``."""
    rows = defaultdict(set)
    for line in ledger.itertuples():
        if line.row:
            rows[line.table, line.column].add(int(line.row))
    return rows


@pytest.fixture(scope="session")
def untouched(tables, planted):
    """The rows of a table in which nothing was planted in these columns."""

    def rows(table: str, *columns: str, copies: bool = True) -> pd.DataFrame:
        touched = set().union(*(planted[table, column] for column in columns))
        if not copies:
            touched |= planted[table, ""]
        return tables[table].drop(index=sorted(touched))

    return rows
