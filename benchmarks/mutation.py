"""Which share of the mutants of the decision models do the tests kill? A seeded sample, with its interval.

mutmut writes every mutant of ``src/assess/decisions`` (some 23,000: an operator swapped, a number raised by one, an argument
dropped, a text altered) beside the function that it changes. A simple random sample of them is run here: pytest collects
`TESTS` once and notes which lines each test reaches and how long it takes; then each mutant meets, in a fork,
the tests that reach the statement that it changes, the shortest first, up to the first that fails. Tests that would take a mutant beyond
``--seconds`` of processor time are left out, so that the share is a lower bound. A mutant that no test reaches counts as alive,
one that uses up its limit of processor time as killed: three times what its tests take, and 30 seconds. How busy the machine is
decides nothing: a fork that waits longer than `PATIENCE`, or is ended from outside, is no kill but is run again at the next
call, and hypothesis does not look at the clock. Functions with a decorator (properties, caches) are not mutated.
What runs while the package is imported (the readers of criteria, the declarations of parameters) has run before a mutant is chosen:
its mutants live whatever is tested, and are named in ``--equivalent`` with that reason.

Run: ``uv pip install -e '.[mutation]'``, then ``python benchmarks/mutation.py --sample 300 --seed 1``. What was run is kept in
``mutants/``, so that the same command goes on where it was stopped; after the code was changed, remove that folder. After tests
were added, ``--again tests/decisions/test_x.py`` lets the survivors meet them (a file, or the beginning of the name of a test).
``--show`` prints what the survivors changed, ``--equivalent FILE`` names those that no input can tell from the original, one a
line with its reason behind a #; they are taken out of the total. The exit code is 1 below ``--least``.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import json
import math
import os
import pkgutil
import random
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MUTANTS = ROOT / "mutants"
ROOM = Path("src/assess/decisions")
TESTS = (
    "tests/decisions", "tests/report/test_cost_whatif.py", "tests/report/test_likely_case_whatif.py",
)  # fmt: skip
"""Those of the room, and those of what the page computes by its formulas."""
OPTIONS = (
    "-q", "-m", "not slow and not browser", "-p", "no:cacheprovider", "-p", "no:xdist",
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip
KILLED, ALIVE = "killed", "alive"
FATES = {0: ALIVE, 1: KILLED, 3: KILLED, -signal.SIGXCPU: KILLED}
"""By the code of its fork: a test failed, or broke pytest, or took too much processor time; all others tell nothing."""
PATIENCE = 20
"""Times its limit of processor time after which a fork that waits for something is ended, in seconds of the wall."""


def written() -> list[str]:
    """Write the package with every mutant of the room, unless it stands there; return the mutants' names."""
    names = MUTANTS / "names.json"
    if names.exists():
        return list(json.loads(names.read_text()))
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.format_utils import get_mutant_name

    shutil.rmtree(MUTANTS, ignore_errors=True)
    shutil.copytree(ROOT / "src", MUTANTS / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for beside in ("data", "docs", "notebooks", "README.md"):
        (MUTANTS / beside).symlink_to(ROOT / beside)
    found = []
    for path in sorted((ROOT / ROOM).rglob("*.py")):
        place = path.relative_to(ROOT)
        mutated = mutate_file_contents(str(place), path.read_text())
        (MUTANTS / place).write_text(mutated.code)
        found += [get_mutant_name(place, name) for name in mutated.mutant_names]
    names.write_text(json.dumps(found))
    return found


def warm() -> None:
    """Import the mutated package and what its tests need, once for all forks."""
    sys.path.insert(0, str(MUTANTS / "src"))
    os.chdir(ROOT)
    os.environ["MUTANT_UNDER_TEST"] = ""
    import hypothesis

    hypothesis.settings.register_profile(
        "mutants", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("mutants")
    import assess.decisions

    assert str(MUTANTS) in str(assess.decisions.__file__)
    for module in pkgutil.walk_packages(assess.decisions.__path__, "assess.decisions."):
        importlib.import_module(module.name)
    for name in (
        "openpyxl",
        "formulas",
        "scipy.stats",
        "numpy_financial",
        "assess.report.chapters",
    ):
        importlib.import_module(name)


def forked(seconds: float, mutant: str, work: Callable[[], int]) -> int:
    """Do some work in a fork and return its code; negative where a signal ended it.

    ``-SIGXCPU`` says that it used up so many seconds of processor time, ``-SIGALRM`` that it waited too long.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 5))
    signal.alarm(math.ceil(PATIENCE * seconds))
    os.environ["MUTANT_UNDER_TEST"] = mutant
    code = 3
    try:
        code = work()
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    os._exit(code)


def side_by_side(workers: int, work: Callable[[int], object]) -> None:
    """Do work that is told its number in so many forks, and wait for all."""
    children = []
    for number in range(workers):
        child = os.fork()
        if not child:
            work(number)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


class Mutants:
    """Plugin of pytest that runs mutants in the place of the tests, once these are collected."""

    def __init__(self, asked: argparse.Namespace, sample: Sequence[str], place: Path) -> None:
        self.asked, self.sample, self.place = asked, sample, place
        self.done: dict[str, str] = json.loads(place.read_text()) if place.exists() else {}
        self.reach = MUTANTS / "reach.json"
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run what is left of the sample."""
        self.items = {item.nodeid: item for item in session.items}
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        reporter._tw._file = (MUTANTS / "said.txt").open("w")
        if self.asked.learn or not self.reach.exists():
            side_by_side(self.asked.workers, lambda part: forked(36_000, "stats", lambda: self.learn(part)))
            parts = [json.loads(self.part(self.reach, n).read_text()) for n in range(self.asked.workers)]
            self.reach.write_text(json.dumps({test: found for part in parts for test, found in part.items()}))
        tests = Tests(self.reach)
        again = self.asked.again
        todo = [name for name in self.sample if self.done.get(name) == (ALIVE if again else None)]
        side_by_side(self.asked.workers, lambda part: self.judge(todo, part, tests))
        for number in range(self.asked.workers):
            part = self.part(self.place, number)
            self.done |= json.loads(part.read_text()) if part.exists() else {}
            part.unlink(missing_ok=True)
        self.place.write_text(json.dumps(self.done, indent=1))
        return True

    def part(self, place: Path, number: int) -> Path:
        """Return where one of those that work side by side keeps what it found."""
        return place.with_suffix(f".{number}.json")

    def judge(self, todo: Sequence[str], part: int, tests: Tests) -> None:
        """Run every so many-th mutant, and keep its fate."""
        again, begun, found = self.asked.again, time.monotonic(), {}
        for name in todo[part :: self.asked.workers]:
            if time.monotonic() - begun > 60 * self.asked.minutes:
                break
            met = (
                [test for test in self.items if test.startswith(tuple(again))]
                if again
                else tests.of(name, self.asked.seconds)
            )
            met = [test for test in met if test in self.items]
            seconds = 3 * sum(tests.seconds.get(test, 10) for test in met) + 30
            code = forked(seconds, name, lambda met=met: self.run(met)) if met else 0
            if code in FATES:
                found[name] = FATES[code]
                self.part(self.place, part).write_text(json.dumps(found))

    def run(self, tests: Sequence[str]) -> int:
        """Run tests up to the first that fails; return 1 if one does."""
        for test, following in zip(tests, [*tests[1:], None], strict=True):
            item = self.items[test]
            after = self.items[following] if following else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self.failed:
                return 1
        return 0

    def learn(self, part: int) -> int:
        """Note which lines of the room every so many-th test reaches, and its processor time."""
        import coverage

        traced = coverage.Coverage(data_file=None, include=[f"{MUTANTS / ROOM}/*"], config_file=False)
        traced.set_option(
            "run:disable_warnings", ["no-data-collected"]
        )  # of tests that reach nothing of the room
        found = {}
        for test in list(self.items)[part :: self.asked.workers]:
            traced.erase()
            begun = time.process_time()
            traced.start()
            failed = self.run([test])
            traced.stop()
            if failed:
                raise SystemExit(f"without a mutant {self.failed} fails")
            seconds, data = time.process_time() - begun, traced.get_data()
            lines = {
                str(Path(file).relative_to(MUTANTS / "src")): data.lines(file)
                for file in data.measured_files()
            }
            found[test] = (seconds, lines)
        self.part(self.reach, part).write_text(json.dumps(found))
        return 0


class Tests:
    """Which tests a mutant meets."""

    def __init__(self, place: Path) -> None:
        self.seconds: dict[str, float] = {}
        self.reaching: dict[tuple[str, int], list[str]] = defaultdict(list)
        for test, (seconds, lines) in json.loads(place.read_text()).items():
            self.seconds[test] = seconds
            for file, reached in lines.items():
                for line in reached:
                    self.reaching[file, line].append(test)

    def of(self, mutant: str, seconds: float) -> list[str]:
        """Return the tests that reach the statement that it changes, the shortest first, for so many seconds."""
        kept, spent = [], 0.0
        file, lines = statement(mutant)
        found = {test for line in lines for test in self.reaching[file, line]}
        for test in sorted(found, key=lambda test: (self.seconds[test], test)):
            spent += self.seconds[test]
            if spent > seconds and kept:
                break
            kept.append(test)
        return kept


def wilson(hits: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927)."""
    share = hits / count
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return centre - half, centre + half


def functions(mutant: str) -> tuple[Path, str, ast.FunctionDef, ast.FunctionDef]:
    """Return the file of a mutant, its text, and the function before and after the change."""
    module, _, name = mutant.rpartition(".")
    place = (MUTANTS / "src" / module.replace(".", "/")).with_suffix(".py")
    place = place if place.exists() else place.with_suffix("") / "__init__.py"
    found = parsed(place)
    return place, place.read_text(), found[f"{name.partition('__mutmut_')[0]}__mutmut_orig"], found[name]


@cache
def parsed(place: Path) -> dict[str, ast.FunctionDef]:
    """Return the functions of a file by name."""
    return {
        node.name: node
        for node in ast.walk(ast.parse(place.read_text()))
        if isinstance(node, ast.FunctionDef)
    }


def statement(mutant: str) -> tuple[str, range]:
    """Return the file and the lines of the statement of the original that a mutant changes; of a block, its first lines."""
    place, text, original, changed = functions(mutant)
    one, other = (text.splitlines()[node.lineno : node.end_lineno] for node in (original, changed))
    offset = next((row for row, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    at = original.lineno + 1 + offset
    around = [
        range(
            node.lineno, (node.body[0].lineno if getattr(node, "body", None) else (node.end_lineno or 0) + 1)
        )
        for node in ast.walk(original)
        if isinstance(node, ast.stmt) and node is not original
    ]
    found = min(
        (lines for lines in around if at in lines),
        key=len,
        default=range(original.body[0].lineno, (original.end_lineno or 0) + 1),
    )
    return str(place.relative_to(MUTANTS / "src")), found


def change(mutant: str) -> str:
    """Return what a mutant changes, as a difference of lines."""
    _, text, *both = functions(mutant)
    lines = text.splitlines()
    one, other = (lines[node.lineno : node.end_lineno] for node in both)
    return "\n".join(
        line for line in difflib.unified_diff(one, other, lineterm="", n=1) if line[:3] not in ("---", "+++")
    )


def report(done: dict[str, str], population: int, asked: int, same: dict[str, str]) -> float:
    """Print the share that was killed, of all and by module; return it."""
    judged = {name: state for name, state in done.items() if name not in same or state == KILLED}
    hits = sum(state == KILLED for state in judged.values())
    total = Counter(name.removeprefix("assess.decisions.").rpartition(".")[0] for name in judged)
    alive = Counter(
        name.removeprefix("assess.decisions.").rpartition(".")[0] for name in judged if judged[name] == ALIVE
    )
    for module, count in sorted(total.items()):
        print(f"  {module:34} {count - alive[module]:4} of {count:4}")
    low, high = wilson(hits, len(judged))
    waiting = f"; {asked - len(done)} still to run" if asked > len(done) else ""
    beside = f", {len(done) - len(judged)} equivalent ones beside" if len(done) > len(judged) else ""
    print(
        f"{hits} of {len(judged)} killed: {hits / len(judged):.1%} (95 % interval {low:.1%} to {high:.1%}){beside}, "
        f"sampled from {population}{waiting}"
    )
    return hits / len(judged)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=300, help="how many mutants (default 300)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (default 1)")
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="stop after so many; the same command goes on"
    )
    parser.add_argument(
        "--seconds", type=float, default=30, help="of processor time of tests a mutant (default 30)"
    )
    parser.add_argument("--workers", type=int, default=1, help="how many work side by side (default 1)")
    parser.add_argument("--learn", action="store_true", help="note anew which lines the tests reach")
    parser.add_argument(
        "--again", nargs="+", default=(), metavar="TESTS", help="let the survivors meet these tests"
    )
    parser.add_argument("--show", action="store_true", help="print what the survivors changed")
    parser.add_argument(
        "--equivalent", type=Path, help="file of the mutants that are the same as the original"
    )
    parser.add_argument("--least", type=float, default=0.9, help="the share that is expected (default .9)")
    return parser.parse_args()


def main() -> int:
    """Run the sample, or what is left of it, and report."""
    asked = arguments()
    names = written()
    sample = random.Random(asked.seed).sample(names, min(asked.sample, len(names)))
    warm()
    mutants = Mutants(asked, sample, MUTANTS / f"fates-{asked.seed}-{asked.sample}.json")
    pytest.main([*OPTIONS, *(asked.again or TESTS)], plugins=[mutants])
    done = mutants.done
    if not done:
        return 2
    lines = asked.equivalent.read_text().splitlines() if asked.equivalent else ()
    same = {
        name.strip(): reason.strip()
        for name, _, reason in (line.partition("#") for line in lines)
        if name.strip()
    }
    share = report(done, len(names), len(sample), same)
    for name in sorted(done):
        if done[name] == ALIVE:
            print(
                f"  {'same' if name in same else 'alive'}: {name}{'  # ' + same[name] if name in same else ''}"
            )
            if asked.show and name not in same:
                print(change(name))
    return int(share < asked.least)


if __name__ == "__main__":
    sys.exit(main())
