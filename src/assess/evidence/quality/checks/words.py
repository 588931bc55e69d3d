"""The words of each check: what it says of cells, why that matters to an integration, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from .registry import CHECKS, Check


@dataclass(frozen=True)
class Words:
    """The words of a check.

    Parameters
    ----------
    name
        As in the cells of a profile.
    title
        What is wrong with the cells, to follow "12 cells".
    matters
        What it does to an integration if nothing is done.
    action
        What to do.
    rule
        A DuckDB expression that repairs a value, ``{}`` standing for the column; empty if only single
        values can be repaired.
    """

    name: str
    title: str
    matters: str
    action: str
    rule: str = ""

    def fix(self, column: str) -> str:
        """Return the repairing expression for a quoted column, empty if there is none."""
        return self.rule.replace("{}", column)


WORDS = {
    check.name: check
    for check in (
        Words(
            "incomplete", "hold nothing",
            "A field that the target requires stops the record; one that it does not require arrives empty.",
            "Agree which fields must be filled, at which step, and fill those that the target requires.",
        ),
        Words(
            "date formats", "are dates in another format",
            "Day and month are swapped without an error: the wrong date is stored as a right one.",
            "Agree on ISO 8601 at the interface; ask the owner which order the ambiguous rows mean.",
        ),
        Words(
            "broken key", "repeat or lack the key",
            "Records are updated twice, or onto each other, and joins multiply rows.",
            "Decide which record survives, and enforce the key in the source.",
        ),
        Words(
            "orphan", "name no record",
            "The record arrives without its parent: the target refuses it, or books it on nobody.",
            "Find out whether the parent was deleted or mistyped, and enforce the reference in the source.",
        ),
        Words(
            "duplicates", "repeat an earlier row",
            "The same fact arrives twice: amounts are counted double, customers are written to twice.",
            "Drop the repeated rows, and find out which job writes them.",
        ),
        Words(
            "duplicates but for format", "repeat an earlier row but for case, spaces and punctuation",
            "The same record exists twice under two spellings: no exact comparison will ever join them.",
            "Normalise before loading, and decide which spelling survives.",
        ),
    )
}  # fmt: skip
"""Words of what is found about whole columns and rows; those of suspect cells are the detectors' own."""


def find_check(name: str) -> Words | Check:
    """Return the words of a check, its detector's own where it has some.

    >>> find_check("broken key").title
    'repeat or lack the key'
    """
    own = next((check for check in CHECKS if check.name == name), None)
    return own or WORDS[name]
