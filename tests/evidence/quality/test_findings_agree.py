"""Every finding agrees with its own table: its count, the numbers of its sentence and the rows its check lists are computed again."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from assess.evidence import quality

SAMPLES = Path(__file__).parents[3] / "data/samples"
TOWNS = {f"{10115 + 731 * k}": town for k, town in enumerate(
    ["Bonn", "Graz", "Lyon", "Turin", "Porto", "Basel", "Gent", "Malmo", "Brno", "Poznan", "Gdansk", "Leiden", "Vigo", "Trento", "Linz", "Essen"]
)}  # fmt: skip
FIRST = ["Anna", "Ben", "Clara", "David", "Eva", "Felix", "Greta", "Hugo", "Ines", "Jonas"]
LAST = [
    "Meyer",
    "Rossi",
    "Novak",
    "Huber",
    "Lang",
    "Keller",
    "Brandt",
    "Silva",
    "Dubois",
    "Jansen",
    "Kowalski",
    "Nowak",
]
GAPS = ["", "N/A", "unknown", "-"]
COUNTED = re.compile(r"(?:^|: )(?:about )?([\d,]+) (?:cells|rows?)\b")
SHARE = re.compile(r"\(([\d.]+%)\)")
OVER = re.compile(r"Compared over \d+ columns: ([^.]*)\.")
OF_ALL = re.compile(r"of its ([\d,]+) rows")


def number(text):
    return int(text.replace(",", ""))


def made(seed):
    """A table of 60 to 160 rows with three to seven of the defects below."""
    rng = random.Random(seed)
    rows = rng.randint(60, 160)
    zips = [rng.choice(sorted(TOWNS)) for _ in range(rows)]
    frame = pd.DataFrame({
        "no": [f"K{20000 + 37 * n}" for n in range(rows)],
        "name": [f"{rng.choice(FIRST)} {rng.choice(LAST)}" for _ in range(rows)],
        "zip": zips, "town": [TOWNS[z] for z in zips],
        "since": [f"20{rng.randint(10, 23)}-{rng.randint(1, 12):02d}-{rng.randint(13, 28)}" for _ in range(rows)],
        "state": [rng.choice(["open", "paid", "sent"]) for _ in range(rows)],
        "amount": [f"{rng.lognormvariate(4, 0.6):.2f}" for _ in range(rows)],
        "mail": [f"{rng.choice(LAST).lower()}{n}@example.org" for n in range(rows)],
    }, dtype=object)  # fmt: skip

    def change(column, few, to):
        for n in rng.sample(range(rows), few):
            frame.loc[n, column] = to(frame.loc[n, column])

    defects = {
        "gaps": lambda: change("name", 4, lambda _: rng.choice(GAPS)),
        "blank": lambda: change("state", 9, lambda _: ""),
        "typos": lambda: change("town", 3, lambda t: t[:2] + t[3] + t[2] + t[4:]),
        "spaces": lambda: change("state", 3, lambda t: f"{t} "),
        "case": lambda: change("state", 2, str.upper),
        "dates": lambda: change("since", 8, lambda d: f"{d[8:]}.{d[5:7]}.{d[:4]}"),
        "far": lambda: change("amount", 2, lambda a: f"{float(a) * 100_000:.2f}"),
        "units": lambda: change("amount", 3, lambda a: f"{a} EUR"),
        "mails": lambda: change("mail", 2, lambda m: m.replace("@", " at ")),
        "key": lambda: change("no", 2, lambda _: frame.loc[0, "no"]),
        "no key": lambda: change("no", 2, lambda _: ""),
        "broken": lambda: change("name", 2, lambda _: "MÃ¼ller"),
        "other town": lambda: change("town", 2, lambda _: "Ulm"),
        "empty": lambda: frame.insert(3, "fax", ""),
        "numbers": lambda: change("amount", 20, lambda a: a.replace(".", ",")),
        "zeros": lambda: change("zip", 12, lambda z: f"0{z[1:]}"),
    }  # fmt: skip
    chosen = rng.sample(sorted(defects), rng.randint(3, 7))
    for name, defect in defects.items():
        if name in chosen:
            defect()
    if rng.random() < 0.4:
        frame = frame.drop(columns=["no", "mail"])
        frame = pd.concat([frame, frame.iloc[rng.sample(range(rows), rng.randint(1, 5))]], ignore_index=True)
    if rng.random() < 0.1:
        frame = pd.concat([frame, pd.DataFrame([dict(zip(frame, frame, strict=True))])], ignore_index=True)
    return frame


def again(finding, frame):
    """Count once more, by pandas and from the meaning of the finding, where that is one statement."""
    texts = frame.fillna("").astype(str)
    if finding.check == "duplicates":
        compared = OVER.search(finding.evidence)
        return int(texts[compared[1].split(", ") if compared else [*texts]].duplicated().sum())
    if finding.check == "empty column":
        return int(texts[finding.column].str.strip().eq("").sum())
    if finding.check == "broken key":
        held = texts[finding.column]
        gone = held.str.strip().eq("")
        return int((held.duplicated(keep=False) & ~gone).sum() + gone.sum())
    return None


def contradictions(finding, frame):
    """What a finding says that its table does not."""
    found = []
    told = COUNTED.search(finding.title)
    if told and number(told[1]) != finding.rows:
        found.append(f"says {told[1]}, counts {finding.rows}")
    if (share := SHARE.search(finding.title)) and share[1] != f"{finding.rows / len(frame):.1%}":
        found.append(f"says {share[1]}, is {finding.rows / len(frame):.1%}")
    if (every := OF_ALL.search(finding.title)) and number(every[1]) != len(frame):
        found.append(f"says of {every[1]}, has {len(frame)}")
    if finding.check_sql:
        with duckdb.connect() as engine:
            listed = engine.execute(finding.check_sql).fetchdf()
        rows = listed["row"].nunique() if "row" in listed else len(listed)
        if rows != finding.rows:
            found.append(f"counts {finding.rows}, its check lists {rows}")
    if (counted := again(finding, frame)) is not None and counted != finding.rows:
        found.append(f"counts {finding.rows}, there are {counted}")
    return [f"{finding.id}: {finding.title}: {what}" for what in found]


def profiled(path, frame):
    """The findings of a table of the working folder, whose repairs lie beside it as the package has them."""
    frame.to_csv(path, index=False)
    found = quality.profile(path, clear=True)
    found.repairs.to_csv(path.replace(".csv", ".repairs.csv"), index=False)
    return found.findings


def untold_gaps(findings, frame):
    """Columns of which two findings together do not tell every gap once."""
    told = {(f.column, f.check): f.rows for f in findings}
    for column in frame:
        if (column, "incomplete") in told:
            gaps = int(frame[column].str.strip().isin(GAPS).sum())
            if told[column, "incomplete"] + told.get((column, "missing"), 0) != gaps:
                yield f"{column}: {gaps} gaps, {told}"


def all_contradictions(seeds):
    wrong, kinds = [], Counter()
    for seed in seeds:
        frame = made(seed)
        findings = profiled(f"t{seed}.csv", frame)
        kinds.update(finding.check for finding in findings)
        wrong += [text for finding in findings for text in contradictions(finding, frame)]
        wrong += untold_gaps(findings, frame)
    return wrong, kinds


def test_findings_on_six_tables_agree_with_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong, kinds = all_contradictions(range(6))
    assert wrong == [] and len(kinds) >= 10


@pytest.mark.slow
def test_findings_on_two_hundred_tables_agree_with_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong, kinds = all_contradictions(range(100, 300))
    assert wrong == []
    assert set(kinds) >= {
        "missing", "incomplete", "empty column", "encoding", "unit", "date formats", "validity", "variant", "spelling", "outlier",
        "dependency", "broken key", "duplicates", "mixture",
    }  # fmt: skip


@pytest.mark.slow
def test_findings_on_the_samples_agree_with_their_extracts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong, tables = [], 0
    for path in sorted(SAMPLES.glob("*/extracts/*.csv")):
        frame = quality.open_table(path).frame
        for finding in profiled(path.name, frame):
            wrong += contradictions(finding, frame)
        tables += 1
    assert wrong == [] and tables > 5
