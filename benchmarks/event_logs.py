"""What is measured of published event logs, beside figures that pandas computes in another way.

The logs are public and no part of this repository: BPI Challenge 2012 and 2013 (van Dongen 2012; Steeman 2013), the receipt phase of a
building permit (Buijs 2014), repairExample and running-example of the ProM tutorials, as they are published (.xes.gz, .xes, .csv).
Activity logs: passes and work of each activity by pairing each completion with the oldest open start of its case, cases that
come back to an activity, lead times from the first to the last event. State logs: time until the first resolution.
Every figure is printed twice; the exit code is 1 if one differs.

    python benchmarks/event_logs.py FOLDER
"""

from __future__ import annotations

import argparse
import gzip
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from assess.evidence.value_stream import WorkingCalendar, event_log
from assess.evidence.value_stream.log_measures import measure

ALWAYS = WorkingCalendar(opens=0, minutes_per_day=1440, days_per_week=7, zone="UTC")
"""Every minute is worked: times are elapsed times."""
NAMES = {
    "case:concept:name": "case",
    "case_id": "case",
    "activity": "concept:name",
    "timestamp": "time:timestamp",
}

Figures = dict[str, float]


def xes(path: Path) -> Iterator[dict[str, str | None]]:
    """Yield the events of an XES file by the parser of the standard library."""
    rows: list[dict[str, str | None]] = []
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        for _, element in ET.iterparse(stream):
            tag = element.tag.rpartition("}")[2]
            if tag == "event":
                rows.append({str(child.get("key")): child.get("value") for child in element})
            elif tag == "trace":
                (case,) = [c.get("value") for c in element if c.get("key") == "concept:name"]
                yield from ({**row, "case": case} for row in rows)
                rows = []
                element.clear()


def frame_of(path: Path) -> pd.DataFrame:
    """Return the events of a log in the order of case and time."""
    frame = (
        pd.read_csv(path, dtype=str).rename(columns=NAMES)
        if path.suffix == ".csv"
        else pd.DataFrame(xes(path))
    )
    frame["at"] = pd.to_datetime(frame["time:timestamp"], utc=True, format="ISO8601")
    return frame.sort_values(["case", "at"], kind="stable").reset_index(drop=True)


def of_activities(frame: pd.DataFrame) -> Figures:
    """Return figures of a log whose events start and complete activities.

    The n-th completion of an activity belongs to the oldest start that is open: where more have completed than started, nobody
    started the rest. Open starts are counted by the running balance, which may not fall below zero.
    """
    move = (
        frame.get("lifecycle:transition", pd.Series("complete", index=frame.index))
        .fillna("complete")
        .str.lower()
    )
    kept = frame.assign(move=move)[move.isin(["start", "complete"])]
    keys = ["case", "concept:name"]
    step = np.where(kept["move"] == "start", 1, -1)
    balance = kept.assign(step=step).groupby(keys, sort=False)["step"].cumsum()
    lowest = balance.groupby([kept[k] for k in keys], sort=False).cummin().clip(upper=0)
    previous = lowest.groupby([kept[k] for k in keys], sort=False).shift(1).fillna(0)
    done = kept[kept["move"] == "complete"]
    lone = (lowest < previous)[done.index]
    starts = kept[kept["move"] == "start"]
    first = starts.assign(n=starts.groupby(keys).cumcount())[[*keys, "n", "at"]]
    met = done[~lone]
    met = met.assign(n=met.groupby(keys).cumcount()).merge(first, on=[*keys, "n"], suffixes=("", "_begun"))
    minutes = (met["at"] - met["at_begun"]).dt.total_seconds() / 60
    again = done.groupby(keys).size().groupby("case").max() > 1
    lead = frame.groupby("case")["at"].agg(["min", "max"])
    hours = (lead["max"] - lead["min"]).dt.total_seconds() / 3600
    found: Figures = {
        "passes": len(done),
        "passes with a begin": len(met),
        "hours of work": float(minutes.sum() / 60),
        "share of cases with rework": float(again.mean()),
        "lead time, median hours": float(hours.median()),
        "lead time, mean hours": float(hours.mean()),
    }
    for name, spent in minutes.groupby(met["concept:name"]):
        found[f"{name}: median minutes"] = float(spent.median())
    return found


def of_states(frame: pd.DataFrame) -> Figures:
    """Return figures of a log whose events enter states: until the first one named Resolved or Closed."""
    ends = frame["lifecycle:transition"].str.lower().isin(["resolved", "closed"])
    end = frame[ends].groupby("case")["at"].first()
    begin = frame.groupby("case")["at"].first().reindex(end.index)
    hours = (end - begin).dt.total_seconds() / 3600
    following = frame.groupby("case")["at"].shift(-1)
    waits = frame["lifecycle:transition"].isin(["Wait - User", "Wait - Customer"]) & (
        frame["at"] < frame["case"].map(end)
    )
    outside = (following[waits] - frame["at"][waits]).dt.total_seconds().groupby(
        frame["case"][waits]
    ).sum() / 3600
    return {
        "cases that ended": len(end),
        "lead time, median hours": float(hours.median()),
        "lead time, mean hours": float(hours.mean()),
        "without waiting outside, median hours": float(
            (hours - outside.reindex(end.index).fillna(0)).median()
        ),
    }


def measured(path: Path, wanted: Figures) -> Figures:
    """Return what the product measures under the names of the other figures."""
    seen = measure(event_log.read(path, path.name), ALWAYS)
    own = {activity.activity: activity for activity in seen.activities}
    lead = seen.lead_hours.likely if seen.lead_hours else np.nan
    less = seen.lead_hours_without_outside
    found = {
        "events": seen.events,
        "cases": seen.cases,
        "passes": sum(activity.passes for activity in seen.activities),
        "passes with a begin": sum(activity.timed for activity in seen.activities),
        "hours of work": seen.work_hours or 0.0,
        "share of cases with rework": seen.rework_share,
        "lead time, median hours": lead,
        "lead time, mean hours": seen.lead_mean_hours or np.nan,
        "cases that ended": seen.resolved,
        "without waiting outside, median hours": less.likely if less else np.nan,
    }
    for name in wanted:
        activity = own.get(name.removesuffix(": median minutes"))
        if activity and activity.process_minutes:
            found[name] = activity.process_minutes.likely
    return found


def main() -> int:
    """Print both figures of every log of the folder."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    folder = asked.parse_args().folder
    logs = sorted(p for p in folder.iterdir() if p.name.endswith((".xes", ".xes.gz", ".csv")))
    differing = 0
    for path in logs:
        frame = frame_of(path)
        states = path.name.startswith("bpic2013")
        wanted = {
            "events": len(frame),
            "cases": frame["case"].nunique(),
            **(of_states if states else of_activities)(frame),
        }
        seen = measured(path, wanted)
        print(f"\n{path.name}\n{'':52s}{'pandas':>14s}{'assess':>14s}")
        for name, value in wanted.items():
            other = seen.get(name, np.nan)
            same = bool(np.isclose(value, other, rtol=1e-9, atol=1e-9, equal_nan=True))
            differing += not same
            print(f"{name[:50]:52s}{value:14,.3f}{other:14,.3f}{'' if same else '  differs'}")
    print(f"\n{len(logs)} logs, {differing} figures differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
