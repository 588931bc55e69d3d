"""A machine of its own for every attack: home, temporary folder, working folder, a listener and canaries."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ASSESS = [str(Path(sys.executable).with_name("assess"))]
CLIENT = "client: Acme\ndate: 2026-10-01\n"
SYSTEMS = "id,name,kind,data\ncrm,CRM,CRM,\nerp,ERP,ERP,\n"
INTEGRATIONS = "id,source,target,entity\norders,crm,erp,orders\n"


class Listener:
    """A server on loopback that nobody may speak to."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard: list[bytes] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self.socket.accept()
                with caller:
                    caller.settimeout(1)
                    self.heard.append(b"")
                    with contextlib.suppress(OSError):
                        self.heard[-1] = caller.recv(100)


class Machine:
    """Where an attack happens; `run` starts `assess` on it, bounded in time.

    The environment holds nothing of the tests' own; ``flag`` is the file that hostile code would write,
    ``outside`` a folder that no run may read or write, ``acme`` an engagement of a stranger.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.flag = folder, folder / "EXECUTED"
        self.home, self.tmp, self.work, self.outside = (
            folder / name for name in ("home", "tmp", "work", "outside")
        )
        for path in (self.home, self.tmp, self.work, self.outside):
            path.mkdir()
        self.acme = self.engagement("acme")
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "CI")}
        self.env = kept | {"HOME": str(self.home), "TMPDIR": str(self.tmp), "TQDM_DISABLE": "1"}

    def engagement(self, name: str) -> Path:
        """Write a small valid engagement into the working folder."""
        folder = self.work / name
        (folder / "extracts").mkdir(parents=True)
        (folder / "engagement.yaml").write_text(CLIENT)
        (folder / "systems.csv").write_text(SYSTEMS)
        (folder / "integrations.csv").write_text(INTEGRATIONS)
        return folder

    @property
    def payload(self) -> str:
        """Python that tells on itself when somebody executes it."""
        return f"open({str(self.flag)!r}, 'a').write(__name__ + chr(10))\n"

    def start(self, *arguments: object, cwd: Path | None = None, **env: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            [*ASSESS, *map(str, arguments)], cwd=cwd or self.work, env=self.env | env, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip

    def run(
        self, *arguments: object, cwd: Path | None = None, seconds: float = 120, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; one that takes longer is ended, and the test with it."""
        process = self.start(*arguments, cwd=cwd, **env)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            pytest.fail(f"assess {' '.join(map(str, arguments))} takes more than {seconds} s")
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def serve(self, command: str, cwd: Path, asked: str = "", seconds: float = 60) -> tuple[str, str]:
        """Start ``lab`` or ``serve``, wait until it prints its address or ends, ask for a page, end it; return what it said, and the page."""
        root = ["--allow-root"] if command == "lab" and os.name == "posix" and os.geteuid() == 0 else []
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = self.start(command, ".", "--no-browser", f"--port={port}", *root, cwd=cwd)
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.extend(iter(process.stderr.readline, "")), daemon=True)
        reader.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end and process.poll() is None and "http://" not in "".join(said):
            time.sleep(0.05)
        page = ""
        if asked and (address := re.search(r"http://\S+?/\?token=\w+", "".join(said))):
            with urllib.request.urlopen(address[0].replace("/?", f"/{asked}?"), timeout=seconds) as answer:
                page = answer.read().decode("utf-8")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        reader.join(5)
        process.stdout.close()
        process.stderr.close()
        return "".join(said), page


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    """A listener on loopback: any connection is a failure."""
    found = Listener()
    yield found
    found.socket.close()
    assert found.heard == []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine for one attack."""
    return Machine(tmp_path)


@pytest.fixture(scope="module")
def shared_machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine on which one run is looked at from several sides."""
    return Machine(tmp_path_factory.mktemp("machine"))
