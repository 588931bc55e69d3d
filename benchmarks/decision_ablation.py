"""What each term and each part of the rule is worth: agreement with published guidance without it; dominance; time.

    python benchmarks/decision_ablation.py [--engagements 200]

The clients and what guidance says of them are those of `tests/decisions/test_decision.py`; so are the random engagements.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

from assess.decisions import framework
from assess.decisions.cost import Inputs
from assess.decisions.decision import RECOMMENDED, Decision, candidates, decide, rule
from assess.intake.assumptions import Assumptions, defaults

ROOT = Path(__file__).parents[1]

TERMS: Mapping[str, tuple[tuple[str, ...], float]] = {
    "fan-out": (("fanout.",), 0.0),
    "running by number": (("people.each.", "infrastructure.each."), 0.0),
    "failures": (("failure.rate.",), 0.0),
    "controls": (("control.days.",), 0.0),
    "skill factor": (("skill.psi",), 1.0),
    "overrun of single integrations": (("overrun.single",), 1.0),
    "coordination of styles": (("portfolio.coordination",), 0.0),
}
"""Term: the keys that it stands on, and the value that takes it away."""

RULES: Mapping[str, tuple[tuple[Any, str, float], ...]] = {
    "every feasible style (pure cost)": ((candidates, "WINDOW", 1.0),),
    "the best fit alone": ((candidates, "WINDOW", 0.0),),
    "window .05": ((candidates, "WINDOW", 0.05),),
    "window .15": ((candidates, "WINDOW", 0.15),),
    "window .20": ((candidates, "WINDOW", 0.20),),
    "the cheapest whatever the saving": ((rule, "SAVING", -1.0), (rule, "LIKELY", 0.0)),
    "5 % alone, however likely": ((rule, "LIKELY", 0.0),),
}
"""Part of the rule: what it is replaced by."""


def cases() -> ModuleType:
    """Return the module of the tests, which holds the clients."""
    place = ROOT / "tests" / "decisions" / "test_decision.py"
    spec = importlib.util.spec_from_file_location("test_decision", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def decided(engagement: Any, draws: int = 400) -> Decision:
    """Return the decision of an engagement without evidence."""
    return decide(Inputs(engagement), framework.fit(engagement, draws=100), draws=draws)[0]


def agreeing(guidance: Mapping[str, Any], values: Mapping[str, float] | None = None) -> tuple[int, list[str]]:
    """Return in how many clients every integration gets the style that guidance names, and the others."""
    wrong = []
    for name, (engagement, style) in guidance.items():
        entries = {
            key: defaults()[key].model_copy(update={"low": value, "likely": value, "high": value})
            for key, value in (values or {}).items()
        }
        moved = engagement.model_copy(update={"assumptions": Assumptions(overrides=entries)})
        if {item.style for item in decided(moved).integrations} != {style}:
            wrong.append(name)
    return len(guidance) - len(wrong), wrong


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--engagements", type=int, default=200)
    told = ask.parse_args()
    module = cases()
    guidance = {name: case[:2] for name, case in {**module.GUIDANCE, **module.SIBLINGS}.items()}
    right, wrong = agreeing(guidance)
    print(f"| as it is | {right} of {len(guidance)} | {'; '.join(wrong)} |", flush=True)
    for name, (topics, value) in TERMS.items():
        keys = [key for key in defaults() if key.startswith(topics)]
        right, wrong = agreeing(guidance, dict.fromkeys(keys, value))
        print(f"| without {name} | {right} of {len(guidance)} | {'; '.join(wrong)} |", flush=True)
    for name, parts in RULES.items():
        patches = [mock.patch.object(place, key, value) for place, key, value in parts]
        for patch in patches:
            patch.start()
        right, wrong = agreeing(guidance)
        for patch in patches:
            patch.stop()
        print(f"| {name} | {right} of {len(guidance)} | {'; '.join(wrong)} |", flush=True)
    dominated = 0
    for seed in range(told.engagements):
        found = decided(module.random_engagement(seed), draws=100)
        best = found.option(RECOMMENDED)
        dominated += any(
            other.cost < best.cost - 1 and other.fit > best.fit + 1e-9
            for other in found.options
            if other.fit is not None
            and best.fit is not None
            and set(other.assignment) == set(best.assignment)
        )
    print(f"{dominated} of {told.engagements} random engagements recommend what a shown option dominates")
    for count in (25, 200):
        engagement = module.engagement(module.web(count, max(8, count // 3)))
        fits = framework.fit(engagement, draws=100)
        begun = time.process_time()
        decide(Inputs(engagement), fits, draws=10_000)
        print(f"{count} integrations: {time.process_time() - begun:.1f} s of processor time")


if __name__ == "__main__":
    sys.exit(main())
