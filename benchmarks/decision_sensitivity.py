"""What each input moves of the decision: a table of styles, platform, gain and chance of a loss, from low to high.

    python benchmarks/decision_sensitivity.py [--only "nightly lists"] [--draws 200]

The landscapes and the inputs are those of `tests/decisions/test_sensitivity.py`, which holds the directions.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

from assess.decisions import framework
from assess.decisions.cost import Inputs
from assess.decisions.decision import decide

ROOT = Path(__file__).parents[1]


def cases() -> ModuleType:
    """Return the module of the tests, which holds landscapes and levers."""
    place = ROOT / "tests" / "decisions" / "test_sensitivity.py"
    spec = importlib.util.spec_from_file_location("test_sensitivity", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def told(inputs: Inputs, draws: int) -> tuple[str, str, str, str]:
    """Return what is done by style, the platform, the mean gain in thousands, and the chance of a loss."""
    found, _ = decide(inputs, framework.fit(inputs.engagement, draws=50), draws=draws)
    done = Counter(found.assignment.values())
    words = ", ".join(f"{style} {number}" for style, number in sorted(done.items())) or "nothing"
    platform = ", ".join(use.platform for use in found.styles if use.built and use.style == "ipaas")
    gain = found.gain
    return words, platform, f"{gain.mean / 1e3:,.0f}" if gain else "", f"{gain.loss:.0%}" if gain else ""


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--only", default="", help="one landscape, or lead_to_cash")
    ask.add_argument("--draws", type=int, default=200)
    asked = ask.parse_args()
    module = cases()
    known = {**module.LANDSCAPES, "lead_to_cash": module.sample}
    print(
        "| landscape | input | from, to | styles | platform | gain, k€ | loss |\n|---|---|---|---|---|---|---|"
    )
    for landscape, make in known.items():
        if asked.only not in landscape:
            continue
        inputs = make()
        for name, lever in module.LEVERS.items():
            low, high = (told(lever.move(inputs, value), asked.draws) for value in (lever.low, lever.high))
            both = (one if one == other else f"{one} → {other}" for one, other in zip(low, high, strict=True))
            print(f"| {landscape} | {name} | {lever.low}, {lever.high} | {' | '.join(both)} |", flush=True)


if __name__ == "__main__":
    main()
