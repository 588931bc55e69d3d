"""Signals end a command with a sentence and the exit code of shells, in whatever moment they come."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assess import intake
from assess.core.messages import explain_os_error

ASSESS = [str(Path(sys.executable).with_name("assess"))]
REPORT = "an earlier report is as it was"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("signals")
    intake.init(place / "acme")
    return place


def as_from_a_terminal():
    """Let no signal be ignored from the start, as it is below nohup and in some CI servers."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def start(folder, *arguments, **env):
    return subprocess.Popen(
        [*ASSESS, *arguments], cwd=folder, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
        preexec_fn=as_from_a_terminal,
    )  # fmt: skip


def caught(process, number):
    """Wait until the process catches a signal, as the system shows it."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        mask = int(next(line for line in status.splitlines() if line.startswith("SigCgt")).split()[1], 16)
        if mask >> (number - 1) & 1:
            return
        time.sleep(0.002)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize("pause", [0.0, 0.05, 0.2, 0.5, 1.0])
@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (signal.SIGINT, "stopped"),
        (signal.SIGTERM, "stopped by SIGTERM"),
        (signal.SIGHUP, "stopped by SIGHUP"),
    ],
)
def test_a_signal_while_a_run_starts_is_answered_in_one_sentence(folder, number, sentence, pause):
    process = start(folder, "run", "acme", "--only", "3")
    caught(process, signal.SIGTERM)  # Python's own handler of the interrupt is there before
    time.sleep(pause)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    lines = [line for line in err.splitlines() if line and not line.startswith("Still the invented")]
    assert process.returncode == 128 + number, err
    assert out == "" and len(lines) == 1 and lines[0].startswith(sentence) and lines[0].endswith(REPORT)
    assert not (folder / "reports").exists()


SWALLOWED = """
import contextlib, os, signal
from assess.cli import reports, signals
from assess.report.run import RunProgress
signals.unwind_on_signals()
with contextlib.suppress(BaseException), reports.Bar() as bar:
    os.kill(os.getpid(), signal.SIGTERM)
with reports.Bar() as bar:
    try:
        bar.show(RunProgress(1, 1, ()))
    except signals.Stopped as stopped:
        print(stopped.number)
"""
"""A signal whose exception is lost, as in an import of a compiled module, and the next step of a run."""


def test_a_signal_that_something_swallows_ends_the_run_at_its_next_step():
    done = subprocess.run(
        [sys.executable, "-c", SWALLOWED], capture_output=True, text=True, preexec_fn=as_from_a_terminal
    )
    assert (done.returncode, done.stdout) == (0, f"{signal.SIGTERM.value}\n"), done.stderr


TURNED = """
import os, signal
from assess.cli import commands
def builds_a_model(**settings):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except BaseException as swallowed:
        raise ValueError("a schema could not be built") from swallowed
commands.assess.main = builds_a_model
commands.execute()
"""
"""A signal of whose exception a library makes an error of its own."""


def test_a_signal_that_something_turns_into_an_error_is_a_signal_still():
    done = subprocess.run(
        [sys.executable, "-c", TURNED], capture_output=True, text=True, preexec_fn=as_from_a_terminal
    )
    assert done.returncode == 128 + signal.SIGTERM and done.stderr.startswith("stopped by SIGTERM")
    assert "schema" not in done.stderr


def test_what_was_started_to_outlive_its_terminal_does(folder):
    process = subprocess.Popen(
        [*ASSESS, "validate", "acme"], cwd=folder, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    caught(process, signal.SIGTERM)
    process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and "valid" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "acme", "-o", "x" * 300), "the name is longer than this disk allows; use a shorter one"),
        (("check", "acme", "-o", "file/below.txt"), "a part of the path is a file, and a folder is needed"),
        (("check", "acme", "-o", "gone/x.txt"), "gone/x.txt: it is not there; check the spelling"),
        (("audit", "gone.jsonl"), "gone.jsonl: it is not there"),
    ],
)
def test_an_error_of_the_system_is_a_sentence(folder, arguments, words):
    (folder / "file").touch()
    process = start(folder, *arguments)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert words in err and "Errno" not in err and "Traceback" not in err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_may_not_be_written_is_named(folder, tmp_path):
    tmp_path.chmod(0o500)
    process = start(folder, "check", "acme", "-o", str(tmp_path / "x.txt"))
    assert "this user may not read or write it" in process.communicate(timeout=120)[1]


def test_every_number_of_the_system_has_words():
    import errno

    for number, name in errno.errorcode.items():
        text = explain_os_error(OSError(number, os.strerror(number), "a/b"))
        assert text.startswith("a/b: ") and "Errno" not in text and len(text) > 10, name


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("draws", "-1", "-1 is not from 10 to 1,000,000"),
        ("draws", "0", "0 is not from 10 to 1,000,000"),
        ("draws", "1000000000000", "is not from 10 to 1,000,000"),
        ("draws", "nan", "'nan' is not a whole number"),
        ("draws", "1e5", "'1e5' is not a whole number"),
        ("draws", "190:20:30", "is not a whole number"),
        ("seed", "-5", "-5 is not from 0 to 4,294,967,295"),
        ("seed", "inf", "'inf' is not a whole number"),
        ("show_values", "2", "'2' is not true or false"),
    ],
)
def test_a_parameter_outside_its_limits_is_refused_before_anything_runs(folder, name, value, words):
    process = start(folder, "run", "acme", "-p", name, value)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2 and words in err
    assert not (folder / "reports").exists()


def test_a_notebook_refuses_the_same_values_when_papermill_sets_them(folder):
    from assess.decisions.assessment import Assessment

    for settings in ({"draws": -1}, {"draws": 10**9}, {"seed": -5}, {"draws": float("nan")}, {"draws": True}):
        with pytest.raises(ValueError, match=r"parameter '(draws|seed)': .* is not from"):
            Assessment.open(folder / "acme", **settings)
