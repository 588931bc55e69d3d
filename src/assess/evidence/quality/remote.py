"""Tables behind a URL, through Ibis: PostgreSQL, a warehouse, Spark. Only aggregates and bounded samples come back."""

from __future__ import annotations

import contextlib
import math
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from assess.core.engine import NoExtension, open_lake
from assess.core.extras import MissingExtra, require_extra
from assess.core.secrets import mask_location, mask_secrets
from assess.core.tables.store import ArrowStore, Reading, Workplace, unique_names
from assess.core.unpacking import UnreadableTable

FETCHED = 200_000
"""Rows up to which a table is fetched whole; of a larger one so many are drawn."""
SCHEME_EXTRAS: dict[str, str | None] = {
    "postgresql": "postgres", "postgres": "postgres", "sc": "spark", "pyspark": "spark", "snowflake": "snowflake",
    "bigquery": "bigquery", "databricks": "databricks", "trino": "trino", "mssql": "mssql", "oracle": "oracle", "mysql": "mysql",
    "duckdb": None, "sqlite": None,
}  # fmt: skip
"""The engines that can be asked, by the scheme of their URL, and the extra that each needs."""
SPOKEN = {"postgres": "PostgreSQL", "pyspark": "Spark", "snowflake": "Snowflake", "bigquery": "BigQuery", "databricks": "Databricks",
          "trino": "Trino", "mssql": "SQL Server", "oracle": "Oracle", "mysql": "MySQL", "duckdb": "DuckDB", "sqlite": "SQLite"}  # fmt: skip
"""What each engine is called, by Ibis' name for it."""
LAKES = ("s3", "gs", "az", "delta+file", "iceberg+file", "delta+s3", "iceberg+s3")
"""Lakes, which DuckDB reads by its extensions; the form stands before the place."""
SHARED = frozenset({"pyspark"})
"""Engines whose session belongs to the whole process and is not ours to end."""
HERE = frozenset({"", "local"})
"""What stands in the place of the host where Spark is to run in this process, or a session is open already."""
NOTHING = "~"
"""What a null is in the text of a row that is hashed: no empty text, which Oracle takes for a null."""
SIGNS, ZEROS = ("[^a-z0-9]+", ""), ("^0+", "")
"""What is taken from a key in lower case."""
T = TypeVar("T")


class NotAssessed(Exception):
    """What an engine lacks: reported as "not assessed on this engine", never skipped in silence."""

    def __init__(self, primitive: str, engine: str) -> None:
        super().__init__(f"{primitive}: not assessed on {SPOKEN.get(engine, engine)}")
        self.primitive, self.engine = primitive, engine


class IbisEngine:
    """A table where it lies, in an engine that Ibis knows; every column is seen as text.

    Each method raises `NotAssessed` if the engine lacks it.

    Parameters
    ----------
    connection
        Ibis backend.
    table
        Ibis table.
    location
        Its URL, for messages; a password in it is not printed.
    """

    def __init__(self, connection: Any, table: Any, location: str = "") -> None:
        self._connection, self._table, self._location = connection, table, location
        self.name = str(connection.name)
        if self.name not in SHARED:
            weakref.finalize(self, _close, connection)
        self.columns = tuple(table.columns)

    def _ask(self, primitive: str, make: Callable[[], Any], take: Callable[[Any], T]) -> T:
        import ibis.common.exceptions as wrong

        try:
            with quiet():
                return take(self._connection.to_pyarrow(make()))
        except (wrong.OperationNotDefinedError, wrong.UnsupportedOperationError, wrong.TranslationError,
                wrong.UnsupportedArgumentError, NotImplementedError) as problem:  # fmt: skip
            raise NotAssessed(primitive, self.name) from problem
        except Exception as problem:  # every driver has errors of its own, and some quote the URL
            failed = problem
        if self._lives():
            raise NotAssessed(primitive, self.name)
        said = mask_location(self._location) or self.name
        raise UnreadableTable(f"{said} dropped the connection: {_why(failed, self._location)}")

    def _lives(self) -> bool:
        """Whether the engine still answers, so that what failed is the question."""
        import ibis

        try:
            with quiet():
                return bool(self._connection.to_pyarrow(ibis.literal(1)).as_py())
        except Exception:
            return False

    def _text(self, column: str) -> Any:
        return self._table[column].cast("string")

    def _number(self, column: str) -> Any:
        import ibis

        plain = self._text(column).re_search(r"^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$")
        return ibis.ifelse(plain, self._text(column), None).cast("float64")

    def count(self) -> int:
        """Rows."""
        return self._ask("count", self._table.count, lambda a: int(a.as_py()))

    def distinct(self, column: str) -> int:
        """Distinct values, nulls not counted."""
        return self._ask("distinct values", self._text(column).nunique, lambda a: int(a.as_py()))

    def quantile(self, column: str, share: float) -> float | None:
        """Quantile of the values that are numbers: the smallest value that reaches the share."""
        total = self._ask(
            "quantiles of numbers", lambda: self._number(column).count(), lambda a: int(a.as_py())
        )
        if not total:
            return None
        place = max(math.ceil(share * total), 1) - 1

        def make() -> Any:
            numbers = self._table.select(n=self._number(column))
            return numbers.filter(numbers.n.notnull()).order_by("n").limit(1, offset=place).n.max()

        return self._ask("quantiles of numbers", make, _float)

    def repeated(self, columns: Sequence[str]) -> int:
        """Rows whose values in these columns occur in another row too."""

        def make() -> Any:
            groups = self._table.group_by(list(columns)).agg(rows_=lambda t: t.count())
            return groups.filter(groups.rows_ > 1).rows_.sum()

        return self._ask("repeated values", make, lambda a: int(a.as_py() or 0))

    def _whole(self) -> Any:
        """All that a row holds, as one text."""
        parts: list[Any] = [
            part for name in self.columns for part in ("|", self._text(name).fill_null(NOTHING))
        ][1:]
        return parts[0].concat(*parts[1:]) if len(parts) > 1 else parts[0]

    def _md5(self, text: Any) -> Any:
        """The MD5 of a text in hexadecimal digits, as each engine writes it: the same in all."""
        if self.name == "bigquery":
            return _call("to_hex", "string", _call("md5", "binary", text))
        if self.name == "trino":
            return _call("to_hex", "string", _call("md5", "binary", _call("to_utf8", "binary", text))).lower()
        if self.name == "oracle":
            return _call("rawtohex", "string", _call("standard_hash", "binary", text, "MD5")).lower()
        if self.name == "mssql":
            return text.hexdigest("md5")
        return _call("md5", "string", text)

    def _without(self, value: Any, pattern: str, made: str) -> Any:
        if self.name == "mysql":  # of version 8, which Ibis does not know to have it
            return _call("regexp_replace", "string", value, pattern, made)
        return value.re_replace(pattern, made)

    def _digest(self, column: str, form: Sequence[tuple[str, str]], unsaid: Sequence[str]) -> tuple[Any, Any]:
        """A value in the form in which two tables' keys are hashed alike, and its MD5; of rows without one that of the whole row."""
        import ibis

        value = self._text(column).lower()
        for pattern, made in form:
            value = self._without(value, pattern, made)
        value = ibis.ifelse(value.isin(["", *unsaid]), None, value)
        return value, self._md5(value.fill_null(self._whole()))

    def digests(
        self, column: str, form: Sequence[tuple[str, str]], unsaid: Sequence[str], limit: str, digits: int
    ) -> pa.ChunkedArray:
        """The MD5 of the distinct values of a column that lie below a limit, so many hexadecimal digits of each.

        A value is hashed in lower case after replacing patterns (``form``); a word for missing (``unsaid``) is none.
        """

        def make() -> Any:
            value, digest = self._digest(column, form, unsaid)
            held = self._table.filter(value.notnull() & (digest < limit))
            return held.select(print=digest.substr(0, digits)).distinct()

        return self._ask("records drawn by a key", make, lambda a: a["print"])

    def drawn(
        self, column: str, form: Sequence[tuple[str, str]], unsaid: Sequence[str], limit: str
    ) -> pa.Table:
        """The rows, as text, whose value in a column has an MD5 below a limit: partners in another table are drawn alike."""

        def make() -> Any:
            held = self._table.filter(self._digest(column, form, unsaid)[1] < limit)
            return held.select(**{name: held[name].cast("string") for name in self.columns}).order_by(
                list(self.columns)
            )

        return self._ask("records drawn by a key", make, lambda a: a)

    def _key(self, table: Any, column: str, form: str, unsaid: Sequence[str]) -> Any:
        """The rows of each value of a key, in one of the forms of `matching.forms.FORMS` where all its values are ASCII."""
        import ibis

        text = table[column].cast("string")
        plain = self._without(text.lower(), *SIGNS)
        value = {
            "case and spaces ignored": lambda: self._without(text, r"\s+", " ").strip().lower(),
            "letters and digits only": lambda: plain,
            "leading zeros ignored": lambda: _kept(self._without(plain, *ZEROS), plain),
            "digits only, leading zeros ignored": lambda: self._without(
                self._without(text, "[^0-9]+", ""), *ZEROS
            ),
        }.get(form, lambda: text)()
        loose = self._without(plain, *ZEROS)
        value = ibis.ifelse(loose.isin(list(unsaid)), None, value)
        held = table.select(k=value, other=text.re_search("[^ -~]").cast("int32"))
        held = held.filter(held.k.notnull() & (held.k != ""))
        return held.group_by("k").agg(n=held.count(), other=held.other.max())

    def met(
        self, column: str, other: IbisEngine, other_column: str, form: str, unsaid: Sequence[str]
    ) -> dict[str, int] | None:
        """Count what joins over all rows of two tables of one engine; None where values are not ASCII, which engines fold in ways of their own.

        Returns
        -------
        dict
            ``source_rows`` and ``target_rows`` with a value, those whose value the other side holds (``source_joined``,
            ``target_joined``), the most of one value (``source_most``, ``target_most``), and the joined ``values``.
        """

        def make() -> Any:
            mine, theirs = (
                self._key(self._table, column, form, unsaid),
                self._key(other._table, other_column, form, unsaid),
            )
            mine = mine.rename(source="n", mine="other")
            theirs = theirs.rename(target="n", theirs="other", k2="k")
            both = mine.outer_join(theirs, mine.k == theirs.k2)
            source, target = both.source.fill_null(0), both.target.fill_null(0)
            shared = (source > 0) & (target > 0)
            return both.aggregate(
                source_rows=source.sum().cast("int64"), target_rows=target.sum().cast("int64"),
                source_joined=shared.ifelse(source, 0).sum().cast("int64"), target_joined=shared.ifelse(target, 0).sum().cast("int64"),
                source_most=shared.ifelse(source, 0).max().cast("int64"), target_most=shared.ifelse(target, 0).max().cast("int64"),
                values=shared.ifelse(1, 0).sum().cast("int64"), strange=(both.mine.fill_null(0) + both.theirs.fill_null(0)).max().cast("int64"),
            )  # fmt: skip

        counted = self._ask("joins over all rows", make, lambda a: a.to_pylist()[0])
        return None if counted.pop("strange") else {name: int(count or 0) for name, count in counted.items()}

    def lies_with(self, other: IbisEngine) -> bool:
        """Whether two tables lie in one engine, so that it can join them."""
        return (
            bool(self._location) and self._location.rpartition("#")[0] == other._location.rpartition("#")[0]
        )

    def sample(self, rows: int) -> pa.Table:
        """At most so many rows, as text: all where there are no more, else those of the lowest hashes, the same each time."""
        total = self.count()

        def make() -> Any:
            some = self._table
            if total > rows:
                some = some.mutate(drawn_=self._md5(self._whole()))
                # few enough to be sorted, more than enough to choose from
                some = some.filter(some.drawn_ < hash_limit(1.1 * rows / total)).order_by("drawn_")
            return some.select(**{name: some[name].cast("string") for name in self.columns}).limit(rows)

        return self._ask("sample", make, lambda a: a)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep to itself what Ibis and the engines' drivers warn of each other's versions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _close(connection: Any) -> None:
    with contextlib.suppress(Exception):
        connection.disconnect()


def hash_limit(share: float) -> str:
    """The MD5 below which a share of all values lies.

    >>> hash_limit(0.25)
    '40000000'
    """
    return f"{min(round(share * 16**8), 16**8 - 1):08x}"


def _call(name: str, gives: str, *arguments: Any) -> Any:
    """Call a function of the engine by its name there; arguments are Ibis texts or plain ones."""
    import ibis

    values = [ibis.literal(one) if isinstance(one, str) else one for one in arguments]
    stub = (_one, _two, _three)[len(values) - 1]
    signature = tuple(value.type() for value in values), gives
    return ibis.udf.scalar.builtin(name=name, signature=signature)(stub)(*values)


def _one(a: Any) -> None: ...


def _two(a: Any, b: Any) -> None: ...


def _three(a: Any, b: Any, c: Any) -> None: ...


def _kept(value: Any, before: Any) -> Any:
    """A number without leading zeros, of which one is left where it is nothing but zeros."""
    import ibis

    return ibis.ifelse((value == "") & (before != ""), "0", value)


def _float(scalar: pa.Scalar) -> float | None:
    value = scalar.as_py()
    return None if value is None else float(value)


def connect(location: str) -> tuple[Any, Any]:
    """Connect to the table of a URL such as ``postgresql://user:password@host/database#schema.table``.

    Spark on a cluster is reached by Spark Connect (``sc://host:15002#schema.table``, or ``pyspark://`` with the host).

    Raises
    ------
    UnreadableTable
        If no table is named, the engine's package is missing, or it refuses; no password is printed.
    """
    import ibis

    said = mask_location(location)
    if location.partition("://")[0].lower() in LAKES:
        return _open_lake(location, said)
    url, mark, table = location.rpartition("#")
    if not mark or not table:
        raise UnreadableTable(f"{said} names no table: add it as #table or #schema.table")
    scheme = url.partition("://")[0].lower()
    if scheme not in SCHEME_EXTRAS:
        allowed = ", ".join(f"{name}://" for name in (*SCHEME_EXTRAS, *LAKES))
        raise UnreadableTable(f"{said}: {scheme}:// is no engine that can be asked; allowed: {allowed}")
    connection = None
    try:
        if extra := SCHEME_EXTRAS[scheme]:
            require_extra(extra, said)
        with quiet():
            connection = _open_spark(url) if scheme in ("pyspark", "sc") else ibis.connect(url)
            schema, _, name = table.rpartition(".")
            return connection, connection.table(name, database=schema or None)
    except MissingExtra as problem:
        raise UnreadableTable(str(problem)) from problem
    except ImportError as problem:
        raise UnreadableTable(f"{said} needs a package that is not installed: {problem}") from problem
    except Exception as problem:  # every engine brings exceptions of its own
        if connection is not None and connection.name not in SHARED:
            _close(connection)
        raise UnreadableTable(f"{said} can't be read: {_why(problem, location)}") from None


def _open_lake(url: str, said: str) -> tuple[Any, Any]:
    import ibis

    try:
        engine, table = open_lake(url)
        engine.execute(f"CREATE VIEW lake AS SELECT * FROM {table}")  # noqa: S608
        with quiet():
            connection = ibis.duckdb.from_connection(engine)
            return connection, connection.table("lake")
    except NoExtension as problem:
        raise UnreadableTable(f"{said} needs {problem}") from None
    except Exception as problem:  # what the store answers
        raise UnreadableTable(f"{said} can't be read: {_why(problem, url)}") from None


def _open_spark(url: str) -> Any:
    """Open Spark where the URL says: by Spark Connect on a host, else in this process."""
    import ibis

    place = url.partition("://")[2]
    host, slash, _ = place.partition("/")
    if host in HERE:
        return ibis.connect(f"pyspark://{place}")
    builder: Any = import_module("pyspark.sql").SparkSession.builder
    session = builder.remote(f"sc://{place if slash else f'{place}/'}").getOrCreate()
    return ibis.pyspark.connect(session)


def _why(problem: Exception, location: str) -> str:
    return mask_secrets(f"{type(problem).__name__}: {problem}".splitlines()[0], location)


class RemoteStore(ArrowStore):
    """Rows drawn from an engine, and the engine to ask about all of them.

    Parameters
    ----------
    table
        The rows that were drawn.
    engine
        The engine.
    total
        Rows of the table there.
    """

    def __init__(self, table: pa.Table, engine: IbisEngine, total: int) -> None:
        super().__init__(table)
        self.engine, self.total = engine, total

    @property
    def drawn(self) -> str:
        """What was drawn, in words; empty where it is the whole table."""
        return f"{self.rows:,} of {self.total:,} rows" if self.total > self.rows else ""


def fetched(location: str, workplace: Workplace) -> tuple[RemoteStore, Reading]:
    """Open the table of a URL: its rows where they are few, a sample of them where they are many.

    Raises
    ------
    UnreadableTable
        If it can't be read, or the connection drops.
    """
    engine = IbisEngine(*connect(location), location)
    said = mask_location(location)
    try:
        total = engine.count()
        drawn = engine.sample(FETCHED)
    except NotAssessed as lacking:
        raise UnreadableTable(f"{said} can't be read: {lacking}") from lacking
    except UnreadableTable:
        raise
    except Exception as problem:  # the connection dropped; every engine says it in its own way
        raise UnreadableTable(f"{said} dropped the connection: {_why(problem, location)}") from None
    names, renamed = unique_names(drawn.column_names)
    drawn = pa.table([pc.cast(column, pa.large_string()) for column in drawn.columns], names)
    notes = (f"{drawn.num_rows:,} of {total:,} rows drawn",) if total > drawn.num_rows else ()
    reading = Reading(location=said, form=engine.name, renamed=renamed, notes=notes)
    return RemoteStore(drawn, engine, total), reading
