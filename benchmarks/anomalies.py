"""Unusual days: events found in labelled production series, and false alarms on simulated series without any.

The series are those of microsoft/cloud-monitoring-dataset (MIT), hourly means as DOMAIN/NAME.csv with time, value, label;
they are no part of this repository. Every constant was chosen on the domains of `DEVELOPED` alone; the others are
reported by themselves. Rivals: mean and three standard deviations of the hours, and the median of the same weekday
with its median absolute deviation on days.

    python benchmarks/anomalies.py [--data DIR] [--series 20]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from assess.evidence.operations import unusual

DEVELOPED = ("application-crash-rate-1", "mongodb-application-rps")
WEEK = np.repeat([1.0, 1.05, 1.0, 0.95, 1.1, 0.3, 0.2], 24)
DAY = 1 + 0.6 * np.sin(2 * np.pi * np.arange(24) / 24)

Spans = list[tuple[pd.Timestamp, pd.Timestamp]]


def spans(days) -> Spans:
    """Return runs of consecutive days as first and last."""
    found: list[list[pd.Timestamp]] = []
    for day in sorted({moment.tz_localize(None).normalize() for moment in days}):
        if found and (day - found[-1][1]).days == 1:
            found[-1][1] = day
        else:
            found.append([day, day])
    return [(first, last) for first, last in found]


def ours(hours: pd.Series, measure: str) -> Spans:
    """Return the events as the product finds them."""
    found = unusual(hours, measure)
    return [(pd.Timestamp(a), pd.Timestamp(b)) for a, b in zip(found["first"], found["last"], strict=True)]


def three_sigma(hours: pd.Series, measure: str) -> Spans:
    """Return the days with hours beyond the mean and three standard deviations."""
    return spans(hours.index[(hours - hours.mean()).abs() > 3 * hours.std()])


def lag(hours: pd.Series, measure: str) -> Spans:
    """Return the days beyond 3.5 median absolute deviations of the median of their weekday."""
    day = hours.resample("D").median() if measure == "latency" else hours.resample("D").sum()
    rest = day - day.groupby(np.arange(len(day)) % 7).transform("median")
    off = (rest - rest.median()).abs()
    return spans(day.index[off > 3.5 * 1.4826 * off.median()]) if off.median() else []


METHODS = (ours, three_sigma, lag)


def overlap(one, other) -> bool:
    """Return whether two spans share a day."""
    return bool(one[0] <= other[1] and other[0] <= one[1])


def tally(path: Path, method) -> np.ndarray:
    """Return events, caught events, alarms, true alarms and weeks of a labelled series."""
    frame = pd.read_csv(path, parse_dates=["time"]).set_index("time")
    wanted = spans(frame.index[frame.label == 1])
    found = method(frame.value.asfreq("h"), "latency" if "latency" in str(path) else "volume")
    caught = sum(any(overlap(event, alarm) for alarm in found) for event in wanted)
    true = sum(any(overlap(event, alarm) for event in wanted) for alarm in found)
    return np.array([len(wanted), caught, len(found), true, len(frame) / 168])


def report(name: str, paths: list[Path]) -> None:
    """Print a row a method."""
    for method in METHODS:
        events, caught, alarms, true, weeks = sum(tally(path, method) for path in paths)
        precision, recall = true / alarms if alarms else 0, caught / events if events else 0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0
        print(
            f"{name:22}{method.__name__:13}{events:7.0f}{precision:8.2f}{recall:8.2f}{f1:7.3f}{(alarms - true) / weeks:9.3f}"
        )


CLEAN = {
    "noise of 10 %": lambda rng, n: 4000 * np.resize(DAY, n) * rng.lognormal(0, 0.1, n),
    "noise of 20 %, weeks": lambda rng, n: 4000 * np.resize(WEEK, n) * rng.lognormal(0, 0.2, n),
    "three an hour": lambda rng, n: rng.poisson(3, n),
    "in bursts": lambda rng, n: rng.negative_binomial(1, 0.25, n),
    "one in a day": lambda rng, n: rng.poisson(0.05, n),
    "a batch a night": lambda rng, n: (
        np.where(np.arange(n) % 24 == 2, 9000, 0) * np.resize(WEEK, n) * rng.lognormal(0, 0.1, n)
    ),
}


def main() -> None:
    """Print the labelled series where they are there, then the simulated ones."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder of the labelled series")
    parser.add_argument("--series", type=int, default=20)
    chosen = parser.parse_args()
    if chosen.data and chosen.data.is_dir():
        print(f"{'labelled':22}{'':13}events  precision recall  F1  false a week")
        every = sorted(chosen.data.glob("*/*.csv"))
        report("seen in development", [p for p in every if p.parent.name in DEVELOPED])
        report("not seen", [p for p in every if p.parent.name not in DEVELOPED])
        report("all", every)
    print("\nsimulated, nothing happened: false alarms a week (ours, mean and three sigma)")
    for name, make in CLEAN.items():
        rng, hours = np.random.default_rng(1), 24 * 90
        index = pd.date_range("2026-01-01", periods=hours, freq="h", tz="UTC")
        drawn = [
            pd.Series(np.round(make(rng, hours)).astype(float), index=index) for _ in range(chosen.series)
        ]
        rates = [
            sum(len(method(one, "volume")) for one in drawn) / (chosen.series * hours / 168)
            for method in (ours, three_sigma)
        ]
        print(f"{name:24}{rates[0]:8.3f}{rates[1]:8.3f}")


if __name__ == "__main__":
    main()
