"""A gate as annotations of GitHub Actions (workflow commands): shown beside the line in a pull request."""

from __future__ import annotations

import re

from assess.core.messages import escape_controls

from .result import Gate
from .text import summary
from .violation import Violation


def render(gate: Gate, prefix: str = "") -> str:
    """Return one command a violation, and the answer as a notice."""
    lines = [_command("error", violation, prefix) for violation in gate.violations]
    lines += [_command("notice", violation, prefix) for violation in gate.notes]
    lines.append(f"::notice title=assess check::{message(summary(gate))}")
    return "\n".join(lines) + "\n"


def _command(level: str, violation: Violation, prefix: str) -> str:
    parts = [f"file={value(prefix + violation.file)}"]
    if violation.line:
        parts.append(f"line={violation.line}")
    parts.append(f"title={value(violation.rule)}")
    fix = f". {violation.fix}" if violation.fix else ""
    return f"::{level} {','.join(parts)}::{message(violation.message + fix)}"


def message(text: str) -> str:
    r"""Escape the message of a command, as @actions/core does (`escapeData`), and make what is invisible visible.

    >>> message("100 %\n::error::x")
    '100 %25%0A::error::x'
    """
    pieces = (p if p in ("\r", "\n") else escape_controls(p) for p in re.split("([\r\n])", text))
    return "".join(pieces).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value(text: str) -> str:
    """Escape a property of a command, as @actions/core does (`escapeProperty`).

    >>> value("a:b,c")
    'a%3Ab%2Cc'
    """
    return message(text).replace(":", "%3A").replace(",", "%2C")
