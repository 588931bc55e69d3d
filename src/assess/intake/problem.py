"""What is wrong with an engagement, where exactly, and what is allowed instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from assess.core.record import Record
from assess.core.secrets import mask_location, mask_secrets

SHOWN = 60
"""Characters of a value that a message shows."""
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_JOINTS = re.compile(r"[\s_-]+")


def quote_value(value: object) -> str:
    r"""Return a value as a message may show it: short, on one line, without secrets or control characters.

    >>> quote_value("a\x00b\nc")
    'a\\x00b\\nc'
    >>> quote_value("x" * 100_000)[-21:]
    '… (100000 characters)'
    """
    text = str(value)
    read = text[: 50 * SHOWN]
    short = mask_location(read) if URL.match(read) and read.count("://") == 1 else mask_secrets(read)
    if len(text) > len(read):
        short = mask_secrets(short, cut=True)
    if len(text) > SHOWN:
        short = short[: SHOWN - 10].rstrip()
    if not short.isprintable():
        short = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)
    return short if len(text) <= SHOWN else f"{short}… ({len(text)} characters)"


def listed(values: Iterable[str], limit: int = 12) -> str:
    """Return values as a short list in words, at most ``limit`` of them.

    >>> listed(["a", "b", "c"], limit=2)
    'a, b ... (3 in all)'
    """
    every = list(values)
    texts = ", ".join(map(quote_value, every[:limit]))
    return texts if len(every) <= limit else f"{texts} ... ({len(every)} in all)"


def closest_word(value: str, known: Iterable[str]) -> str:
    """Return the known word that was probably meant, or an empty text.

    >>> closest_word("intergations", ["systems", "integrations"])
    'integrations'
    >>> closest_word("CRM ", ["crm", "erp"])
    'crm'
    >>> closest_word("zebra", ["crm", "erp"])
    ''
    """
    words = {folded(word): word for word in known}
    close = difflib.get_close_matches(folded(value)[:200], list(words), n=1, cutoff=0.6)
    return words[close[0]] if close else ""


def folded(value: str) -> str:
    """Return a text without its differences of case, space, hyphen and underscore.

    >>> folded(" Order-to_Cash ")
    'ordertocash'
    """
    return _JOINTS.sub("", value).casefold()


class Problem(Record):
    """One thing that is wrong with an engagement; as text, one line.

    Parameters
    ----------
    file
        File relative to the engagement folder; the folder itself where it is missing.
    sheet
        Sheet of a workbook, empty for other files.
    row
        Row as a spreadsheet shows it (the header is row 1), or line of a YAML file.
    column
        Column of a table, or dotted key of a YAML file.
    value
        The offending value, short and masked; None where there is none.
    message
        What is wrong, in words that follow the value.
    allowed
        What is allowed instead.

    Examples
    --------
    >>> print(Problem(file="systems.csv", row=3, column="kind", value="?", message="is no kind", allowed="CRM"))
    systems.csv, row 3, column kind: "?" is no kind; allowed: CRM
    """

    file: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str | None = None
    message: str
    allowed: str = ""

    @property
    def place(self) -> str:
        """Where it is, such as ``systems.csv, row 3, column kind``."""
        yaml = self.file.endswith((".yaml", ".yml"))
        parts = [quote_value(self.file)]
        if self.sheet:
            parts.append(f"sheet {quote_value(self.sheet)}")
        if self.row is not None:
            parts.append(f"{'line' if yaml else 'row'} {self.row}")
        if self.column:
            parts.append(f"{'key' if yaml else 'column'} {quote_value(self.column)}")
        return ", ".join(parts)

    def __str__(self) -> str:
        value = "" if self.value is None else f'"{self.value}" '
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{self.place}: {value}{self.message}{allowed}"


class InvalidEngagement(ValueError):
    """An engagement can't be read; `problems` holds everything that is wrong with it.

    Parameters
    ----------
    problems
        At least one, in the order of files and rows.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class InputLocation(Record):
    """A file, or a sheet of a workbook, in which something is wrong."""

    file: str
    sheet: str = ""

    @property
    def source(self) -> str:
        """How a `Source` calls it: ``systems.csv`` or ``intake.xlsx/systems``."""
        return f"{self.file}/{self.sheet}" if self.sheet else self.file


class Problems:
    """Collects problems while an engagement is read.

    Parameters
    ----------
    most
        Number after which reading ends: a file of a million mistakes is one mistake, and no hour of work.
    """

    def __init__(self, most: int | None = None) -> None:
        self._found: list[Problem] = []
        self._notes: list[Problem] = []
        self._most = most

    def __len__(self) -> int:
        return len(self._found)

    def add(
        self,
        place: InputLocation | str,
        message: str,
        *,
        row: int | None = None,
        column: str = "",
        value: object = None,
        allowed: str,
    ) -> None:
        """Note a problem; the value is shortened, masked and escaped here.

        Raises
        ------
        InvalidEngagement
            If there are more of them than are listed.
        """
        if len(self._found) == self._most:
            self._most = None
            self.add(
                place, "and others: there are more problems than are listed", allowed=f"at most {len(self)}"
            )
            self.stop()
        self._found.append(_problem(place, message, row, column, value, allowed))

    def note(
        self,
        place: InputLocation | str,
        message: str,
        *,
        row: int | None = None,
        column: str = "",
        value: object = None,
    ) -> None:
        """Note how something was read that people should confirm, or that it is not read; it is no problem."""
        self._notes.append(_problem(place, message, row, column, value, ""))

    @property
    def found(self) -> tuple[Problem, ...]:
        """All of them, by file, sheet and row, each once."""
        return _ordered(self._found)

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What people should confirm, by file, sheet and row."""
        return _ordered(self._notes)

    def stop(self) -> None:
        """Raise all of them.

        Raises
        ------
        InvalidEngagement
            If there is any.
        """
        if self._found:
            raise InvalidEngagement(self.found)


def _problem(
    place: InputLocation | str, message: str, row: int | None, column: str, value: object, allowed: str
) -> Problem:
    where = InputLocation(file=place) if isinstance(place, str) else place
    return Problem(
        file=quote_value(where.file) if len(where.file) > SHOWN * 3 else where.file,
        sheet=where.sheet,
        row=row,
        column=quote_value(column),
        value=None if value is None else quote_value(value),
        message=message,
        allowed=allowed,
    )


def _ordered(found: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(
        sorted(dict.fromkeys(found), key=lambda p: (p.file, p.sheet, -1 if p.row is None else p.row))
    )
