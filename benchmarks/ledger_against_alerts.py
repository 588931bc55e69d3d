"""What is told of the samples' planted defects, beside what the alerts of fg-data-profiling name on the same files.

    python benchmarks/ledger_against_alerts.py

Prints the Markdown table of the README. For assess a planted defect counts as told by the rules of
`sample_ledger`: its very cell, row or column. For fg-data-profiling, which names columns, it counts as told as
soon as an alert of a fitting type (`ALERTS`) names its column, or of duplicates its table, whatever else that
alert covers. Each file is read by `pandas.read_csv` with its own delimiter and encoding, as its users do, and
profiled whole with every alert switched on; correlations are left out, since they name no defect.
"""

from __future__ import annotations

import os
import warnings

os.environ |= {"YDATA_PROFILING_NO_ANALYTICS": "1", "TQDM_DISABLE": "1"}

import pandas as pd
from sample_ledger import SAMPLES, WITH_EXTRACTS, measured

from assess.evidence.quality import open_table

GROUPS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("missing", ("missing",), ("MISSING",)),
    ("missing in disguise (N/A, -, 1900-01-01)", ("disguised-missing",), ("MISSING",)),
    ("dates: other format, impossible, stale", ("date-format", "impossible-date", "stale"), ("TYPE_DATE", "UNSUPPORTED")),
    ("numbers: decimal sign, unit, scale, outlier", ("number-format", "unit-in-value", "scale", "outlier", "out-of-range"),
     ("SKEWED", "INFINITE", "UNSUPPORTED", "ZEROS")),
    ("codes: lost zeros, other form", ("leading-zero-lost", "format"), ("CONSTANT_LENGTH", "DIRTY_CATEGORY", "UNSUPPORTED")),
    ("texts: typing errors, case, spaces, encoding", ("typo", "case", "whitespace", "mojibake"), ("DIRTY_CATEGORY",)),
    ("words foreign to the list", ("vocabulary", "out-of-vocabulary"), ("DIRTY_CATEGORY", "IMBALANCE")),
    ("check digits and addresses", ("invalid-email", "invalid-iban", "invalid-vat", "invalid-ean", "invalid-phone"), ()),
    ("contradictions in a row", ("dependency", "sum-mismatch", "end-before-start"), ()),
    ("duplicates", ("duplicate-exact", "duplicate-formatting", "duplicate-fuzzy"), ("DUPLICATES", "NEAR_DUPLICATES")),
    ("between systems: orphans, one side only, disagreement", ("orphan", "one-side-only", "disagreement"), ()),
    ("definitions that differ between systems", ("definition",), ()),
)  # fmt: skip
"""Rows of the table: planted kinds, and the types of alerts that fit them."""


def alerts(sample: str) -> dict[str, set[tuple[str, str]]]:
    """By table the types of alerts and the columns they name (``""`` the whole table)."""
    from data_profiling import ProfileReport

    found = {}
    for path in sorted((SAMPLES / sample / "extracts").glob("*.csv")):
        reading = open_table(path).reading
        frame = pd.read_csv(path, sep=reading.delimiter, encoding=reading.encoding, low_memory=False)
        report = ProfileReport(
            frame,
            minimal=True,
            progress_bar=False,
            duplicates={"head": 10},
            vars={"cat": {"dirty_categories": True}},
        )
        name = path.stem.replace("_", ".", 1)
        found[name] = {
            (alert.alert_type.name, "" if "DUPLICATES" in alert.alert_type.name else str(alert.column_name))
            for alert in report.get_description().alerts
        }
    return found


def told(ledger: pd.DataFrame, named: dict[str, set[tuple[str, str]]]) -> list[bool]:
    """Whether an alert names each line of a ledger."""
    fitting = {kind: types for _, kinds, types in GROUPS for kind in kinds}
    made = []
    for line in ledger.itertuples():
        types = () if line.row == "" else fitting[line.kind]
        column = "" if line.column == "" else line.column
        made.append(any((kind, column) in named[line.table] for kind in types))
    return made


def main() -> None:
    warnings.simplefilter("ignore")
    parts, cells = [], []
    for sample in WITH_EXTRACTS:
        ledger, mine = measured(sample)
        parts.append(ledger.assign(alerts=told(ledger, alerts(sample))))
        cells.append(mine)
    ledger, every = pd.concat(parts), pd.concat(cells)
    group = ledger["kind"].where(ledger["row"] != "", "definition")
    print("| planted in the samples | | assess | fg-data-profiling |\n| --- | --- | --- | --- |")
    for title, kinds, _ in GROUPS:
        some = ledger[group.isin(kinds)]
        print(f"| {title} | {len(some):,} | {some.found.mean():.0%} | {some.alerts.mean():.0%} |")
    print(f"| **all** | {len(ledger):,} | **{ledger.found.mean():.1%}** | **{ledger.alerts.mean():.1%}** |")
    print(
        f"\nOf the {len(every):,} cells that assess tells, {every.right.mean():.1%} were planted or contradict a planted one."
    )


if __name__ == "__main__":
    main()
