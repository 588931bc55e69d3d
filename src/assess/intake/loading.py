"""Load an engagement from a folder or a workbook: all problems at once, or the engagement."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assess.core.grants import NotGrantable, advice, is_url, split_part, url_file
from assess.core.secrets import mask_secrets
from assess.core.source import Source
from assess.core.trust import Allowed, allowed, config_file
from assess.intake import asking, text_files
from assess.intake.ticket_exports import keep_own_tickets
from assess.intake.workbook import sheets

from .assumptions import Assumptions
from .columns import FOLDERS, REQUESTS, SECTIONS, TABLES
from .engagement import Engagement, InputFile
from .location import escapes, fingerprint, forward, under, unopenable, unopenable_table, wrong_forms
from .price_list import check_platforms, check_quotes, quoted_prices
from .problem import InputLocation, InvalidEngagement, Problem, Problems, closest_word, listed
from .raw import Raw
from .references import check, every_practice, own_practices
from .rows import Money, ReadRow, make_record, read_rows
from .settings import CURRENCY, Settings

SETTINGS = "engagement.yaml"
WORKBOOK = "intake.xlsx"
OTHER_SPREADSHEETS = (".xls", ".xlsm", ".xlsb", ".ods", ".numbers")
AS_XLSX = "an .xlsx; open it and save it as Excel workbook (.xlsx)"
INSIDE = "a path within the engagement folder, or what you allow: "
"""Begins what is allowed in place of a path that leads outside; the option that allows it follows."""
MOST_PROBLEMS = 1_000
"""Problems of an engagement that are listed."""
LARGEST = 64 * 2**20
"""Bytes of a table or of the settings; extracts have no limit."""


def load(path: str | Path) -> Engagement:
    """Load an engagement.

    Parameters
    ----------
    path
        Folder with ``engagement.yaml`` and CSV tables, or with an ``intake.xlsx`` in place of any of
        them; or an ``.xlsx`` file, which then holds everything, next to its extracts and contracts.

    Returns
    -------
    Engagement
        Every row and estimate with the file, row and column that it came from, every file with its
        SHA-256.

    Raises
    ------
    InvalidEngagement
        If anything is wrong; ``problems`` holds all of it.
    """
    problems = Problems(MOST_PROBLEMS)
    folder, raw = gather(Path(path), problems)
    engagement = assemble(folder, raw, problems)
    problems.stop()
    assert engagement is not None
    return engagement


def validate(path: str | Path) -> tuple[Problem, ...]:
    """Return every problem of an engagement; empty where `load` would load it."""
    try:
        load(path)
    except InvalidEngagement as invalid:
        return invalid.problems
    return ()


def gather(path: Path, problems: Problems) -> tuple[Path, Raw]:
    """Read settings and tables of an engagement as text; return its folder and them.

    Raises
    ------
    InvalidEngagement
        If there is no such folder or workbook.
    """
    given = str(path)
    allowed = "an engagement folder, or its intake.xlsx; assess init makes one"
    try:
        exists, is_folder = path.exists(), path.is_dir()
        absolute = path.absolute()
    except (OSError, ValueError):
        exists = is_folder = False
    if not exists:
        problems.add(given, "does not exist", allowed=allowed)
    elif not is_folder and path.suffix.lower() in OTHER_SPREADSHEETS:
        problems.add(given, f"is a spreadsheet in the format {path.suffix}", allowed=AS_XLSX)
    elif not is_folder and path.suffix.lower() != ".xlsx":
        problems.add(given, "is no engagement folder", allowed=allowed)
    problems.stop()
    raw = Raw()
    if is_folder:
        _read_folder(absolute, raw, problems)
        return absolute, raw
    _read_workbook(absolute.parent, path.name, raw, problems)
    if raw.settings is None:
        _no_settings(absolute.parent, path.name, problems)
    return absolute.parent, raw


def _read_folder(folder: Path, raw: Raw, problems: Problems) -> None:
    present = (folder / SETTINGS).exists() or (folder / SETTINGS).is_symlink()
    if present and (content := _content(folder, SETTINGS, raw, problems)) is not None:
        raw.settings = text_files.read_yaml(content, raw.settings_place, problems)
    for table in TABLES:
        file = folder / table.file
        if table.file and (file.exists() or file.is_symlink()):
            raw.unreadable.add(table.name)
            content = _content(folder, table.file, raw, problems)
            if content is not None and (
                found := text_files.read_table(content, table, InputLocation(file=table.file), problems)
            ):
                raw.tables[table.name] = found
                if found.complete:
                    raw.unreadable.discard(table.name)
    if (folder / WORKBOOK).exists():
        _read_workbook(folder, WORKBOOK, raw, problems)
    if not present and raw.settings is None:
        _no_settings(folder, SETTINGS, problems)


def _no_settings(folder: Path, file: str, problems: Problems) -> None:
    if any(problem.file in (file, WORKBOOK) for problem in problems.found):
        return  # what should hold them is there, and what is wrong with it was said
    if file != SETTINGS:
        problems.add(file, "has no sheet engagement", allowed="a sheet engagement with keys and values")
        return
    names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith(("~$", ".")))
    for name in names:
        if name.lower().endswith(OTHER_SPREADSHEETS):
            problems.add(
                name, "is a spreadsheet in another format", allowed=f"{WORKBOOK}; open it and save it as that"
            )
            return
    books = [name for name in names if name.lower().endswith(".xlsx")]
    if WORKBOOK not in books and len(books) == 1:
        problems.add(
            books[0],
            f"is not read, because its name is not {WORKBOOK}",
            allowed=f'rename it, or give the file itself: "{books[0]}"',
        )
        return
    near = closest_word(SETTINGS, [name for name in names if name.lower().endswith((".yaml", ".yml"))])
    hint = f'; rename "{near}"' if near else ""
    problems.add(SETTINGS, f"is missing{hint}", allowed="a file of this name; assess init makes one")


def _read_workbook(folder: Path, file: str, raw: Raw, problems: Problems) -> None:
    content = _content(folder, file, raw, problems)
    if content is None:
        return
    settings, tables, supplied = sheets.read(content, file, problems)
    if settings is not None:
        if raw.settings is not None:
            problems.add(
                InputLocation(file=file, sheet=asking.SETTINGS),
                f"is supplied twice, also as {SETTINGS}",
                allowed="one of them",
            )
        raw.settings, raw.settings_place = settings, InputLocation(file=file, sheet=asking.SETTINGS)
    for name, table in tables.items():
        earlier = raw.tables.get(name)
        if earlier and earlier.rows and table.rows:
            problems.add(
                table.place, f"is supplied twice, also as {earlier.place.file}", allowed="one of them"
            )
        if not earlier or table.rows:
            raw.tables[name] = table
    raw.unreadable |= {table.name for table in TABLES if table.name in supplied} - set(tables)


def _content(folder: Path, file: str, raw: Raw, problems: Problems) -> bytes | None:
    """Return the bytes of a table or of the settings, or note why there are none."""
    path = folder / file
    reason = (
        escapes(folder, file) or unopenable(path) if not file.endswith(".xlsx") else escapes(folder, file)
    )
    if not reason and not path.is_file():
        reason = "is a directory" if path.is_dir() else "is no regular file"
    if reason:
        problems.add(file, reason, allowed="a file within the folder with at least a header")
        return None
    try:
        if path.stat().st_size > LARGEST:
            problems.add(file, "is too large", allowed=f"at most {LARGEST // 2**20} MB")
            return None
        content = path.read_bytes()
    except OSError as error:
        problems.add(file, f"can't be read ({error.strerror})", allowed="a file that this user may read")
        return None
    raw.files.append(file)
    return content


def assemble(folder: Path, raw: Raw, problems: Problems) -> Engagement | None:
    """Make an engagement of its texts; what is wrong is noted, and then there is none."""
    settings = Settings(raw.settings_place, problems)
    values: dict[str, Any] = {}
    overrides = {}
    if raw.settings is not None:
        values = settings.values(raw.settings)
        overrides = settings.overrides(raw.settings, values.get("date"))
        _add_goals(settings, raw, problems)
    keep_own_tickets(raw, problems)
    money = Money(values.get("currency", CURRENCY), values.get("date"))
    read = {name: read_rows(table, money, problems) for name, table in raw.tables.items()}
    if raw.settings is not None and "practices" not in raw.unreadable:
        own = own_practices(read)
        settings.check_practices(raw.settings, every_practice((id, "") for id in own))
    check(raw.tables, read, raw.unreadable, problems)
    if "quotes" in read:
        check_quotes(raw.tables["quotes"], read["quotes"], values.get("date"), problems)
    if "platform" in values and "quotes" not in raw.unreadable:
        line = settings.line(raw.settings, "platform")
        check_platforms(values["platform"], read.get("quotes", ()), raw.settings_place, line, problems)
    allowance = allowed()
    if (config := config_file()) and config.is_file() and config.resolve().is_relative_to(folder.resolve()):
        problems.add(
            str(config), "lies within the engagement, and so may be its own word", allowed="a folder of yours"
        )
    extracts = _check_extracts(folder, raw, read.get("systems", ()), allowance, problems)
    listings = {field: _listing(folder, name, allowance, problems) for name, field in FOLDERS.items()}
    known = {table.file for table in TABLES}
    listings["run_logs"] = tuple(log for log in listings["run_logs"] if log not in known)
    _check_contracts(folder, raw, read.get("integrations", ()), problems)
    _check_strays(folder, extracts, problems)
    _note_workbooks(folder, [*raw.files, *extracts], problems)
    if len(problems):
        return None
    paths = {*raw.files, *extracts, *(path for paths in listings.values() for path in paths)}
    return _build(
        folder, raw, values, read, overrides, listings, _fingerprints(folder, paths, problems), problems
    )


def _add_goals(settings: Settings, raw: Raw, problems: Problems) -> None:
    assert raw.settings is not None
    goals = settings.goals(raw.settings)
    if goals is None:
        return
    if "goals" in raw.tables and raw.tables["goals"].rows:
        problems.add(
            raw.tables["goals"].place, f"is supplied twice, also in {SETTINGS}", allowed="one of them"
        )
    raw.tables["goals"] = goals


def _check_extracts(
    folder: Path, raw: Raw, systems: tuple[ReadRow, ...], allowance: Allowed, problems: Problems
) -> list[str]:
    """Note extracts that can't be opened or may not be, before one is opened, and forms that are none; return the local ones."""
    local = []
    for row in systems:
        for column, reason, wanted in wrong_forms(row.values):
            value = str(row.values[column])
            problems.add(
                raw.tables["systems"].place, reason, row=row.row, column=column, value=value, allowed=wanted
            )
        tables = [(entity, forward(path)) for entity, path in row.values.get("data") or ()]
        if tables:
            row.values["data"] = tuple(tables)
        for entity, path in tables:
            reason, allowed, file = _judge_extract(folder, path, allowance)
            local += [file] if file else []
            if reason:
                place = raw.tables["systems"].place
                cell = (
                    f"{entity}={path}"  # "Pwd=..." of a connection string, whose semicolons part tables here
                )
                value = path if mask_secrets(cell) == cell else cell
                problems.add(place, reason, row=row.row, column="data", value=value, allowed=allowed)
    return local


def _judge_extract(folder: Path, path: str, allowance: Allowed) -> tuple[str, str, str]:
    """Return why an extract can't be opened or may not be, what is allowed, and its file within or beside the folder."""
    whole = file = path
    if not is_url(path) and "#" in path:
        file = path.rpartition("#")[0]
    for name in dict.fromkeys((whole, file)):  # whichever of the two is opened
        if reason := _refusal(folder, name, allowance):
            return reason, INSIDE + advice(file, folder), ""
    if not is_url(path):
        file = file if split_part(str(folder / path))[1] else whole
        return (
            unopenable_table(folder / file),
            "a file with data, or a folder or pattern of csv or parquet files",
            file,
        )
    try:
        opened = url_file(path)
    except NotGrantable as wrong:
        return str(wrong), "the URL of a file or of a server", ""
    return unopenable_table(Path(opened)) if opened else "", "a file with data", ""


def _refusal(folder: Path, location: str, allowance: Allowed) -> str:
    """Return why a location may not be opened; empty where it lies inside or the consultant allows it."""
    reason = escapes(folder, location)
    return "" if reason and allowance.permits(location, folder) else reason


def _check_contracts(folder: Path, raw: Raw, integrations: tuple[ReadRow, ...], problems: Problems) -> None:
    """Note contracts that don't exist; ``orders.yaml`` is found as ``contracts/orders.yaml``."""
    for row in integrations:
        if not (given := row.values.get("contract")):
            continue
        path = forward(given)
        within = [path, f"contracts/{path}"]
        found = next((p for p in within if not escapes(folder, p) and not unopenable(folder / p)), None)
        if found:
            row.values["contract"] = found
            continue
        reason = escapes(folder, path) or unopenable(folder / path)
        known = under(folder, "contracts")
        near = closest_word(path, known)
        allowed = (f'did you mean "{near}"? ' if near else "") + (
            listed(known) if known else "a file under contracts/"
        )
        problems.add(
            raw.tables["integrations"].place,
            reason,
            row=row.row,
            column="contract",
            value=given,
            allowed=allowed,
        )


def _listing(folder: Path, name: str, allowance: Allowed, problems: Problems) -> tuple[str, ...]:
    """Return the files of one of the `FOLDERS`; note those that lead elsewhere."""
    path = folder / name
    if (path.exists() or path.is_symlink()) and not path.is_dir():
        problems.add(name, "is no folder", allowed="a folder")
        return ()
    found = under(folder, name)
    for file in found:
        if reason := _refusal(folder, file, allowance):
            problems.add(file, reason, allowed=INSIDE + advice(file, folder))
        elif not (folder / file).is_file():
            problems.add(file, "is no regular file", allowed="files within the engagement folder")
    return found


def _check_strays(folder: Path, extracts: list[str], problems: Problems) -> None:
    """Note CSV files beside the tables that nothing reads: a misspelt table would be missed silently."""
    inner = {Path(table.file).name: table.file for table in TABLES if "/" in table.file}
    known = {table.file: table.file for table in TABLES if table.file} | inner
    used = {Path(path).as_posix() for path in extracts}
    for entry in sorted(folder.iterdir()):
        name = entry.name
        if (
            entry.suffix.lower() != ".csv"
            or name.startswith(("_", "."))
            or name in {*used, *known} - set(inner)
        ):
            continue
        near = known.get(closest_word(name, known), "")
        hint = f', did you mean "{near}"?' if near else ""
        allowed = f"{listed(sorted(set(known.values())))}; a name that starts with _ is ignored"
        problems.add(name, f"is no table of an engagement{hint}", allowed=allowed)


def _note_workbooks(folder: Path, read: list[str], problems: Problems) -> None:
    """Note workbooks beside the engagement that nothing reads: the answers of a second person."""
    for entry in sorted(folder.iterdir()):
        name = entry.name
        if entry.suffix.lower() == ".xlsx" and name not in read and not name.startswith(("~$", "_", ".")):
            problems.note(
                name, "is a second workbook and is not read; assess merge makes one engagement of both"
            )


def _fingerprints(folder: Path, paths: set[str], problems: Problems) -> tuple[InputFile, ...]:
    found = []
    for path in sorted(paths):
        try:
            found.append(fingerprint(folder, path))
        except OSError as error:
            problems.add(path, f"can't be read ({error.strerror})", allowed="a file that this user may read")
    return tuple(found)


def _build(
    folder: Path,
    raw: Raw,
    values: Mapping[str, Any],
    read: Mapping[str, tuple[ReadRow, ...]],
    overrides: dict[str, Any],
    listings: Mapping[str, tuple[str, ...]],
    files: tuple[InputFile, ...],
    problems: Problems,
) -> Engagement | None:
    """Make the records; what they refuse beyond the checks above is a problem like any other."""
    fields = {name: value for name, value in values.items() if name not in SECTIONS | REQUESTS}
    try:
        for section, record in (SECTIONS | REQUESTS).items():
            if section in values:
                fields[section] = record(**values[section])
        for name, table in raw.tables.items():
            fields[name] = tuple(make_record(table, row) for row in read[name])
        quoted = quoted_prices(fields.get("quotes", ()), values.get("currency", CURRENCY), values.get("date"))
        return Engagement(
            folder=folder,
            assumptions=Assumptions(overrides=overrides, quoted=quoted, employees=values.get("employees")),
            origin=Source(kind="input", place=raw.settings_place.source),
            files=files,
            notes=problems.notes,
            **fields,
            **listings,
        )
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=False, include_input=False):
            column = ".".join(map(str, detail["loc"]))
            problems.add(raw.settings_place, "is not allowed", column=column, allowed=detail["msg"])
        return None
