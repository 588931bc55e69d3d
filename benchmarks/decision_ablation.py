"""What each term and each part of the rule is worth: agreement with published guidance without it; dominance; time.

    python benchmarks/decision_ablation.py [--engagements 200] [--vignettes FOLDER]

The clients and what guidance says of them are those of `tests/decisions/test_published_guidance.py`, the random engagements those of `test_decision.py`.
With `--vignettes` the clients are those of another folder instead, and only they are asked: a module `vignettes` whose function
of that name returns each as what a folder of an engagement holds, with what is expected, and a module `score_vignettes` with
`write` and `judge` for them.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd

from assess.core.cache import Cache
from assess.decisions import framework
from assess.decisions.assessment import Assessment
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


def decided(engagement: Any, draws: int = 400) -> Decision:
    """Return the decision of an engagement without evidence."""
    return decide(Inputs(engagement), framework.fit(engagement, draws=100), draws=draws)[0]


def vignettes(folder: Path) -> Callable[[], tuple[int, int, list[str]]]:
    """Return what asks the clients of a folder: how many agree, of how many, and the others."""
    sys.path.insert(0, str(folder))
    told, score = (importlib.import_module(name) for name in ("vignettes", "score_vignettes"))
    scratch = tempfile.mkdtemp()
    expected = {}
    for name, (client, systems, integrations, wanted, _) in told.vignettes().items():
        score.write(Path(scratch) / name, name, client, systems, integrations)
        expected[name] = wanted

    def table(name: str) -> pd.DataFrame:
        assessment = Assessment.open(Path(scratch) / name, draws=50)
        assessment._cache = Cache(None)  # what was kept is of the whole rule
        return assessment.decision.table

    def ask() -> tuple[int, int, list[str]]:
        wrong = [name for name, wanted in expected.items() if score.judge(table(name), wanted)]
        return len(expected) - len(wrong), len(expected), wrong

    return ask


def without(values: Mapping[str, float]) -> contextlib.AbstractContextManager[object]:
    """Let dated defaults have other values, without a range."""
    moved = {
        key: entry.model_copy(update=dict.fromkeys(("low", "likely", "high"), values[key]))
        if key in values
        else entry
        for key, entry in defaults().items()
    }
    return mock.patch("assess.intake.assumptions.defaults", lambda: moved)


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


@contextlib.contextmanager
def _patched(parts: Sequence[tuple[Any, str, float]]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for place, key, value in parts:
            stack.enter_context(mock.patch.object(place, key, value))
        yield


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--engagements", type=int, default=200)
    ask.add_argument("--vignettes", type=Path, help="folder of other clients")
    told = ask.parse_args()
    if told.vignettes:
        asked = vignettes(told.vignettes)
        topics = {
            f"without {name}": without({key: value for key in defaults() if key.startswith(keys)})
            for name, (keys, value) in TERMS.items()
        }
        parts = {name: _patched(patches) for name, patches in RULES.items()}
        for name, changed in {"as it is": contextlib.nullcontext(), **topics, **parts}.items():
            with changed:
                right, count, wrong = asked()
            print(f"| {name} | {right} of {count} | {'; '.join(wrong)} |", flush=True)
        return
    sys.path.insert(0, str(ROOT / "tests"))
    from decisions.test_decision import random_engagement
    from decisions.test_published_guidance import GUIDANCE, SIBLINGS, engagement, web

    guidance = {name: case[:2] for name, case in {**GUIDANCE, **SIBLINGS}.items()}
    right, wrong = agreeing(guidance)
    print(f"| as it is | {right} of {len(guidance)} | {'; '.join(wrong)} |", flush=True)
    for name, (topics, value) in TERMS.items():
        keys = [key for key in defaults() if key.startswith(topics)]
        right, wrong = agreeing(guidance, dict.fromkeys(keys, value))
        print(f"| without {name} | {right} of {len(guidance)} | {'; '.join(wrong)} |", flush=True)
    for name, parts in RULES.items():
        with _patched(parts):
            right, wrong = agreeing(guidance)
        print(f"| {name} | {right} of {len(guidance)} | {'; '.join(wrong)} |", flush=True)
    dominated = 0
    for seed in range(told.engagements):
        found = decided(random_engagement(seed), draws=100)
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
        made = engagement(web(count, max(8, count // 3)))
        fits = framework.fit(made, draws=100)
        begun = time.process_time()
        decide(Inputs(made), fits, draws=10_000)
        print(f"{count} integrations: {time.process_time() - begun:.1f} s of processor time")


if __name__ == "__main__":
    sys.exit(main())
