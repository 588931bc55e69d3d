"""A run: every notebook executed, its chapters collected, one report left in place."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import nbformat
from jupyter_core.paths import jupyter_data_dir

from assess import __version__
from assess.core import cache, messages, scratch, signature
from assess.core.atomic_folder import BASIS, AtomicFolder
from assess.core.numbers import stamp
from assess.core.secrets import mask_secrets
from assess.core.trust import allowed, granted
from assess.intake.engagement import Engagement
from assess.intake.location import enclosing

from . import shipped
from .chapter import Chapter, Head, Results
from .execution import (
    TRACE,
    Earlier,
    ExecutionRecord,
    Outcome,
    Trace,
    execute,
    facts_beside,
    keep,
    made_by,
    quiet,
    sign_notebooks,
)
from .kernel_fork_server import keep_basis
from .kernels import KernelManager, kernels, private_folder
from .notebook_display import NOTES
from .prose import quotes
from .reading import find_readings, record

SLOWEST_FIRST = (2, 5, 4, 3, 0)
"""Notebooks that are started first, because others wait for what they measure or because they are long."""

SUMMARY, COST = 0, 5
"""Numbers of the notebooks that measure everything: after them the basis of the answers is kept."""

BESIDE = {"workbook": "model.xlsx", "beside": ""}
"""Parameters of notebooks that name what they leave beside the report, and where in its folder."""

LEDGER = "actions.xlsx"
"""Name of the workbook of findings and actions."""

NAMED = ("pandas", "numpy", "scipy", "duckdb", "plotly", "papermill")
"""Libraries whose versions the report states."""


PAUSE = 0.5
"""Seconds between two looks at what the kernels tell."""


class Done(NamedTuple):
    """What a run left, which notebooks failed (name to error in plain words), which the earlier run left; what to know."""

    folder: Path
    results: Results
    failed: dict[str, str]
    kept: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class RunProgress(NamedTuple):
    """What a run tells while it goes on: notebooks done, of how many, the names of what runs, what is measured."""

    done: int
    total: int
    running: tuple[str, ...]
    measuring: str = ""


Watch = Callable[[RunProgress], None]


def run(
    engagement: Engagement,
    location: Path,
    out: Path,
    *,
    only: Sequence[int] = (),
    parameters: Mapping[str, Any] | None = None,
    generated: dt.datetime,
    workers: int,
    fresh: bool = False,
    watch: Watch = lambda told: None,
) -> Done:
    """Execute the notebooks on an engagement and leave a report.

    Parameters
    ----------
    engagement
        The engagement, already validated.
    location
        Its folder or workbook, as the notebooks open it.
    out
        Folder that holds the report afterwards; replaced whole, see `assess.core.atomic_folder`.
    only
        Numbers of the notebooks to execute; empty means all.
    parameters
        Values for the notebooks' parameters; each goes to the notebooks that take it.
    generated
        Time that the report states; the same inputs, parameters and time give the same bytes.
    workers
        How many notebooks run at a time.
    fresh
        Whether to execute all notebooks, also those that an earlier run in ``out`` left and that read
        nothing that has changed since, and to measure anew what the cache holds.
    watch
        Called whenever a notebook starts or ends, every `PAUSE` seconds, and before the report takes its place; what it
        raises ends the run.

    Raises
    ------
    assess.report.shipped.UnknownParameters
        If a parameter is unknown or its value does not fit.
    assess.core.atomic_folder.OutputRefused
        If ``out`` is no place for a report, or holds something that no run has left.
    """
    numbers = tuple(sorted(only or shipped.notebooks()))
    wanted = shipped.chosen(dict(parameters or {}), numbers)
    for number in numbers:
        wanted[number]["engagement"] = str(location)
    own = enclosing(location)
    with AtomicFolder(out, own) as place:
        (place.folder / "notebooks").mkdir()
        for number in numbers:
            for name in BESIDE.keys() & shipped.parameters(shipped.notebooks()[number]).keys():
                wanted[number][name] = f"../{BESIDE[name]}".removesuffix("/")
        jupyter = Path(jupyter_data_dir())  # before the environment is ours
        readings = find_readings(place.out, shipped.find_copies(location))
        quiet()
        earlier = Earlier(place.out, Trace()) if fresh else Earlier.at(place.out)
        bench = Bench(engagement, wanted, place.folder, place.work, earlier, readings)
        outcomes = bench.kept()
        reused = tuple(outcomes)
        left = [n for n in numbers if n not in outcomes]
        with (
            private_folder() as sockets,
            workplace(place.work, fresh=fresh) as told,
            kernels(sockets) if left else contextlib.nullcontext(KernelManager) as manager,
        ):
            outcomes |= _execute(left, bench, workers, manager, told, _after(watch, len(outcomes)))
            if {COST, SUMMARY} & {number for number, outcome in outcomes.items() if outcome.chapter}:
                asked = wanted[COST if COST in wanted else SUMMARY]
                given = {name: asked[name] for name in ("seed", "draws", "show_values") if name in asked}
                basis = (str(location), json.dumps(given), str(place.folder.resolve()))
                if not manager.keep_basis(*basis) or not (place.folder / BASIS).exists():
                    keep_basis(*basis)
        results = gather(engagement, outcomes, dict(parameters or {}), readings)
        write(results, place.folder, generated)
        record(readings, place.folder)
        if signature.sign("cache") and not sign_notebooks(place.folder / "notebooks", jupyter):
            place.notes.append(
                f"{jupyter}: can't be written; JupyterLab shows the pictures of the notebooks once you trust them"
            )
        bench.note(outcomes)
        watch(
            RunProgress(len(numbers), len(numbers), ())
        )  # the last moment at which the earlier report can stay
    failed = {
        shipped.notebooks()[number].stem: o.error for number, o in outcomes.items() if o.chapter is None
    }
    return Done(
        place.out,
        results,
        failed,
        tuple(shipped.notebooks()[number].stem for number in reused),
        tuple(place.notes),
    )


class Bench:
    """Where the notebooks of a run are executed: their parameters, the scratch folder, what can be kept."""

    def __init__(
        self,
        engagement: Engagement,
        wanted: dict[int, dict[str, Any]],
        folder: Path,
        work: Path,
        earlier: Earlier,
        readings: Mapping[str, str],
    ) -> None:
        self.readings = readings
        self.engagement, self.wanted, self.folder, self.earlier = engagement, wanted, folder, earlier
        self.notes = work / "reads"
        self.notes.mkdir()
        self.made = {n: made_by(shipped.notebooks()[n], wanted[n], versions()) for n in wanted}
        self.found: dict[str, ExecutionRecord] = {}

    def kept(self) -> dict[int, Outcome]:
        """Take over what the earlier run left and executing again would leave as well."""
        outcomes = {}
        for number in self.wanted:
            stem = shipped.notebooks()[number].stem
            reading = self.readings.get(stem, "")
            taken = self.earlier.take(stem, self.made[number], self.engagement, self.folder, reading)
            if taken is not None:
                self.found[stem], outcomes[number] = taken
        return outcomes

    def execute(self, number: int, manager: type[KernelManager]) -> Outcome:
        """Execute one notebook."""
        source = shipped.notebooks()[number]
        output = self.folder / "notebooks" / source.name
        reading = self.readings.get(source.stem, "")
        return execute(source, output, self.wanted[number], manager, self.notes, reading)

    def note(self, outcomes: Mapping[int, Outcome]) -> None:
        """Write down what each notebook rests on, for the next run."""
        for number, outcome in outcomes.items():
            path = shipped.notebooks()[number]
            if path.stem not in self.found and outcome.chapter is not None:
                left = [self.folder / file.path for file in outcome.chapter.files if file.path]
                model = self.folder / BESIDE["workbook"]
                left += [model] if "workbook" in self.wanted[number] and model.exists() else []
                notebook = self.folder / "notebooks" / path.name
                left += [notebook, facts_beside(notebook)]
                noted = self.notes / f"{path.stem}.json"
                made = self.made[number]
                kept = keep(path.stem, made, self.engagement, noted, left, self.folder)
                if kept is not None:
                    self.found[path.stem] = kept
        trace = Trace(notebooks=dict(sorted(self.found.items())))
        (self.folder / TRACE).write_text(trace.to_json(indent=1) + "\n", "utf-8")


def _after(watch: Watch, kept: int) -> Watch:
    """Count notebooks that were kept as done."""
    return lambda p: watch(RunProgress(p.done + kept, p.total + kept, p.running, p.measuring))


def _execute(
    numbers: Sequence[int],
    bench: Bench,
    workers: int,
    manager: type[KernelManager],
    told: Path,
    watch: Watch,
) -> dict[int, Outcome]:
    if not numbers:
        return {}
    os.environ[NOTES] = str(bench.notes)
    order = sorted(
        numbers, key=lambda n: (SLOWEST_FIRST.index(n) if n in SLOWEST_FIRST else len(SLOWEST_FIRST), n)
    )
    with ThreadPoolExecutor(workers) as pool:
        running: dict[Future[Outcome], int] = {}
        outcomes: dict[int, Outcome] = {}
        try:
            while order or running:
                while order and len(running) < workers:
                    number = order.pop(0)
                    running[pool.submit(bench.execute, number, manager)] = number
                now = _names(running.values())
                watch(RunProgress(len(outcomes), len(numbers), now, messages.read_progress(told)))
                for future in wait(running, PAUSE, return_when=FIRST_COMPLETED).done:
                    outcomes[running.pop(future)] = future.result()
        except BaseException:
            manager.abandon()
            raise
        watch(RunProgress(len(outcomes), len(numbers), ()))
    return outcomes


def _names(numbers: Iterator[int] | Any) -> tuple[str, ...]:
    return tuple(shipped.notebooks()[number].stem for number in sorted(numbers))


def gather(
    engagement: Engagement,
    outcomes: Mapping[int, Outcome],
    parameters: dict[str, Any],
    readings: Mapping[str, str] = MappingProxyType({}),
) -> Results:
    """Put the chapters of executed notebooks together with what the page says of the run as a whole.

    Parameters
    ----------
    readings
        By name of a notebook, what the consultant reads from it.
    """
    chapters = tuple(
        (outcome.chapter or broken(number, outcome.error)).model_copy(
            update={"reading": mask_secrets(readings.get(shipped.notebooks()[number].stem, ""))}
        )
        for number, outcome in outcomes.items()
    )
    assumptions = engagement.assumptions
    return Results(
        engagement=Head(
            client=mask_secrets(engagement.client),
            title=mask_secrets(engagement.title),
            currency=engagement.currency,
            date=engagement.date,
            horizon_years=engagement.horizon_years,
        ),
        parameters=parameters,
        versions=versions(),
        files=engagement.files,
        values_shown=bool(parameters.get("show_values", False)),
        allowed=allowed().beyond_default,
        chapters=chapters,
        assumptions=tuple(map(assumptions.entry, assumptions.keys())),
        quotes=quotes(engagement, (source for chapter in chapters for source in chapter.evidence())),
        integrations={item.id: mask_secrets(item.label) for item in engagement.integrations},
    )


def broken(number: int, error: str) -> Chapter:
    """Make the chapter of a notebook that failed: its question, and the error in plain words."""
    path = shipped.notebooks()[number]
    title, question = heading(path)
    return Chapter(
        number=number, key=path.stem[2:], title=title, question=question, state="failed", error=error
    )


def heading(notebook: Path) -> tuple[str, str]:
    """Read title and question from a notebook's first cell, ``# 5 · Total cost`` and the line below it."""
    lines = [
        line for line in nbformat.read(notebook, as_version=4).cells[0].source.splitlines() if line.strip()
    ]
    return lines[0].lstrip("# ").split("·")[-1].strip(), lines[1].strip() if len(lines) > 1 else ""


def versions() -> dict[str, str]:
    """Return the versions of what computes the results."""
    return {"assess": __version__, "python": platform.python_version()} | {
        name: metadata.version(name) for name in NAMED
    }


def write(results: Results, folder: Path, generated: dt.datetime) -> None:
    """Write ``results.json``, ``report.html``, ``evidence.html`` and ``actions.xlsx`` into a folder."""
    from assess.report.workbook.ledger import write_ledger

    from .page import render

    (folder / "results.json").write_text(results.to_json() + "\n", "utf-8")
    report = render(results, generated=stamp(generated))
    (folder / "report.html").write_text(report.page, "utf-8")
    (folder / "evidence.html").write_text(report.evidence, "utf-8")
    write_ledger(folder / LEDGER, results)


@contextlib.contextmanager
def workplace(work: Path, *, fresh: bool = False) -> Iterator[Path]:
    """Make a place for the kernels' temporary files, and leave nothing of them behind elsewhere.

    Ended kernels can't tidy up: what they left in the spill folder and in the user's cache is removed here. Where
    nothing that is kept shall be used, or nothing can be kept, the kernels share what they measure in ``work``.

    Parameters
    ----------
    work
        An empty folder that the caller removes.
    fresh
        Whether to use nothing that an earlier run has kept.

    Returns
    -------
    Path
        The file in which the kernels tell what they measure, see `assess.core.messages`.
    """
    told = work / "progress"
    ours = {scratch.WORK: str(work), messages.PLACE: str(told)}
    allowance = allowed()
    if not signature.sign("cache"):  # a key for this run; IPython, too, has no folder of the user
        ours |= {signature.STATE: str(work / "state"), "IPYTHONDIR": str(work / "ipython")}
        allowance = allowance.model_copy(update={"cache_folder": ""})
    elif fresh or cache.cache_folder() is None:
        allowance = allowance.model_copy(update={"cache_folder": str(work)})
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        with granted(allowance):
            yield told
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value
        if (folder := cache.cache_folder()) is not None:
            cache.tidy(folder)
        if spill := allowed().spill_folder:
            scratch.tidy(Path(spill))
