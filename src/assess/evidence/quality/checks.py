"""The words of each check: what it says of cells, why that matters to an integration, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
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


CHECKS = {
    check.name: check
    for check in (
        Check(
            "missing", "hold nothing, in disguise",
            "The target takes a placeholder for a value: reports count it, matching on it joins strangers.",
            "Load placeholders as null, and agree which fields must be filled.",
            "nullif(regexp_replace(trim({}), '^(?:[-–—_.?*#/ ~]+|(?i:n/?a|n\\.a\\.?|null|none|nan|unknown|tbd|missing))$', ''), '')",
        ),
        Check(
            "incomplete", "hold nothing",
            "A field that the target requires stops the record; one that it does not require arrives empty.",
            "Agree which fields must be filled, at which step, and fill those that the target requires.",
        ),
        Check(
            "date formats", "are dates in another format",
            "Day and month are swapped without an error: the wrong date is stored as a right one.",
            "Agree on ISO 8601 at the interface; ask the owner which order the ambiguous rows mean.",
        ),
        Check(
            "broken key", "repeat or lack the key",
            "Records are updated twice, or onto each other, and joins multiply rows.",
            "Decide which record survives, and enforce the key in the source.",
        ),
        Check(
            "duplicates", "repeat an earlier row",
            "The same fact arrives twice: amounts are counted double, customers are written to twice.",
            "Drop the repeated rows, and find out which job writes them.",
        ),
        Check(
            "duplicates but for format", "repeat an earlier row but for case, spaces and punctuation",
            "The same record exists twice under two spellings: no exact comparison will ever join them.",
            "Normalise before loading, and decide which spelling survives.",
        ),
        Check(
            "spelling", "are probably typing errors",
            "A mistyped value matches nothing in the other system, or the wrong record.",
            "Correct to the value proposed, and offer a list instead of free text.",
        ),
        Check(
            "pattern", "are written unlike the rest of the column",
            "The interface rejects the value, or cuts and converts it silently.",
            "Agree on one format, and convert at the interface.",
        ),
        Check(
            "dependency", "contradict what the same key says elsewhere",
            "Two answers for one fact: which one arrives depends on the order of the messages.",
            "Keep the fact once, and take the majority's value until the owner has decided.",
        ),
        Check(
            "outlier", "lie far outside the column's range",
            "One wrong magnitude outweighs thousands of right records in every sum.",
            "Check against the source, and let the interface refuse values outside the agreed range.",
        ),
        Check(
            "unit", "carry a unit in the value",
            "The target expects a number and reads text, or drops the unit and mixes scales.",
            "Move the unit into a column of its own, and convert to one unit.",
        ),
        Check(
            "encoding", "hold characters broken by a wrong encoding",
            "Names arrive garbled, and comparisons with the right spelling fail.",
            "Read the extract in its true encoding; repair what is already stored broken.",
        ),
    )
}  # fmt: skip
"""Words by check; a detector that brings its own words is asked first."""


def check_of(name: str) -> Check:
    """Return the words of a check, its detector's own where it has some.

    >>> check_of("spelling").title
    'are probably typing errors'
    """
    own = _detectors().get(name)
    if own is not None:
        return own
    return CHECKS.get(name) or Check(
        name, f"are suspect ({name})", "The target may refuse the value, or store a wrong one.",
        "Check with the owner, and repair in the source.",
    )  # fmt: skip


def _detectors() -> dict[str, Check]:
    """Words that the detectors' registry brings."""
    return {}
