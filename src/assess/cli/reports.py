"""What is handed over: the report and what changed since, answers for other tools, repaired copies, pairs to be looked at."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from assess.core.extras import MissingExtra
from assess.core.messages import escape_json, escape_line
from assess.core.numbers import stamp

from .arguments import (
    FAILED,
    allowances,
    load,
    moment,
    print_line,
    print_notes,
    require,
    stop,
    warn_about_examples,
)
from .signals import stop_if_signalled


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder of the report  [default: reports/NAME]"
)
@click.option("--only", multiple=True, help="Number of a notebook to run; may be given again, or 2,5.")
@click.option("-p", "parameters", nargs=2, multiple=True, metavar="NAME VALUE", help="A notebook parameter.")
@click.option("--show-values", is_flag=True, help="Show examples of client data unmasked.")
@click.option("--profiles", is_flag=True, help="Also make deep profiles, some ten seconds a page.")
@click.option(
    "--explain", is_flag=True, help="Print the statements that would be sent to databases, and run nothing."
)
@click.option("--time", "generated", metavar="ISO", help="Time that the report states  [default: now]")
@click.option("--fresh", is_flag=True, help="Execute every notebook, also where nothing has changed.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 16),
    help="Notebooks at a time  [default: the number of cores, at most 4]",
)
@allowances
def run(
    folder: Path,
    out: Path | None,
    only: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    show_values: bool,
    profiles: bool,
    explain: bool,
    generated: str | None,
    fresh: bool,
    jobs: int | None,
) -> None:
    """Execute the notebooks on FOLDER and write one report.

    Leaves report.html (opens offline, can be mailed), results.json, the proposed repairs of the data and the
    executed notebooks in the output folder. A run that is stopped leaves an earlier report as it was. Notebooks that an earlier run
    left there are kept where nothing that they read has changed.

    \b
    Examples:
      assess run acme
      assess run acme -o reports/june --only 2,5
      assess run acme -p seed 8 -p draws 50000
      assess run acme --explain > statements.sql
    """
    engagement = load(folder)
    if explain:
        from assess.evidence.quality.explain import explain_engagement

        for line in explain_engagement(engagement):
            print_line(line)
        return
    warn_about_examples(engagement)
    print_notes(engagement)
    from assess.core.atomic_folder import OutputRefused
    from assess.report import shipped
    from assess.report.run import run as execute

    wanted = shipped.read_texts(parameters)
    if show_values:
        wanted["show_values"] = True
    if profiles:
        wanted["profiles"] = True
    if wanted.get("profiles") is True:
        require("profiles", "--profiles")
    out = out or Path("reports") / (folder.stem if folder.is_file() else folder.resolve().name)
    with Bar() as bar:
        try:
            done = execute(
                engagement,
                folder.resolve(),
                out,
                only=numbers(only, tuple(shipped.notebooks())),
                parameters=wanted,
                generated=moment(generated),
                workers=jobs or min(4, os.cpu_count() or 1),
                fresh=fresh,
                watch=bar.show,
            )
        except shipped.UnknownParameters as error:
            stop(error.problems)
        except OutputRefused as error:
            stop([str(error)])
        except OSError as error:
            stop([error])
    for name, reason in done.failed.items():
        print_line(f"notebook {name} failed: {reason}", err=True)
    for note in done.notes:
        print_line(note, err=True)
    if done.kept:
        print_line(f"kept, nothing that they read has changed: {', '.join(done.kept)}", err=True)
    print_line(f"Report: {out / 'report.html'}")
    sys.exit(FAILED if done.failed else 0)


def numbers(only: tuple[str, ...], valid: tuple[int, ...]) -> tuple[int, ...]:
    """Read the numbers of ``--only``."""
    words = [word for text in only for word in text.replace(",", " ").split()]
    wrong = [word for word in words if not word.isdigit() or int(word) not in valid]
    if wrong:
        stop([f"--only {word}: no such notebook; there are {', '.join(map(str, valid))}" for word in wrong])
    return tuple(sorted({int(word) for word in words}))


class Bar:
    """The progress of a run: a bar on a terminal, a line a notebook elsewhere."""

    def __enter__(self) -> Bar:
        from tqdm import tqdm

        shape = "{desc:.60} {bar:20} {n_fmt}/{total_fmt} [{elapsed}]"
        self._bar = tqdm(desc="starting", bar_format=shape, disable=None, leave=False, file=sys.stderr)
        return self

    def show(self, progress: Any) -> None:
        """Show what runs now; end here if a signal has come that nobody heard."""
        stop_if_signalled()
        self._bar.total = progress.total
        self._bar.n = progress.done
        said = "runs: " + ", ".join(progress.running) if progress.running else "writing"
        if progress.measuring and progress.running:
            said = f"{progress.measuring}; {said}"
        self._bar.set_description_str(escape_line(said))
        self._bar.refresh()

    def __exit__(self, *_: object) -> None:
        self._bar.close()


@click.command()
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path), required=True)
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", help="What is printed."
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page as well, and its evidence beside it.",
)
@click.option("--time", "generated", metavar="ISO", help="Time that the page states  [default: now]")
def compare(runs: tuple[Path, ...], form: str, out: Path | None, generated: str | None) -> None:
    """Say what changed between RUNS, and why.

    RUNS are two or more folders that `assess run` left (or their results.json), the earliest first. Each
    difference is split into answers, measurements, prices and the model; the parts add up to it exactly. From three runs on the page shows the trend.

    \b
    Examples:
      assess compare reports/may reports/june
      assess compare reports/may reports/june -o june.html
      assess compare reports/* --format json > trend.json
    """
    from assess.report import comparison

    try:
        found = comparison.compare(comparison.open_runs(runs))
        if out is not None:
            when = stamp(moment(generated))
            report = comparison.write_page(found, generated=when, name=out.name)
            out.write_text(report.page, "utf-8")
            out.with_name(comparison.evidence_name(out.name)).write_text(report.evidence, "utf-8")
    except comparison.NotRuns as error:
        stop(error.problems)
    except OSError as error:
        stop([error])
    shown = escape_json(found.to_json(indent=1)) + "\n" if form == "json" else comparison.write_text(found)
    click.echo(shown, nl=False)
    if out is not None:
        print_line(f"Page: {out}", err=True)


@click.command()
def clean() -> None:
    """Remove the measured results that runs have kept.

    These lie in your cache; temporary folders of runs that were killed go as well.

    Reports, engagements and copies of notebooks stay, and so does your key, which proves that a report was left by a
    run of yours. The next run measures anew.

    \b
    Examples:
      assess clean
    """
    import tempfile

    from assess.core import cache, scratch, signature
    from assess.core.trust import allowed

    for place in {tempfile.gettempdir(), allowed().spill_folder} - {""}:
        scratch.tidy(Path(place))
    folder = cache.cache_folder()
    if folder is None:
        print_line("No results are kept: there is no cache folder into which only you can write.")
        return
    emptied = cache.empty(folder)
    print_line(f"{folder}: {emptied.results} results removed, {emptied.bytes / 1e6:.1f} MB.")
    for path in emptied.left:
        print_line(f"left, in use or not of assess: {path}")
    if data := signature.user_folder("data"):
        print_line(f"left, your key and what is yours: {data}")


ALL = "all"
"""Every format, in a folder."""


@click.command(name="export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--to", "form", metavar="FORMAT", required=True, help="What to write; --to list says what there is."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File, or folder of a format of several files  [default: NAME-FORMAT...]")  # fmt: skip
@allowances
def export(folder: Path, form: str, out: Path | None) -> None:
    """Write the answers for FOLDER in the form of another tool.

    The numbers are those of the report: they come from the same decision. With `--to all` every format is written into a
    folder; one that can't be written here is named.

    \b
    Examples:
      assess export acme --to list
      assess export acme --to jira -o backlog.csv
      assess export acme --to all -o handover
    """
    from assess.report.export import FORMATS, NotExported
    from assess.report.export import export as write

    if form == "list":
        width = max(map(len, FORMATS))
        for name, known in FORMATS.items():
            needs = f" (needs assess[{known.extra}])" if known.extra else ""
            print_line(f"{name:{width}}  {known.what}{needs}")
        return
    if form != ALL and form not in FORMATS:
        stop([f"--to {form}: no such format; there are {', '.join(FORMATS)}, and {ALL} for every one"])
    engagement = load(folder)
    warn_about_examples(engagement)
    print_notes(engagement)
    from assess.decisions.assessment import Assessment
    from assess.intake.export import put

    assessment = Assessment(engagement)
    stem = folder.stem if folder.is_file() else folder.resolve().name
    wanted = tuple(FORMATS) if form == ALL else (form,)
    written = 0
    for name in wanted:
        known = FORMATS[name]
        try:
            files = write(assessment, name)
            if form == ALL:
                base = out or Path(f"{stem}-handover")
                target = base / known.file
            else:
                target = out or Path(f"{stem}-{known.file}")
            for file, content in files.items():
                put(target / file if known.several else target, content)
        except (MissingExtra, NotExported) as error:
            if form != ALL:
                stop([str(error)])
            print_line(f"{name}: {error}", err=True)
            continue
        except OSError as error:
            stop([error])
        written += 1
        print_line(f"{name}: {target}{f', {len(files)} files' if known.several else ''}")
    if not written:
        stop([f"{folder}: no format could be written"])


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder of the copies  [default: repaired/NAME]"
)
@click.option(
    "--only", multiple=True, metavar="TABLE", help="A table, such as crm.customers; may be given again."
)
@allowances
def repair(folder: Path, out: Path | None, only: tuple[str, ...]) -> None:
    """Repair copies of the extracts of FOLDER by what was found in them.

    Writes for each table, and for each pair that an integration joins (the source as the target needs it), the
    repaired copy, every cell that was changed, the same as SQL for DuckDB, PostgreSQL and Spark and for pandas, and
    steps.csv: what was written, taken back because it was told to be wrong again, or refused, and why. The extracts
    stay as they are. The files hold client data in clear.

    Of a pair whose records are known to be the same, NAME.golden holds each record once with where each value comes
    from, the crosswalk, and rules.csv: which value survives in which field, by whom decided; edit it and run again.
    Where records were linked by what they say, what a person said of pairs counts (`assess review`).

    \b
    Examples:
      assess repair acme
      assess repair acme -o copies --only crm.customers
    """
    engagement = load(folder)
    from assess.core.unpacking import UnreadableTable
    from assess.evidence.quality.linkage.survivorship import UnknownField
    from assess.evidence.quality.repairing import write_repairs

    home = folder.resolve() if folder.is_dir() else folder.resolve().parent
    place = (out or Path("repaired") / (folder.stem if folder.is_file() else folder.resolve().name)).resolve()
    if place == home or home in place.parents:
        stop(
            [f"--out {place}: lies in the engagement, whose files stay as they are; name a folder outside it"]
        )
    names = [table.name for table in engagement.tables]
    unknown = [name for name in only if name not in names]
    if unknown:
        stop([f"--only {name}: no such table; there are {', '.join(names) or 'none'}" for name in unknown])
    try:
        for run in write_repairs(engagement, place, only=only):
            golden = f", {run.golden:,} golden records" if run.golden else ""
            links = f"; {run.links}" if run.links else ""
            print_line(
                f"{run.name}: {run.written:,} of {run.before:,} suspected cells written, {run.after:,} suspected afterwards{golden}{links}"
            )
    except (UnreadableTable, UnknownField, OSError) as error:
        stop([error if isinstance(error, OSError) else str(error)])
    print_line(f"Repaired: {place / 'steps.csv'}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--show-values", is_flag=True, help="List fields of persons unmasked.")
@allowances
def review(folder: Path, show_values: bool) -> None:
    """List linked pairs of FOLDER for a person to look at.

    Where no column joins the two tables of an integration, records are linked by what they say. Sixty pairs, drawn by
    chance, are added to link_reviews.csv of the engagement (or the sheet link_reviews of its workbook), both records
    side by side and how they compare, fields of persons masked: write yes or no into `same`, or answer in notebook 2.
    Sixty more follow once all are answered.
    Says how many of the links are right by what was reviewed so far, and how many more answers narrow that to what.

    \b
    Examples:
      assess review acme
    """
    engagement = load(folder)
    from assess.core.unpacking import UnreadableTable
    from assess.evidence.quality.reviewing import find_linked_pairs
    from assess.intake import InvalidEngagement, record_answers

    try:
        pairs = find_linked_pairs(engagement, clear=show_values)
        for pair in pairs:
            new = () if pair.open else pair.proposed()
            if new:
                record_answers(folder, new)
            print_line(f"{pair.name}: {len(pair.open) + len(new):,} pairs to look at; {pair.linkage.checked}")
    except (UnreadableTable, InvalidEngagement, OSError) as error:
        stop([error if isinstance(error, OSError) else str(error)])
    if not pairs:
        print_line("No records were linked by what they say: there is nothing to review.")
