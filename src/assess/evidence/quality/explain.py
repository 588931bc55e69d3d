"""The statements that a run would send to engines, written without asking one: for who grants access beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from assess.core.grants import is_url, url_file
from assess.intake.engagement import Engagement

from . import remote
from .compare import REDRAWN
from .compare.drawing import DIGEST, JOINT, LOOSE, TRIED, UNSAID
from .remote import LAKES, SPOKEN, IbisEngine, NotAssessed, hash_limit

COLUMNS = {"a_text": "string", "a_number": "decimal(18, 2)"}
"""Columns that stand for those of a table, which are not known before it is asked."""
DIALECTS = {"postgresql": "postgres", "sc": "databricks", "pyspark": "databricks"}
"""Ibis' name for the SQL of an engine, where its scheme is another; Spark and Databricks write the same."""
SHARE = 0.05
"""Of the hashes, in the statements that draw a share."""

LARGE = f"in tables of more than {remote.FETCHED:,} rows"
PAIR = "of two tables that an integration joins, one of them so large"
QUESTIONS: dict[str, tuple[str, Callable[[IbisEngine], Any]]] = {
    "count": ("once a table", lambda engine: engine.count()),
    "sample": (f"once a table; gives at most {remote.FETCHED:,} rows", lambda engine: engine.sample(remote.FETCHED)),
    "distinct": (f"{LARGE}, once a column; gives a number", lambda engine: engine.distinct("a_text")),
    "quantile": (f"{LARGE}, for some shares of each column of numbers; gives a number", lambda engine: engine.quantile("a_text", 0.5)),
    "repeated": (f"{LARGE}, once a column that is nearly unique; gives a number", lambda engine: engine.repeated(["a_text"])),
    "digests": (
        f"{PAIR}, for at most some {TRIED} pairs of columns in two forms; gives hashes of a share of the values",
        lambda engine: engine.digests("a_text", LOOSE, UNSAID, hash_limit(SHARE), DIGEST),
    ),
    "drawn": (f"{PAIR}, at most {REDRAWN} times; gives some {JOINT:,} rows", lambda engine: engine.drawn("a_text", LOOSE, UNSAID, hash_limit(SHARE))),
    "met": (f"{PAIR}, both in one engine, once; gives eight numbers", lambda engine: engine.met("a_text", engine, "a_text", "letters and digits only", UNSAID)),
}  # fmt: skip
"""What is asked of an engine, how often, and what it gives."""


class Recorder:
    """A backend that writes what it is asked in the SQL of an engine, and sends it nowhere.

    Parameters
    ----------
    name
        Ibis' name of the engine.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent: list[str] = []

    def to_pyarrow(self, expression: Any) -> Answer:
        """Write a question, answer as a large table would."""
        import ibis

        self.sent.append(str(ibis.to_sql(expression, dialect=self.name)))
        return Answer()

    def disconnect(self) -> None:
        """Do nothing."""


class Answer:
    """What a large table answers, so that the statements of large tables are written."""

    def as_py(self) -> int:
        """Return a large number."""
        return 50 * remote.FETCHED

    def to_pylist(self) -> list[dict[str, int]]:
        """Return the counts of a join."""
        return [{"strange": 0}]

    def __getitem__(self, name: str) -> Answer:
        return self


def explain_engagement(engagement: Engagement) -> Iterator[str]:
    """Yield, line by line as SQL with comments, what a run on an engagement would send to the engines of its tables; nothing is opened."""
    for extract in engagement.tables:
        location = extract.location
        if not is_url(location) or url_file(location) is not None:
            yield f"-- {extract.name}: {extract.shown} is read on this machine; nothing is sent"
            continue
        url, _, table = location.rpartition("#")
        scheme = location.partition("://")[0].lower()
        name = "duckdb" if scheme in LAKES else DIALECTS.get(scheme, scheme)
        said = "DuckDB on this machine" if scheme in LAKES else SPOKEN.get(name, name)
        yield f"-- {extract.name}: {extract.shown}, asked as {said}; the names and types of its columns are read first, from the catalog"
        yield f"-- {' and '.join(COLUMNS)} stand for the columns of the table; every statement reads, none writes"
        for often, statements in write_statements(name, table if url and scheme not in LAKES else "lake"):
            yield f"-- {often}"
            for statement in statements:
                yield from f"{statement};".splitlines()
        yield ""


def write_statements(engine: str, table: str) -> Iterator[tuple[str, list[str]]]:
    """Yield how often each question is asked of a table, and its statements in the SQL of an engine; none where it lacks it."""
    import ibis

    database, _, name = table.rpartition(".")
    held = ibis.table(COLUMNS, name=name, database=database or None)
    written: set[str] = set()
    for often, ask in QUESTIONS.values():
        recorder = Recorder(engine)
        try:
            ask(IbisEngine(recorder, held))
        except NotAssessed as lacking:
            yield f"{lacking} ({often})", []
        else:
            yield often, [statement for statement in recorder.sent if statement not in written]
            written.update(recorder.sent)
