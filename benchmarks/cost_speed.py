"""How long the cost model takes: 100,000 draws x 5 options x 60 months, against plain NumPy PERT sampling.

The ratio compares both in the same run on the same machine: drawing as many PERT variates with
``numpy.random.Generator.beta``, and the whole model (draw with copula, book every month, compare).

CPU seconds are what the model takes of a processor, whatever else runs; wall seconds are what one waits.

Run: ``python benchmarks/cost_speed.py [--check]``. With ``--check`` the exit code is 1 if the model
takes more than 2 CPU seconds and more than ``LIMIT`` times the plain sampling.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from assess.core.estimate import Estimate
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import sample
from assess.decisions.cost.information import cheapest_share, expected_regret, perfect_information
from assess.decisions.cost.parameters import gather
from assess.intake.assumptions import Assumptions
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import Integration

DRAWS = 100_000
INTEGRATIONS = 24
SECONDS = 2.0
LIMIT = 4.0
OPTIONS = {
    "api-first": ("api-first",),
    "event-driven": ("event-driven",),
    "ipaas": ("ipaas",),
    "portfolio": ("api-first", "ipaas", "event-driven"),
    "portfolio of two": ("api-first", "ipaas"),
}


def engagement() -> Engagement:
    """Return 24 integrations whose volume, effort and changes are all uncertain."""
    integrations = tuple(
        Integration(
            id=f"i{place}",
            source=f"s{place}",
            target="t",
            volume=Estimate(low=1e5, likely=2e5 * (1 + place), high=5e6),
            build_days=Estimate(low=8, likely=15 + place, high=60),
            changes_per_year=Estimate(low=1, likely=2 + place % 4, high=9),
        )
        for place in range(INTEGRATIONS)
    )
    return Engagement(folder=Path(), client="Benchmark", assumptions=Assumptions(), integrations=integrations)


def model(terms, assignments) -> int:
    """Draw, book all options and compare them; return how many variates were drawn."""
    draws = sample(terms, DRAWS, 7)
    costs = np.column_stack([cash_flows(terms, draws, item).npv for item in assignments.values()])
    perfect_information(costs)
    cheapest_share(costs)
    expected_regret(costs)
    single = sum(value.ndim == 1 for value in draws.values.values())
    return DRAWS * (single + sum(table.shape[1] for table in draws.family.values()))


def plain(variates: int) -> None:
    """Draw as many PERT variates with NumPy alone."""
    generator = np.random.Generator(np.random.PCG64(7))
    for _ in range(variates // DRAWS):
        _ = 10 + 50 * generator.beta(1 + 4 * 0.3, 1 + 4 * 0.7, DRAWS)


def best(function, times: int = 3) -> tuple[float, float]:
    """Return the least CPU seconds and the least wall seconds of some runs."""
    found = []
    for _ in range(times):
        start, used = time.perf_counter(), time.process_time()
        function()
        found.append((time.process_time() - used, time.perf_counter() - start))
    return min(cpu for cpu, _ in found), min(wall for _, wall in found)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    made = engagement()
    terms = gather(made, styles=("api-first", "event-driven", "ipaas"))
    assignments = {
        name: {item.id: styles[place % len(styles)] for place, item in enumerate(made.integrations)}
        for name, styles in OPTIONS.items()
    }
    variates = model(terms, assignments)
    seconds, waited = best(lambda: model(terms, assignments))
    baseline, plainly = best(lambda: plain(variates))
    print(f"{DRAWS:,} draws x {len(OPTIONS)} options x {terms.months} months, {variates:,} variates")
    print(
        f"CPU: model {seconds:.2f} s, plain NumPy PERT sampling {baseline:.2f} s, ratio {seconds / baseline:.2f}"
    )
    print(
        f"wall: model {waited:.2f} s, plain NumPy PERT sampling {plainly:.2f} s, ratio {waited / plainly:.2f}"
    )
    return int(check and seconds > SECONDS and seconds / baseline > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
