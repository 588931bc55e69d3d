"""A standalone Spark cluster of processes on the loopback: reached by Spark Connect, and by a session that is open already.

``make test-cluster`` installs Spark and runs it; without Java or pyspark it skips.
"""

import importlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from evidence.quality.test_drawn_together import LONE, ROWS, UNSAID, plant

pytestmark = pytest.mark.slow
PARTS, START = 4, 180
"""Files that a table is cut into, so that two workers have something to read; seconds that a process may take to start."""
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Of the Java machine: what runs for a minute is not worth compiling well."""
SETTINGS = {
    "spark.executor.cores": "1", "spark.executor.memory": "512m", "spark.driver.memory": "700m", "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4", "spark.sql.adaptive.enabled": "false", "spark.ui.enabled": "false", "spark.eventLog.enabled": "true",
    "spark.driver.extraJavaOptions": QUICK, "spark.executor.extraJavaOptions": QUICK, "spark.eventLog.rolling.enabled": "false", "spark.eventLog.compress": "false",
}  # fmt: skip
CLIENT = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pyspark.sql import SparkSession
from assess.evidence import quality
from assess.evidence.quality import remote
from assess.evidence.quality.compare import drawing
way, data, url = sys.argv[1:]
builder = SparkSession.builder
session = (builder.remote(url) if way == "connect" else builder.config("spark.submit.deployMode", "client").master(url)).getOrCreate()
session.sql("CREATE DATABASE IF NOT EXISTS crm")
for name in ("s", "t"):
    session.sql(f"CREATE TABLE crm.{name} USING parquet LOCATION 'file:{data}/{name}'")
if way == "connect":
    session.stop()  # the product opens its own
remote.FETCHED, drawing.JOINT, drawing.PREVIEW, drawing.SKETCHED = 3_000, 2_000, 1_000, 500
place = f"{url}#crm" if way == "connect" else "pyspark://#crm"
found = quality.compare(f"{place}.s", f"{place}.t")
print(json.dumps({
    "joined": found.joined, "rows": [found.source_rows, found.target_rows], "drawn": found.drawn, "lacking": found.not_assessed,
    "findings": [[f.column, f.check, f.rows, f.evidence] for f in found.findings],
}))
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Cluster:
    """A master, two workers of one core, and what is started beside them; ended by their process ids."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.home = Path(importlib.import_module("pyspark").__file__).parent
        self.url = f"spark://127.0.0.1:{free_port()}"
        for name in ("events", "data"):
            (folder / name).mkdir()
        every = SETTINGS | {
            "spark.eventLog.dir": f"file:{folder}/events", "spark.local.dir": f"{folder}/spill",
            "spark.sql.warehouse.dir": f"{folder}/warehouse", "spark.driver.bindAddress": "127.0.0.1",
        }  # fmt: skip
        (folder / "spark-defaults.conf").write_text("".join(f"{k} {v}\n" for k, v in every.items()))
        self.environment = os.environ | {
            "SPARK_HOME": str(self.home), "SPARK_CONF_DIR": str(folder), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable,
            "SPARK_DAEMON_MEMORY": "700m", "SPARK_DAEMON_JAVA_OPTS": QUICK, "SPARK_PUBLIC_DNS": "127.0.0.1",
        }  # fmt: skip

    def run(self, name, said, *arguments):
        """Start a program of Spark and wait until its log says that it serves."""
        log = self.folder / f"{name}.log"
        with log.open("w") as file:
            command = [str(self.home / "bin" / arguments[0]), *arguments[1:]]
            started = subprocess.Popen(command, env=self.environment, stdout=file, stderr=subprocess.STDOUT, cwd=self.folder)  # fmt: skip
        self.processes.append(started)
        until = time.monotonic() + START
        while said not in log.read_text():
            assert started.poll() is None and time.monotonic() < until, (name, log.read_text()[-2_000:])
            time.sleep(0.3)

    def start(self):
        host = ["--host", "127.0.0.1", "--webui-port", "0"]
        port = self.url.rpartition(":")[2]
        self.run(
            "master", "I have been elected leader", "spark-class", "org.apache.spark.deploy.master.Master", *host, "--port", port
        )  # fmt: skip
        for number in (1, 2):
            self.run(f"worker-{number}", "Successfully registered with master", "spark-class", "org.apache.spark.deploy.worker.Worker",
                     *host, "--cores", "1", "--memory", "1g", "--work-dir", str(self.folder / f"work-{number}"), self.url)  # fmt: skip

    def serve(self):
        """Start a server of Spark Connect that is a client of the cluster; return its URL."""
        port = free_port()
        self.run("connect", "Spark Connect server started", "spark-submit", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
                 "--master", self.url, "--conf", f"spark.connect.grpc.binding.port={port}", "--conf", "spark.connect.grpc.binding.address=127.0.0.1",
                 "spark-internal")  # fmt: skip
        return f"sc://127.0.0.1:{port}"

    def ask(self, way, url):
        """Run a client as a process of its own; return what it found."""
        done = subprocess.run(
            [sys.executable, "-c", CLIENT, way, str(self.folder / "data"), url], env=self.environment, cwd=self.folder,
            capture_output=True, text=True, timeout=1_200,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3_000:]
        return json.loads(done.stdout.splitlines()[-1])

    def stop(self, last=None):
        """End what was started last, so many processes; all without a number."""
        for _ in range(last or len(self.processes)):
            process = self.processes.pop()
            process.terminate()
            process.wait(60)

    def tasks(self):
        """Tasks that each worker finished, by application: executors by the workers' logs, tasks by Spark's log of events."""
        worker = {}
        for number in (1, 2):
            asked = re.findall(r"Asked to launch executor (\S+)/(\d+)", (self.folder / f"worker-{number}.log").read_text())  # fmt: skip
            worker |= dict.fromkeys(asked, f"worker-{number}")
        counted = {}
        for log in (self.folder / "events").iterdir():
            application = log.name.removesuffix(".inprogress")
            ended = [json.loads(line) for line in log.read_text().splitlines() if '"SparkListenerTaskEnd"' in line]  # fmt: skip
            done = [
                e["Task Info"]["Executor ID"] for e in ended if e["Task End Reason"]["Reason"] == "Success"
            ]
            counted[application] = Counter(worker[application, executor] for executor in done)
        return counted


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    pytest.importorskip("pyspark")
    pytest.importorskip("grpc")
    if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
        pytest.skip("no Java for Spark")
    folder = tmp_path_factory.mktemp("cluster")
    made = Cluster(folder)
    for name, frame in zip("st", plant(), strict=True):
        (folder / "data" / name).mkdir()
        for part in range(PARTS):
            frame[part::PARTS].to_parquet(folder / "data" / name / f"part-{part}.parquet", index=False)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def check(found):
    """What is planted is found by the records drawn, and estimates hold what is true."""
    assert not found["lacking"] and found["rows"] == [ROWS, ROWS - LONE]
    assert "drawn by the hash of customer_no and CustomerNumber" in found["drawn"]
    assert found["joined"] == pytest.approx((ROWS - LONE - UNSAID) / (ROWS - UNSAID), abs=0.015)
    told = {(column, check): (rows, evidence) for column, check, rows, evidence in found["findings"]}
    assert ("revenue", "scale") in told and ("state", "vocabulary") in told
    lone = next(rows for (_, name), (rows, _) in told.items() if name == "source only")
    assert LONE / 2 < lone < 2 * LONE


@pytest.mark.parametrize("way", ["connect", "session"])
def test_both_workers_do_the_work(cluster, way):
    """``sc://`` and ``pyspark://`` with the session that is open in this process."""
    before = set(cluster.tasks())
    check(cluster.ask(way, cluster.serve() if way == "connect" else cluster.url))
    (application, done), = ((name, tasks) for name, tasks in cluster.tasks().items() if name not in before)  # fmt: skip
    print(f"\n{way}: {application}, tasks by worker: {dict(sorted(done.items()))}")
    assert set(done) == {"worker-1", "worker-2"} and min(done.values()) > 10
    if way == "connect":
        cluster.stop(1)  # its cores are wanted by the next
