"""What is known and accepted for a time: a file of fingerprints, each with a reason and a last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from assess.core.dates import read_day
from assess.core.record import Record
from assess.intake import text_files
from assess.intake.problem import InputLocation, Problems, closest_word, listed
from assess.intake.raw import LocatedNode

from .result import Accepted, CheckResult, Violation

KEYS = ("fingerprint", "rule", "what", "reason", "until")
NEEDED = ("fingerprint", "reason", "until")
HEAD = "# Violations that are accepted until a day, made by: assess check --write-baseline\n"
LONGEST = 366
"""Days for which a violation can be accepted."""


def read(path: Path) -> tuple[Accepted, ...]:
    """Read a baseline.

    Raises
    ------
    InvalidEngagement
        With everything that is wrong with the file.
    """
    problems = Problems()
    place = InputLocation(file=str(path))
    try:
        content = path.read_bytes()
    except OSError as error:
        problems.add(place, f"can't be read ({error.strerror})", allowed="a file that --write-baseline made")
        content = b""
    problems.stop()
    root = text_files.read_yaml(content, place, problems)
    found: list[Accepted] = []
    if root is not None and isinstance(root.value, Mapping):
        _unknown(root.value, ("accepted",), "", place, problems)
        node = root.value.get("accepted")
        if node is None or isinstance(node.value, str | Mapping):
            problems.add(place, "lists nothing", row=(node or root).line, column="accepted", allowed="a list")
        else:
            found = [
                entry
                for n, item in enumerate(node.value or (), 1)
                if (entry := _entry(item, f"accepted[{n}]", place, problems))
            ]
    for entry, first in _twice(found):
        message = f"is accepted twice (first in line {first.line})"
        problems.add(place, message, row=entry.line, value=entry.fingerprint, allowed="each violation once")
    problems.stop()
    return tuple(found)


def _unknown(
    nodes: Mapping[str, LocatedNode],
    keys: Sequence[str],
    prefix: str,
    place: InputLocation,
    problems: Problems,
) -> None:
    for name, node in nodes.items():
        if name not in keys:
            near = closest_word(name, keys)
            hint = f', did you mean "{near}"?' if near else ""
            problems.add(place, f"is no key{hint}", row=node.line, column=prefix + name, allowed=listed(keys))


def _entry(item: LocatedNode, key: str, place: InputLocation, problems: Problems) -> Accepted | None:
    if not isinstance(item.value, Mapping):
        problems.add(place, "is no entry", row=item.line, column=key, allowed="keys: " + listed(KEYS))
        return None
    before = len(problems)
    _unknown(item.value, KEYS, f"{key}.", place, problems)
    words: dict[str, str] = {}
    for name in KEYS:
        node = item.value.get(name)
        text = node.value.strip() if node is not None and isinstance(node.value, str) else ""
        if name in NEEDED and not text:
            line = node.line if node is not None else item.line
            problems.add(place, "is missing", row=line, column=f"{key}.{name}", allowed="a text")
        words[name] = text
    until = read_day(words["until"])
    if words["until"] and until is None:
        problems.add(
            place, "is no date", row=item.value["until"].line, column=f"{key}.until", value=words["until"],
            allowed="YYYY-MM-DD",
        )  # fmt: skip
    if len(problems) > before or until is None:
        return None
    return Accepted(
        fingerprint=words["fingerprint"], reason=words["reason"], until=until, rule=words["rule"],
        what=words["what"], line=item.line,
    )  # fmt: skip


def _twice(entries: Sequence[Accepted]) -> Iterable[tuple[Accepted, Accepted]]:
    first: dict[str, Accepted] = {}
    for entry in entries:
        if entry.fingerprint in first:
            yield entry, first[entry.fingerprint]
        first.setdefault(entry.fingerprint, entry)


def written(
    violations: Iterable[Violation],
    earlier: Sequence[Accepted],
    *,
    reason: str,
    until: dt.date,
    today: dt.date,
) -> str:
    """Return a baseline that accepts violations; what was accepted already and has not expired keeps its reason and day."""
    kept = {entry.fingerprint: entry for entry in earlier if entry.until >= today}
    entries = []
    for violation in violations:
        known = kept.get(violation.fingerprint)
        entries.append(
            {
                "fingerprint": violation.fingerprint,
                "rule": violation.rule,
                "what": violation.message,
                "reason": known.reason if known else reason,
                "until": (known.until if known else until).isoformat(),
            }
        )
    return HEAD + yaml.safe_dump({"accepted": entries}, sort_keys=False, allow_unicode=True, width=110)


class Acceptance(Record):
    """The wish to accept what is wrong today.

    Parameters
    ----------
    path
        The baseline to write.
    """

    path: Path
    until: dt.date
    reason: str
    today: dt.date
    earlier: tuple[Accepted, ...] = ()

    @classmethod
    def of(
        cls, path: Path | None, *, until: dt.date | None, reason: str | None, today: dt.date
    ) -> Acceptance | None:
        """Check the wish; None where there is none.

        Raises
        ------
        InvalidEngagement
            If it has no reason or no day, the day is past or more than a year ahead, or the file is there and can't be read.
        """
        problems = Problems()
        if path is None:
            for name, given in (("--until", until), ("--reason", reason)):
                if given is not None:
                    problems.add(name, "is given without --write-baseline", allowed="--write-baseline FILE")
            problems.stop()
            return None
        if not (reason or "").strip():
            problems.add("--reason", "is missing", allowed="why it is accepted, in a few words")
        last = today + dt.timedelta(days=LONGEST)
        if until is None or not today <= until <= last:
            value = until.isoformat() if until else None
            message = "is no day that it can be accepted until" if until else "is missing"
            problems.add("--until", message, value=value, allowed=f"{today} to {last}")
        problems.stop()
        assert until is not None and reason is not None
        earlier = read(path) if path.exists() else ()
        return cls(path=path, until=until, reason=reason.strip(), today=today, earlier=earlier)

    def write(self, gate: CheckResult) -> None:
        """Write the baseline: what holds the gate and what it accepts already."""
        told = [*(accept.violation for accept in gate.accepted), *gate.violations]
        kept = [
            *self.earlier,
            *(
                Accepted(fingerprint=a.violation.fingerprint, reason=a.reason, until=a.until)
                for a in gate.accepted
            ),
        ]
        text = written(told, kept, reason=self.reason, until=self.until, today=self.today)
        self.path.write_text(text, "utf-8")
