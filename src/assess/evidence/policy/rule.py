"""A rule: to what it applies, what it asks, why, and how to meet it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from assess.core.finding import Severity
from assess.core.record import Record

from .subject import FREE

Operation = Literal[
    "text", "number", "boolean", "date", "list",
    "one_of", "none_of", "matches", "is", "at_least", "at_most", "before", "not_before",
]  # fmt: skip
"""What a test asks of a value; see docs/method/policy.md for each."""

TODAY = "today"
"""Stands for the day of the assessment in a comparison of dates."""


class Test(Record):
    """One thing that is asked of one field.

    Parameters
    ----------
    path
        Keys from the document's root to the field.
    operation
        What is asked; the first five ask for the type alone, and that it is not empty.
    texts
        The words of ``one_of`` and ``none_of``, the pattern of ``matches``, the date of ``before`` and ``not_before``.
    number
        The limit of ``at_least`` and ``at_most``.
    flag
        The answer that ``is`` asks for.
    presence
        Whether a missing field is a failure instead of "not evaluable": where its presence is what is asked.
    """

    path: tuple[str, ...]
    operation: Operation
    texts: tuple[str, ...] = ()
    number: float | None = None
    flag: bool | None = None
    presence: bool = False

    __test__ = False  # no test class

    @property
    def field(self) -> str:
        """The path as it is written, such as ``metadata.annotations.acme/deputy``."""
        return ".".join(self.path)


class Rule(Record):
    """What must hold of every subject of some kinds.

    Parameters
    ----------
    id
        Stable name; the client's own ones have their file's prefix, such as ``nordwind/no-new-files``.
    title
        What holds where it is met, in a few words; empty where none is given.
    kinds
        Kinds of subjects to which it applies.
    where
        Which of them: fields that must have one of the given words. A subject that lacks such a field can't be
        told to be out of the rule's reach, so it is not evaluable.
    when
        In which state of a subject it applies; not evaluable where that can't be told.
    tests
        What must hold.
    file, line
        Where the rule stands; the built-in ones stand in ``rules.yaml`` of this package.
    own
        Whether it is the client's.
    needs
        Input without which none of its subjects can be judged.
    """

    id: str
    severity: Severity
    rationale: str
    fix: str
    kinds: tuple[str, ...]
    where: tuple[Test, ...] = ()
    when: tuple[Test, ...] = ()
    tests: tuple[Test, ...]
    file: str = "rules.yaml"
    line: int | None = None
    own: bool = False
    title: str = ""
    needs: tuple[str, ...] = ()


def keys(path: str) -> tuple[str, ...]:
    """Split a dotted path; what follows annotations and labels is one key, dots and all.

    >>> keys("metadata.annotations.backstage.io/source-location")
    ('metadata', 'annotations', 'backstage.io/source-location')
    >>> keys("spec.owner")
    ('spec', 'owner')
    """
    for prefix in FREE:
        start = ".".join(prefix) + "."
        if path.startswith(start) and len(path) > len(start):
            return (*prefix, path[len(start) :])
    return tuple(path.split("."))


def paths(rule: Rule) -> Iterable[tuple[str, ...]]:
    """Return every path that a rule reads, in order."""
    return [test.path for test in (*rule.where, *rule.when, *rule.tests)]
