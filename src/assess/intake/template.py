"""A new engagement: commented, valid from the start; or one converted from a folder or workbook into the other."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from importlib.resources import as_file, files
from pathlib import Path

from assess.intake.workbook.writing import to_workbook

from .asking import role_tables
from .columns import FOLDERS, TABLES
from .engagement import Engagement, ReadinessAnswer
from .export import as_csv, put, to_folder
from .loading import SETTINGS, WORKBOOK, load
from .problem import InvalidEngagement, Problem
from .references import every_practice, practices


def init(folder: str | Path, workbook: bool = False, role: str = "") -> Path:
    """Write a new engagement with example rows.

    Parameters
    ----------
    folder
        A folder that does not exist or is empty.
    workbook
        Write ``intake.xlsx`` in place of engagement.yaml and the CSV tables.
    role
        Write only what this role answers (`assess.intake.asking`), without examples of other files.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InvalidEngagement
        If there is something in the folder, or it is none.
    """
    if role:
        with as_file(files(__package__).joinpath("template")) as source:
            return write_out(with_every_practice(load(source)), folder, (), workbook=workbook, role=role)
    target = lay_out(folder)
    with as_file(files(__package__).joinpath("template")) as source:
        engagement = with_every_practice(load(source))
        tables = {table.file: table for table in TABLES if table.file}
        for path in sorted(p for p in source.rglob("*") if p.is_file()):
            name = path.relative_to(source).as_posix()
            if name in tables and not workbook:
                put(target / name, as_csv(tables[name], getattr(engagement, tables[name].name)))
            elif name not in tables and not (workbook and name == "engagement.yaml"):
                put(target / name, path.read_bytes())
        if workbook:
            to_workbook(engagement, target / "intake.xlsx")
    return target


def lay_out(folder: str | Path) -> Path:
    """Make a folder with a place for each kind of file and a README that says what goes where.

    Raises
    ------
    InvalidEngagement
        If there is something in the folder, or it is none.
    """
    target = Path(folder)
    _refuse(target)
    for name in ("extracts", *FOLDERS):
        (target / name).mkdir(exist_ok=True)
    put(target / "README.md", readme())
    return target


def with_every_practice(engagement: Engagement) -> Engagement:
    """Return the engagement with an answer ``unknown`` for every practice that has none, to be filled in."""
    answered = {answer.practice for answer in engagement.readiness}
    known = every_practice((own.id, own.text) for own in engagement.practices)
    open_ones = [ReadinessAnswer(practice=id, answer="unknown") for id in known if id not in answered]
    return engagement.model_copy(update={"readiness": (*engagement.readiness, *open_ones)})


def _refuse(target: Path) -> None:
    """Raise where something would be overwritten."""
    message = ""
    try:
        if target.exists() and not target.is_dir():
            message = "is no folder"
        elif target.exists() and any(target.iterdir()):
            message = "is not empty"
        else:
            target.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        message = f"can't be made ({getattr(error, 'strerror', None) or error})"
    if message:
        raise InvalidEngagement([Problem(file=str(target), message=message, allowed="a new or empty folder")])


def readme() -> str:
    """Return the description of every table and column, as Markdown."""
    lines = [
        "# What goes where",
        "",
        "Check it with `assess validate .`, run it with `assess run .`. A table that is left out is a question that",
        "is reported as not assessed. Estimates are one number, or low / likely / high such as `1000 / 2000 / 5000`.",
        "",
        "| folder | holds |",
        "|---|---|",
        "| extracts/ | table extracts: csv, tsv, xlsx, json, parquet; named in systems.csv, column data |",
        "| contracts/ | OpenAPI, AsyncAPI, JSON Schema, Avro |",
        "| catalog/ | Backstage catalog-info.yaml descriptors |",
        "| policies/ | the client's rules beside the built-in ones |",
        "| event_logs/ | event logs of the process: case, activity, time, resource as CSV, Parquet or XES |",
        "| operations/ | run logs as the tools export them, names.csv, columns.csv and incidents.csv |",
    ]
    for table in TABLES:
        place = (
            f"{table.file}, or the sheet {table.name}"
            if table.file
            else "goals in engagement.yaml, or the sheet goals"
        )
        lines += [
            "",
            f"## {table.name}",
            "",
            f"{table.help} In {place}.",
            "",
            "| column | holds | meaning |",
            "|---|---|---|",
        ]
        for column in table.columns:
            name = f"**{column.name}** (required)" if column.required else column.name
            unit = f", in {column.unit}" if column.unit not in ("", "share") else ""
            lines.append(f"| {name} | {column.allowed}{unit} | {column.help.replace('``', '`')} |")
    lines += ["", "## Practices of the readiness checklist", "", "| practice | what it says |", "|---|---|"]
    lines += [f"| {id} | {text} |" for id, text in practices().items()]
    return "\n".join(lines) + "\n"


def convert(source: str | Path, folder: str | Path, *, workbook: bool = False, role: str = "") -> Path:
    """Write an engagement anew: its answers as CSV tables or as a workbook, its other files copied.

    Both directions lose nothing that the engagement says; comments in ``engagement.yaml``, remarks on cells and
    sheets of one's own do not come along. The source stays as it is.

    Parameters
    ----------
    source
        An engagement folder or a workbook.
    folder
        A folder that does not exist or is empty.
    workbook
        Write ``intake.xlsx`` in place of engagement.yaml and the CSV tables.
    role
        Write only what this role answers, with what the source says of it.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InvalidEngagement
        If the source is invalid, there is something in the folder, or a text does not fit into a cell of Excel.
    OSError
        If a file can't be copied.
    """
    return write_out(load(source), folder, {Path(source).name}, workbook=workbook, role=role)


def write_out(
    engagement: Engagement,
    folder: str | Path,
    answers: Collection[str],
    *,
    workbook: bool = False,
    role: str = "",
) -> Path:
    """Write an engagement into an empty folder, and copy its other files than those that hold answers.

    Of a role only what it answers is written, with the files that its columns name.

    Raises
    ------
    InvalidEngagement
        If there is something in the folder, or a text does not fit into a cell of Excel.
    OSError
        If a file can't be copied.
    """
    target = lay_out(folder)
    tables = {table.name: {column.name for column in table.columns} for table in role_tables(role)}
    named = {table.location for table in engagement.tables} if "data" in tables.get("systems", ()) else set()
    if "contract" in tables.get("integrations", ()):
        named |= {item.contract for item in engagement.integrations}
    answers = {SETTINGS, WORKBOOK, *answers, *(table.file for table in TABLES)}
    for file in engagement.files:
        if (
            file.path not in answers
            and (not role or file.path in named)
            and not Path(file.path).is_absolute()
            and ".." not in Path(file.path).parts
        ):
            (target / file.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(engagement.folder / file.path, target / file.path)
    if workbook:
        to_workbook(engagement, target / WORKBOOK, role=role)
    else:
        to_folder(engagement, target, role=role)
    return target
