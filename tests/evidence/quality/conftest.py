"""Engines that are started for a test: a PostgreSQL cluster of its own, a local Spark session."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

PASSWORD = "s3cret-" + secrets.token_hex(4)


class Postgres:
    """A throw-away cluster, listening on the loopback only; root runs it as the user postgres."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql://ann:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def call(self, program: str, *arguments: object) -> None:
        other = (
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        )
        command = [*other, self.programs / program, "-D", self.folder / "data", *arguments]
        subprocess.run([*map(str, command)], check=True, cwd=self.folder, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        said = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self.call("pg_ctl", "-w", "-l", self.folder / "log", "-o", said, "start")

    def stop(self) -> None:
        self.call("pg_ctl", "-m", "immediate", "stop")


def programs() -> Path | None:
    """Where PostgreSQL's server programs are."""
    found = shutil.which("initdb")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if not found else [Path(found).parent]
    return places[-1] if places else None


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server with the user ann; without one the tests skip."""
    pytest.importorskip("psycopg")
    place = programs()
    if place is None:
        pytest.skip("no PostgreSQL server: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
    (folder / "password").write_text(PASSWORD)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "password", "postgres")
    server = Postgres(place, folder)
    server.call("initdb", "-U", "ann", "--pwfile", folder / "password", "-A", "scram-sha-256", "-E", "UTF8",
                "--locale=C.UTF-8", "--no-sync")  # fmt: skip
    server.start()
    yield server
    if (folder / "data" / "postmaster.pid").exists():
        server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """A local Spark session; without Java or the package (``pip install 'assess[spark]'``) the tests skip."""
    pytest.importorskip("pyspark")
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        pytest.skip("no Java for Spark")
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": str(folder / "warehouse"), "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(folder),
    }  # fmt: skip
    made = SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        made = made.config(name, value)
    session = made.getOrCreate()
    yield session
    session.stop()
