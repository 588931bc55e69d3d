"""Unusual days: false alarms on clean series and events found, on simulated integrations of six kinds.

No threshold was chosen on these series: the method has one number, a 5 % chance of an alarm in a whole log (see
docs/method/operations.md). So there is nothing to leave out a domain for; each kind is reported by itself.
The rival is the mean and three standard deviations of the same series.

    python benchmarks/anomalies.py [--series 200] [--days 180] [--seed 1]
"""

from __future__ import annotations

import argparse
import datetime as dt

import numpy as np

from assess.evidence.operations.anomalies import anomalies, shift

FIRST = dt.date(2026, 1, 1)
WEEK = np.array([1.0, 1.05, 1.0, 0.95, 1.1, 0.3, 0.2])


def steady(rng, days):
    """Thousands of messages, a weekly shape, noise of 10 %."""
    return np.round(20_000 * np.resize(WEEK, days) * rng.lognormal(0, 0.1, days))


def growing(rng, days):
    """The same, growing by 3 % a month."""
    return np.round(steady(rng, days) * 1.03 ** (np.arange(days) / 30))


def month_ends(rng, days):
    """The same, doubled on the last two days of each month."""
    dates = [FIRST + dt.timedelta(days=n) for n in range(days)]
    last = np.array([(d + dt.timedelta(days=2)).month != d.month for d in dates])
    return np.round(steady(rng, days) * np.where(last, 2.0, 1.0))


def workdays(rng, days):
    """Hundreds of messages on working days, none at weekends."""
    return np.resize([1, 1, 1, 1, 1, 0, 0], days) * rng.poisson(rng.gamma(20, 300 / 20, days))


def counts(rng, days):
    """A few messages a day."""
    return rng.poisson(3.0, days).astype(float)


def rare(rng, days):
    """A message every ten days, in bunches."""
    return np.where(rng.random(days) < 0.1, rng.poisson(4, days) + 1, 0).astype(float)


KINDS = {"steady": steady, "growing": growing, "month ends": month_ends, "working days": workdays, "few": counts, "rare": rare}  # fmt: skip


def inject(rng, values):
    """Put two events of one to three days into a series: three to five times as much, or a tenth to a third."""
    changed, events = values.copy(), []
    for begin in rng.choice(np.arange(10, len(values) - 13, 20), 2, replace=False):
        length = int(rng.integers(1, 4))
        places = [p for p in range(begin, begin + length + 4) if values[p] > 0][:length]
        if not places:
            continue
        factor = rng.uniform(3, 5) if rng.random() < 0.5 else rng.uniform(0.1, 0.33)
        changed[places] = np.round(values[places] * factor)
        events.append((places[0], places[-1]))
    return changed, events


def ours(values):
    """Events as the product finds them: the level first, then the days of each."""
    moved = shift(values)
    cuts = [moved[0]] if moved else []
    found = anomalies(FIRST, values, "volume", cuts)
    return [((a.first - FIRST).days, (a.last - FIRST).days) for a in found]


def rival(values):
    """Days beyond the mean and three standard deviations, joined where they follow each other."""
    odd = np.flatnonzero(np.abs(values - values.mean()) > 3 * values.std())
    groups = np.split(odd, np.flatnonzero(np.diff(odd) > 1) + 1) if len(odd) else []
    return [(int(group[0]), int(group[-1])) for group in groups]


def hits(found, events):
    """Return events found, events missed and false alarms; an event is found where an alarm overlaps it."""
    meets = [[a <= d and c <= b for c, d in found] for a, b in events]
    caught = sum(any(row) for row in meets)
    false = sum(not any(row[at] for row in meets) for at in range(len(found)))
    return np.array([caught, len(events) - caught, false])


def f1(caught, missed, false):
    """Return the F1 of events."""
    return 2 * caught / (2 * caught + missed + false) if caught else 0.0


def main():
    """Print a row a kind."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--series", type=int, default=200)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(
        "kind          false alarms a week (ours, rival)   event F1 (ours, rival)   levels claimed on clean series"
    )
    sums = {name: np.zeros(3) for name in ("ours", "rival")}
    for name, make in KINDS.items():
        rng = np.random.default_rng([chosen.seed, list(KINDS).index(name)])
        alarms, scores, levels = {"ours": 0, "rival": 0}, {n: np.zeros(3) for n in sums}, 0
        for _ in range(chosen.series):
            clean = make(rng, chosen.days).astype(float)
            levels += shift(clean) is not None
            struck, events = inject(rng, clean)
            for method, find in (("ours", ours), ("rival", rival)):
                alarms[method] += len(find(clean))
                scores[method] += hits(find(struck), events)
        weeks = chosen.series * chosen.days / 7
        rates = [alarms[method] / weeks for method in sums]
        print(
            f"{name:14}{rates[0]:12.4f}{rates[1]:12.4f}{f1(*scores['ours']):20.2f}{f1(*scores['rival']):10.2f}{levels / chosen.series:22.3f}"
        )
        for method in sums:
            sums[method] += scores[method]
    print(f"{'all':14}{'':24}{f1(*sums['ours']):20.2f}{f1(*sums['rival']):10.2f}")


if __name__ == "__main__":
    main()
