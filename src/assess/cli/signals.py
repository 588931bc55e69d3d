"""Signals that end a command: an interrupt, a request to end, a terminal that was closed.

While the command is still being imported it ends at once. Later the signal unwinds what the command has begun, so that
nothing is left half; a second one ends it at once. An exception that a signal raises within code that swallows all of
them, such as an import of a compiled module, is lost: so a run asks again between its steps, see `stop_if_signalled`.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping
from types import FrameType
from typing import NoReturn

KEPT = "an earlier report is as it was"

REASONS: Mapping[str, str] = {
    "SIGINT": f"stopped; {KEPT}",
    "SIGTERM": f"stopped by SIGTERM: another program or this machine asked it to end; {KEPT}",
    "SIGHUP": f"stopped by SIGHUP: its terminal was closed; {KEPT}",
}
"""What is said of each signal; one that this system does not have is not caught."""


class Stopped(KeyboardInterrupt):
    """A signal has asked the command to end; ``number`` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


_received: list[int] = []
"""The signals that this process was asked to end by, the first first."""


def stop_if_signalled() -> None:
    """Raise `Stopped` if a signal has come, whatever became of the exception that it raised.

    Raises
    ------
    Stopped
        Of the first signal.
    """
    if _received:
        raise Stopped(_received[0])


def explain_signal(number: int) -> str:
    """Say in one sentence what a signal has done."""
    return REASONS[signal.Signals(number).name]


def exit_code(number: int) -> int:
    """Return the exit code that shells give to a signal: 130 for an interrupt, 143 for SIGTERM, 129 for SIGHUP."""
    return 128 + number


def end_on_signals() -> None:
    """End this process at once on each of the signals."""
    _handle(_end)


def unwind_on_signals() -> None:
    """Raise `Stopped` on the first of the signals, and end at once on the second."""
    _handle(_unwind)


def _handle(handler: signal.Handlers | object) -> None:
    for name in REASONS:
        number = getattr(signal, name, None)
        # what was started in the background, or by nohup, ignores some of them, and goes on to
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)  # type: ignore[arg-type]


def _end(number: int, frame: FrameType | None) -> NoReturn:
    with contextlib.suppress(OSError):
        os.write(2, f"{explain_signal(number)}\n".encode())
    os._exit(exit_code(number))


def _unwind(number: int, frame: FrameType | None) -> NoReturn:
    _received.append(number)
    _handle(_end)
    raise Stopped(number)
