"""The gate of a pipeline, and the log of what it answered."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click

from .arguments import FAILED, allowances, date, load, moment, print_line, stop

FILE: Any = click.Path(path_type=Path, dir_okay=False)


@click.command()
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
@click.option(
    "--against", metavar="REV|FOLDER",
    help="Compare each contract with what it was there, such as origin/main.",
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
@click.option(
    "--propose-data-contracts", "proposed", type=click.Path(path_type=Path), metavar="FOLDER",
    help="First write a data contract for each table that an integration carries, where there is none yet.",
)  # fmt: skip
@click.option("--date", "day", metavar="DATE", help="Day that counts as today  [default: today]")
@allowances
def check(
    folder: Path,
    form: str,
    out: Path | None,
    limit: Any,
    against: str | None,
    baseline: Path | None,
    accept: Path | None,
    until: str | None,
    reason: str | None,
    audit: Path | None,
    rego: Path | None,
    proposed: Path | None,
    day: str | None,
) -> None:
    """Check contracts, catalog and policies: the gate of a pipeline.

    What can't be judged (a misspelt key, a missing field, a file that can't be read) fails like what is wrong.
    Own rules are YAML files under policies/, data contracts of tables under data_contracts/.

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
      assess check acme --against origin/main
      assess check acme --propose-data-contracts acme/data_contracts
    """
    engagement = load(folder)
    from assess.core.unpacking import UnreadableTable
    from assess.evidence.quality.open_data_contract import propose_contracts
    from assess.intake import InvalidEngagement
    from assess.report import check as gate

    today = date(day, "--date") if day else dt.date.today()
    try:
        asked = gate.Acceptance.of(
            accept, until=date(until, "--until") if until else None, reason=reason, today=today
        )
        known = gate.baseline.read(baseline) if baseline else ()
        for file, owner in propose_contracts(engagement, proposed) if proposed else ():
            print_line(
                f"{file}: proposed, owner {owner or 'wanted: nobody answers for the system yet'}", err=True
            )
        evidence = gate.CheckedEvidence.of(engagement, today)
        changed = gate.compare_against(engagement, evidence.contracts, against) if against else ()
        answer = gate.check(engagement, evidence, today=today, limit=limit, known=known, changed=changed)
        text = gate.render(answer, form, gate.prefix(folder))
        if rego is not None:
            gate.export(engagement, evidence, rego, today)
        if asked is not None:
            asked.write(answer)
        if audit is not None:
            head = gate.audit.append(
                audit, answer, time=moment(None).isoformat(timespec="seconds"), inputs=gate.inputs(engagement)
            )
            print_line(f"Audit log: {audit}, head {head}", err=True)
        if out is not None:
            out.write_text(text, "utf-8")
    except InvalidEngagement as error:
        stop([str(problem) for problem in error.problems])
    except gate.audit.Broken as error:
        stop([f"{audit}: {error}; nothing was added"])
    except UnreadableTable as error:
        stop([str(error)])
    except OSError as error:
        stop([error])
    if asked is not None:
        print_line(
            f"{accept}: accepts {len(answer.violations)} violations until {asked.until}. Use it with --baseline {accept}"
        )
        sys.exit(0)
    if out is None:
        click.echo(text, nl=False)
    else:
        print_line(f"{gate.summary(answer)} Written: {out}")
    sys.exit(0 if answer.open else FAILED)


@click.command()
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
        print_line(f"{log}: {error}", err=True)
        sys.exit(FAILED)
    except OSError as error:
        stop([error])
    print_line(f"{log}: whole, {number} {'entry' if number == 1 else 'entries'}, head {last}")
