"""The commands."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from assess import __version__

INVALID, FAILED = 2, 1
"""Exit codes: 0 all went well; 1 a notebook failed, the rest is reported; 2 bad input, nothing was run."""


class Commands(click.Group):
    """The group of commands, in the order of use, which knows what a mistyped command was meant to be."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of use."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which ones there are."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            close = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(f"{error.format_message()}{hint}", ctx) from None


FILE: Any = click.Path(path_type=Path, dir_okay=False)
WIDE = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
"""Help is as wide as the terminal, up to lines that are still pleasant to read."""


@click.group(cls=Commands, context_settings=WIDE)
@click.version_option(__version__, prog_name="assess")
def assess() -> None:
    """Find out whether and how systems should be integrated, and what it costs.

    \b
    A first engagement:
      assess init acme        a new engagement, valid from the start
      (edit the tables in acme, put extracts under acme/extracts)
      assess validate acme    every problem at once: file, row, column, value
      assess run acme         the report: reports/acme/report.html
      assess lab acme         the same notebooks with sliders

    `assess COMMAND --help` explains a command, with examples.

    \b
    Exit codes:
      0  all went well
      1  a notebook failed; the rest is reported
      2  bad input; nothing was run
    """


@assess.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--workbook", is_flag=True, help="Write intake.xlsx with drop-downs and help instead of CSV tables."
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="OLD",
    help="Convert the engagement OLD (a folder or a workbook) instead of writing examples.",
)
def init(folder: Path, workbook: bool, source: Path | None) -> None:
    """Write a new engagement into FOLDER, valid from the start.

    Its tables hold example rows; its README.md says what each file and column means and what is allowed.
    Put the client's rows in their place, and leave out what nobody knows yet.

    With --from the answers of OLD are written into FOLDER as tables, or with --workbook as intake.xlsx; extracts,
    contracts and logs are copied; OLD stays as it is.

    \b
    Examples:
      assess init acme
      assess init acme --workbook
      assess init acme-tables --from acme/intake.xlsx
      assess init acme-excel --from acme --workbook
    """
    from assess import intake

    try:
        if source is None:
            intake.init(folder, workbook=workbook)
        else:
            intake.convert(source, folder, workbook=workbook)
    except intake.InvalidEngagement as error:
        stop([str(problem) for problem in error.problems])
    except OSError as error:
        stop([str(error)])
    if source is None:
        click.echo(f"{folder}: a new engagement. Edit its files, then: assess run {folder}")
    else:
        click.echo(f"{folder}: the engagement of {source}. Check it with: assess validate {folder}")


@assess.command()
@click.argument("folder", type=click.Path(path_type=Path))
def validate(folder: Path) -> None:
    """List every problem of the engagement in FOLDER at once.

    FOLDER may also be an intake.xlsx. A problem names file, row, column and value, and says what is allowed.

    \b
    Examples:
      assess validate acme
      assess validate acme/intake.xlsx
    """
    engagement = load(folder)
    warn_of_examples(engagement)
    click.echo(
        f"{folder}: valid. {len(engagement.systems)} systems, {len(engagement.integrations)} integrations, "
        f"{len(engagement.tables)} extracts."
    )


@assess.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder of the report  [default: reports/NAME]"
)
@click.option("--only", multiple=True, help="Number of a notebook to run; may be given again, or 2,5.")
@click.option("-p", "parameters", nargs=2, multiple=True, metavar="NAME VALUE", help="A notebook parameter.")
@click.option("--show-values", is_flag=True, help="Show examples of client data unmasked.")
@click.option("--profiles", is_flag=True, help="Also make deep profiles, some ten seconds a page.")
@click.option("--time", "generated", metavar="ISO", help="Time that the report states  [default: now]")
@click.option("--fresh", is_flag=True, help="Execute every notebook, also where nothing has changed.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 16),
    help="Notebooks at a time  [default: the number of cores, at most 4]",
)
def run(
    folder: Path,
    out: Path | None,
    only: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    show_values: bool,
    profiles: bool,
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
    """
    engagement = load(folder)
    warn_of_examples(engagement)
    from assess.report import place, shipped
    from assess.report.run import run as execute

    wanted = dict(values(parameters))
    if show_values:
        wanted["show_values"] = True
    if profiles:
        wanted["profiles"] = True
    out = out or Path("reports") / (folder.stem if folder.is_file() else folder.resolve().name)
    with Bar() as bar:
        try:
            done = execute(
                engagement,
                folder.resolve(),
                out.resolve(),
                only=numbers(only, tuple(shipped.notebooks())),
                parameters=wanted,
                generated=moment(generated),
                workers=jobs or min(4, os.cpu_count() or 1),
                fresh=fresh,
                watch=bar.show,
            )
        except shipped.UnknownParameters as error:
            stop(error.problems)
        except (place.NotOurs, OSError) as error:
            stop([str(error)])
    for name, reason in done.failed.items():
        click.echo(f"notebook {name} failed: {reason}", err=True)
    if done.kept:
        click.echo(f"kept, nothing that they read has changed: {', '.join(done.kept)}", err=True)
    click.echo(f"Report: {out / 'report.html'}")
    sys.exit(FAILED if done.failed else 0)


@assess.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "sarif", "junit", "github")), default="text",
    help="How it is told.",
)  # fmt: skip
@click.option("-o", "--out", type=FILE, help="Write it into a file instead of printing it.")
@click.option(
    "--fail-on", "limit", type=click.Choice(("critical", "high", "medium", "low")), default="low", show_default=True,
    help="Severity from which on a violation fails the check.",
)  # fmt: skip
@click.option("--baseline", type=FILE, help="Violations that are accepted until a day.")
@click.option(
    "--write-baseline", "accept", type=FILE, help="Accept what is wrong now, with --until and --reason."
)
@click.option("--until", metavar="DATE", help="Last day on which it is accepted.")
@click.option("--reason", help="Why it is accepted.")
@click.option("--audit", type=FILE, help="Add the answer to a log that can only grow; see assess audit.")
@click.option(
    "--rego",
    type=click.Path(path_type=Path),
    help="Write the rules and what they judge for OPA into a folder.",
)
@click.option("--date", "day", metavar="DATE", help="Day that counts as today  [default: today]")
def check(
    folder: Path,
    form: str,
    out: Path | None,
    limit: Any,
    baseline: Path | None,
    accept: Path | None,
    until: str | None,
    reason: str | None,
    audit: Path | None,
    rego: Path | None,
    day: str | None,
) -> None:
    """Check contracts, catalog and policies: the gate of a pipeline.

    What can't be judged (a misspelt key, a missing field, a file that can't be read) fails like what is wrong.
    Own rules are YAML files under policies/.

    \b
    Exit codes:
      0  no violations, or only accepted ones
      1  violations
      2  bad input; nothing was checked

    \b
    Examples:
      assess check acme
      assess check acme --format sarif -o assess.sarif
      assess check acme --write-baseline known.yaml --until 2027-03-31 --reason "new gateway in spring"
      assess check acme --baseline known.yaml --audit checks.jsonl
    """
    engagement = load(folder)
    from assess.intake import InvalidEngagement
    from assess.report import check as gate

    today = date(day, "--date") if day else dt.date.today()
    try:
        asked = gate.Acceptance.of(
            accept, until=date(until, "--until") if until else None, reason=reason, today=today
        )
        known = gate.baseline.read(baseline) if baseline else ()
        evidence = gate.Evidence.of(engagement, today)
        answer = gate.check(engagement, evidence, today=today, limit=limit, known=known)
        text = gate.render(answer, form, gate.prefix(folder))
        if rego is not None:
            gate.export(engagement, evidence, rego, today)
        if asked is not None:
            asked.write(answer)
        if audit is not None:
            head = gate.audit.append(
                audit, answer, time=moment(None).isoformat(timespec="seconds"), inputs=gate.inputs(engagement)
            )
            click.echo(f"Audit log: {audit}, head {head}", err=True)
        if out is not None:
            out.write_text(text, "utf-8")
    except InvalidEngagement as error:
        stop([str(problem) for problem in error.problems])
    except gate.audit.Broken as error:
        stop([f"{audit}: {error}; nothing was added"])
    except OSError as error:
        stop([str(error)])
    if asked is not None:
        click.echo(
            f"{accept}: accepts {len(answer.violations)} violations until {asked.until}. Use it with --baseline {accept}"
        )
        sys.exit(0)
    click.echo(text if out is None else f"{gate.text.summary(answer)} Written: {out}", nl=out is not None)
    sys.exit(0 if answer.open else FAILED)


@assess.command()
@click.argument("log", type=FILE)
@click.option("--head", help="A head that was written down earlier: it must be in the log.")
def audit(log: Path, head: str | None) -> None:
    """Verify that a LOG of checks is as it was written.

    No entry was changed, taken out, put in or moved. Prints the number of entries and the head, the hash of the last one. Keep the head elsewhere: with --head it shows
    that nothing was cut off the end.

    \b
    Examples:
      assess audit checks.jsonl
      assess audit checks.jsonl --head 5f0c...
    """
    from assess.report.check import audit as chain

    try:
        number, last = chain.verify(log, head)
    except chain.Broken as error:
        click.echo(f"{log}: {error}", err=True)
        sys.exit(FAILED)
    except OSError as error:
        stop([str(error)])
    click.echo(f"{log}: whole, {number} {'entry' if number == 1 else 'entries'}, head {last}")


@assess.command()
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path), required=True)
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", help="What is printed."
)
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write a page as well.")
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
        found = comparison.compare(comparison.opened(runs))
        if out is not None:
            text = comparison.paged(found, generated=moment(generated).isoformat(timespec="minutes"))
            out.write_text(text, "utf-8")
    except comparison.NotRuns as error:
        stop(error.problems)
    except OSError as error:
        stop([str(error)])
    click.echo(found.to_json(indent=1) if form == "json" else comparison.told(found), nl=form == "json")
    if out is not None:
        click.echo(f"Page: {out}", err=True)


@assess.command(context_settings={"ignore_unknown_options": True})
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.argument("extra", nargs=-1, type=click.UNPROCESSED)
def lab(folder: Path, extra: tuple[str, ...]) -> None:
    """Open JupyterLab on copies of the notebooks for FOLDER.

    FOLDER is the working folder if none is named. The copies lie in assess-notebooks/NAME: what you change in one
    is kept, one that you have not changed follows the installed version. Further options go to JupyterLab. Ctrl-C ends it.

    \b
    Examples:
      assess lab acme
      assess lab acme --no-browser
    """
    desk("lab", folder, extra)


@assess.command(context_settings={"ignore_unknown_options": True})
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.argument("extra", nargs=-1, type=click.UNPROCESSED)
def serve(folder: Path, extra: tuple[str, ...]) -> None:
    """Serve the notebooks for FOLDER as pages without code (Voila).

    The copies are those of `assess lab`, with your changes. Further options go to Voila. Ctrl-C ends it.

    \b
    Examples:
      assess serve acme
      assess serve acme --port=8877
    """
    desk("serve", folder, extra)


def desk(command: str, folder: Path, extra: tuple[str, ...]) -> NoReturn:
    """Serve the notebooks; the engagement is checked first."""
    if str(folder).startswith("-"):  # an option of the server, and no folder
        folder, extra = Path(), (str(folder), *extra)
    load(folder)
    from assess.report.desk import OtherEngagement, lay_out, open_desk

    try:
        copies = lay_out(folder)
    except OtherEngagement as error:
        stop(error.problems)
    except OSError as error:
        stop([str(error)])
    if copies.edited:
        click.echo(f"kept as you have changed them: {', '.join(copies.edited)}", err=True)
    open_desk(command, copies, extra)
    sys.exit(0)


def load(folder: Path) -> Any:
    """Load an engagement, or stop with every problem, those of its rules included."""
    from assess import intake

    try:
        engagement = intake.load(folder)
    except intake.InvalidEngagement as error:
        stop([str(problem) for problem in error.problems])
    if engagement.policies:
        from assess.evidence import policy

        _, problems = policy.own(engagement)
        if problems:
            stop([str(problem) for problem in problems])
    return engagement


def warn_of_examples(engagement: Any) -> None:
    """Say which rows are still those of the template, so that nobody takes them for the client's."""
    from assess import intake

    if left := intake.examples_left(engagement):
        click.echo(left, err=True)


def stop(problems: Any) -> NoReturn:
    """Print one line a problem and end with the exit code of bad input."""
    for problem in problems:
        click.echo(problem, err=True)
    if len(problems) > 1:
        click.echo(f"{len(problems)} problems; nothing was run.", err=True)
    sys.exit(INVALID)


def values(parameters: tuple[tuple[str, str], ...]) -> list[tuple[str, Any]]:
    """Read parameter values as YAML scalars: numbers, true and false, text."""
    import yaml

    read = []
    for name, text in parameters:
        try:
            read.append((name, yaml.safe_load(text)))
        except yaml.YAMLError:
            read.append((name, text))
    return read


def numbers(only: tuple[str, ...], valid: tuple[int, ...]) -> tuple[int, ...]:
    """Read the numbers of ``--only``."""
    words = [word for text in only for word in text.replace(",", " ").split()]
    wrong = [word for word in words if not word.isdigit() or int(word) not in valid]
    if wrong:
        stop([f"--only {word}: no such notebook; there are {', '.join(map(str, valid))}" for word in wrong])
    return tuple(sorted({int(word) for word in words}))


def date(text: str, option: str) -> dt.date:
    """Read a day."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        stop([f"{option} {text}: is not a date, such as 2026-11-22"])


def moment(text: str | None) -> dt.datetime:
    """Read the time of a report."""
    if text is None:
        return dt.datetime.now().astimezone()
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        stop([f"--time {text}: is not an ISO 8601 date or time, such as 2026-11-22T09:00"])


class Bar:
    """The progress of a run: a bar on a terminal, a line a notebook elsewhere."""

    def __enter__(self) -> Bar:
        from tqdm import tqdm

        shape = "{desc:.60} {bar:20} {n_fmt}/{total_fmt} [{elapsed}]"
        self._bar = tqdm(desc="starting", bar_format=shape, disable=None, leave=False, file=sys.stderr)
        return self

    def show(self, progress: Any) -> None:
        """Show what runs now."""
        self._bar.total = progress.total
        self._bar.n = progress.done
        said = "runs: " + ", ".join(progress.running) if progress.running else "writing"
        if progress.measuring and progress.running:
            said = f"{progress.measuring}; {said}"
        self._bar.set_description_str(said)
        self._bar.refresh()

    def __exit__(self, *_: object) -> None:
        self._bar.close()


def main() -> NoReturn:
    """Run a command; whatever goes wrong is told in plain words."""
    try:
        assess.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("stopped; an earlier report is as it was", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(INVALID)
    except Exception as error:
        if os.environ.get("ASSESS_DEBUG"):
            raise
        click.echo(
            f"assess failed: {error} ({type(error).__name__}). Set ASSESS_DEBUG=1 to see where.", err=True
        )
        sys.exit(70)
    sys.exit(0)


if __name__ == "__main__":
    main()
