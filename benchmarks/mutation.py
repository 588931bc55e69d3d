"""Which share of the mutants of the decision models do the tests kill? A seeded sample, with its interval.

mutmut writes every mutant of ``src/assess/decisions`` (some 18 000: an operator swapped, a number raised by
one, an argument dropped, a text altered) and runs the tests of the decision models that reach it (not those marked slow). All of them
take days, so this draws a simple random sample of them and reports the share that was killed with its 95 %
interval (Wilson). A mutant that no test reaches counts as alive, one that runs into the time limit as killed.
Functions with a decorator (properties, caches) are not mutated by mutmut.

Run: ``uv pip install -e '.[mutation]'``, then ``python benchmarks/mutation.py --sample 300 --seed 1``. What was
run is kept in ``mutants/``, so that the same command goes on where it was stopped; ``--again`` forgets it, which
is needed after a test was changed. ``--show`` prints what the survivors changed. The exit code is 1 below ``--least``.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

MUTANTS = Path("mutants")
ROOM = "src/assess/decisions"
KILLED = {1, 3, 24, -24, 36, 152, 255}
"""What mutmut notes of a mutant that was killed: a failed test, an error of pytest, a time limit."""


def mutmut(*arguments: str, seconds: float | None = None) -> str:
    """Run mutmut; after so many seconds it is stopped, and what it has found is kept."""
    command = [str(Path(sys.executable).with_name("mutmut")), *arguments]
    shared = os.environ.get("ASSESS_SHARED_DATA", str(Path(__file__).parents[2] / "shared" / "data"))
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env={**os.environ, "ASSESS_SHARED_DATA": shared},
    )  # fmt: skip
    try:
        return process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)  # each result is already written
        return process.communicate()[0]


def notes() -> list[Path]:
    """Return the files in which mutmut keeps the results of each module."""
    return sorted((MUTANTS / ROOM).rglob("*.meta"))


def results(only: str) -> dict[str, int | None]:
    """Return every mutant of the modules that match, with what mutmut noted of it."""
    found: dict[str, int | None] = {}
    for path in notes():
        module = path.relative_to(MUTANTS / ROOM).as_posix().removesuffix(".py.meta")
        if fnmatch.fnmatch(module, only):
            found |= json.loads(path.read_text())["exit_code_by_key"]
    return dict(sorted(found.items()))


def forget(names: set[str]) -> None:
    """Let mutmut run these mutants again."""
    for path in notes():
        kept = json.loads(path.read_text())
        codes = kept["exit_code_by_key"]
        kept["exit_code_by_key"] = {name: None if name in names else code for name, code in codes.items()}
        path.write_text(json.dumps(kept, indent=4))


def bring() -> None:
    """Copy the files of data that the package reads; mutmut itself copies those only once."""
    for path in Path("src").rglob("*.yaml"):
        (MUTANTS / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, MUTANTS / path)


def wilson(hits: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927)."""
    share = hits / count
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return centre - half, centre + half


def module_of(name: str) -> str:
    return name.removeprefix("assess.decisions.").rpartition(".")[0]


def report(done: dict[str, int], population: int, asked: int) -> float:
    """Print the share that was killed, of all and by module; return it."""
    hits = sum(code in KILLED for code in done.values())
    low, high = wilson(hits, len(done))
    alive, total = Counter(), Counter(module_of(name) for name in done)
    for name, code in done.items():
        alive[module_of(name)] += code not in KILLED
    for module, count in sorted(total.items()):
        print(f"  {module:34} {count - alive[module]:4} of {count:4}")
    waiting = f"; {asked - len(done)} still to run" if asked > len(done) else ""
    print(
        f"{hits} of {len(done)} killed: {hits / len(done):.1%} (95 % interval {low:.1%} to {high:.1%}), "
        f"sampled from {population}{waiting}"
    )
    return hits / len(done)


def drawn(asked: argparse.Namespace, known: list[str]) -> list[str]:
    """Return the sample of this seed; kept in a file, because a change of the code changes the list of mutants."""
    kept = (
        MUTANTS
        / f"sample-{asked.seed}-{asked.sample}-{asked.only.replace('/', '-').replace('*', 'all')}.json"
    )
    if asked.again or not kept.exists():
        names = random.Random(asked.seed).sample(known, min(asked.sample, len(known)))
        kept.write_text(json.dumps(sorted(names)))
    return list(json.loads(kept.read_text()))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=300, help="how many mutants (default 300)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (default 1)")
    parser.add_argument("--only", default="*", help="modules, such as 'cost/*' (default all)")
    parser.add_argument("--minutes", type=float, help="stop after so many; the same command goes on")
    parser.add_argument("--again", action="store_true", help="forget what was run")
    parser.add_argument("--show", action="store_true", help="print what the survivors changed")
    parser.add_argument("--least", type=float, default=0.85, help="the share that is expected (default .85)")
    parser.add_argument("--children", default="1", help="how many mutants at a time (default 1)")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    bring()
    if not notes():
        mutmut("run", "assess.decisions.cost.result.*")
    known = results(asked.only)
    names = drawn(asked, list(known))
    if asked.again:
        forget(set(names))
    said = ""
    todo = [name for name in names if asked.again or known.get(name) is None]
    if todo:
        said = mutmut(
            "run", "--max-children", asked.children, *todo,
            seconds=60 * asked.minutes if asked.minutes else None,
        )  # fmt: skip
    done = {name: code for name, code in results(asked.only).items() if name in names and code is not None}
    if not done:
        print(said)
        return 2
    share = report(done, len(known), len(names))
    for name, code in done.items():
        if code not in KILLED:
            print(mutmut("show", name) if asked.show else f"  alive: {name}")
    return int(share < asked.least)


if __name__ == "__main__":
    sys.exit(main())
