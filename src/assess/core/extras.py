"""Packages that not everybody needs: extras of the wheel, imported where they are used and nowhere else."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, NamedTuple


class Extra(NamedTuple):
    """An extra of the wheel: what it installs, the module by which one sees that it is there, and what is not of Python."""

    package: str
    module: str
    beside: str = ""


EXTRAS: Final = {
    "lab": Extra("jupyterlab", "jupyterlab"),
    "voila": Extra("voila", "voila"),
    "profiles": Extra("fg-data-profiling", "data_profiling"),
    "postgres": Extra("psycopg", "psycopg"),
    "spark": Extra("pyspark", "pyspark"),
    "snowflake": Extra("snowflake-connector-python", "snowflake.connector"),
    "bigquery": Extra("google-cloud-bigquery", "google.cloud.bigquery"),
    "databricks": Extra("databricks-sql-connector", "databricks.sql"),
    "trino": Extra("trino", "trino"),
    "mssql": Extra("pyodbc", "pyodbc", "Microsoft's ODBC Driver 18 for SQL Server"),
    "oracle": Extra("oracledb", "oracledb"),
    "mysql": Extra("mysqlclient", "MySQLdb", "the client library of MySQL or MariaDB (libmariadb-dev)"),
    "slides": Extra("python-pptx", "pptx"),
}
"""As in ``[project.optional-dependencies]``."""


class MissingExtra(Exception):
    """What was asked for needs a package that is not installed; the message says how to install it."""


def require_extra(name: str, asked: str) -> None:
    """Do nothing if the package of an extra is there.

    Parameters
    ----------
    name
        The extra, a key of `EXTRAS`.
    asked
        What needs it, to begin the message with.

    Raises
    ------
    MissingExtra
        If it is not.
    """
    extra = EXTRAS[name]
    if not _is_there(extra.module):
        beside = f"; it also needs {extra.beside}" if extra.beside else ""
        raise MissingExtra(
            f"{asked} needs the package {extra.package}, which is not installed: pip install 'assess[{name}]'{beside}"
        )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of a.b, a
        return False
