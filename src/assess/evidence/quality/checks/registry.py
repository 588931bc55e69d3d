"""The detectors, as a table of contents: what each looks for, why it matters, what to do, and its SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assess.evidence.quality.column.view import View

from .cells.dependencies import judge_dependencies, judge_keys
from .cells.formats import judge_encoding, judge_patterns, judge_units, judge_variants
from .cells.missing import judge_missing, judge_placeholders
from .cells.numbers import judge_numbers
from .cells.rows import judge_relations, judge_rows
from .cells.rules import judge_rules
from .cells.spelling import judge_spelling
from .cells.validity import judge_dates, judge_validity
from .cells.vocabulary import judge_closed_list
from .evidence import Evidence

OfColumn = Callable[[View, Evidence], None]
OfTable = Callable[[list[View], Evidence], None]


@dataclass(frozen=True)
class Check:
    """One kind of wrong cell.

    Parameters
    ----------
    name
        As in the cells of a profile.
    title
        What is wrong with the cells, to follow "12 cells".
    looks_for
        What the detector looks for, in one sentence.
    matters
        What it does to an integration if nothing is done.
    action
        What to do.
    signals
        Signals that speak for it (see `weighing` and `certain`).
    rule
        A DuckDB expression that repairs a value, ``{}`` standing for the quoted column; empty if only
        single values can be repaired.
    """

    name: str
    title: str
    looks_for: str
    matters: str
    action: str
    signals: tuple[str, ...]
    rule: str = ""

    def fix(self, column: str) -> str:
        """Return the repairing expression for a quoted column, empty if there is none."""
        return self.rule.replace("{}", column)


CHECKS: tuple[Check, ...] = (
    Check(
        "missing", "hold nothing, or a placeholder for it",
        "Blanks where rows of the same key hold a value or nearly every row does, and texts such as N/A or "
        "? that stand for a missing value.",
        "The target takes a placeholder for a value: reports count it, matching on it joins strangers.",
        "Load placeholders as null, fill what the same key says elsewhere, agree which fields are required.",
        ("blank", "gap_power", "gap_filled", "disguised", "rare_disguise", "default_date", "default_number", "default_code",
            "rare_blank",
        ),
        "nullif(regexp_replace(trim({}), '^(?:[-–—_.?*#/ ~]+|(?i:n/?a|n\\.a\\.?|null|none|nan|unknown|tbd|missing))$', ''), '')",
    ),
    Check(
        "encoding", "hold characters broken by a wrong encoding",
        "Replacement characters, control characters, UTF-8 read as a one-byte encoding, foreign letters "
        "inside Latin words.",
        "Names arrive garbled, and comparisons with the right spelling fail.",
        "Read the extract in its true encoding; repair what is already stored broken.",
        ("broken", "odd_letter"),
    ),
    Check(
        "unit", "carry a unit in the value",
        "Numbers with a unit on some rows only, or one unit spelt in several ways.",
        "The target expects a number and reads text, or drops the unit and mixes scales.",
        "Move the unit into a column of its own, and convert to one unit.",
        ("units", "some_unit"),
        "regexp_extract({}, '[-+]?[0-9][0-9,]*\\.?[0-9]*')",
    ),
    Check(
        "date formats", "are dates that can be read in two ways, or in none",
        "Rows whose day, month and year can be swapped while little in the column tells which is which; "
        "texts that are no date in a column of dates; dates far from all others.",
        "Day and month are swapped without an error: the wrong date is stored as a right one.",
        "Agree on ISO 8601 at the interface; ask the owner which order the ambiguous rows mean.",
        ("ambiguous", "foreign_date", "impossible_date", "no_date", "far_date"),
    ),
    Check(
        "validity", "are not what their column holds",
        "Failed check digits and malformed e-mail addresses, phone numbers, IBANs, VAT numbers, EANs, codes "
        "of countries, currencies and languages, by the column's semantic type.",
        "The target's own validation refuses the record, or a payment or message goes nowhere.",
        "Ask the owner for the right value; validate at entry.",
        ("invalid",),
    ),
    Check(
        "variant", "are written in another way than the rest",
        "Another case of a far more frequent text, spaces at the edges, leading zeros that got lost, a "
        "foreign mask in a closed list of codes.",
        "Joins and look-ups miss: 00123 and 123, DE and de are strangers to the target.",
        "Normalise case, spaces and width at the interface; map the list's foreign values.",
        ("edge_space", "case", "zeros_lost", "foreign_mask", "foreign_number"),
    ),
    Check(
        "vocabulary", "are foreign to their column's short list of values",
        "Values far rarer than the rarest usual value of a short, closed list, and other names for what the "
        "column usually calls otherwise.",
        "The target files the record under nothing, or under a new value that nobody maintains.",
        "Map each foreign value to one of the list, or agree to add it.",
        ("stranger", "synonym"),
    ),
    Check(
        "arithmetic", "break the arithmetic of their row",
        "Rows where c = a + b or c = a * b does not hold though nearly all rows keep it; blamed is the cell "
        "that the rule would replace by a more usual value.",
        "Totals in the target disagree with their parts: reconciliation fails record by record.",
        "Recompute the derived amount, and find out which part was changed later.",
        ("total",),
    ),
    Check(
        "order", "lie before the time that they must follow",
        "An end before its start, where nearly all rows have them in order.",
        "Durations become negative, and rules on dates (due, closed, delivered) misfire.",
        "Ask the owner which of both times is right.",
        ("order",),
    ),
    Check(
        "merged", "hold two fields in one, the other left empty",
        "A value that ends in a value of another column which is empty in that row.",
        "Both fields are wrong in the target: one too long, one missing.",
        "Split the value at the last word into both fields.",
        ("merged",),
    ),
    Check(
        "spelling", "are probably typing errors",
        "Texts one slip of the keyboard away from a frequent text, from a known word, from the same row's "
        "copy, or from anything the column's character model would expect.",
        "A mistyped value matches nothing in the other system, or the wrong record.",
        "Correct to the value proposed, and offer a list instead of free text.",
        (
            "slip", "slip_digit", "near", "near_digit", "near_times", "word", "odd_word", "strange",
            "unknown_words", "twin", "near_common",
        ),
    ),
    Check(
        "pattern", "are written unlike the rest of the column",
        "Masks and signs that hardly any other row shows, fillers such as ***, stray spaces, text among "
        "numbers.",
        "The interface rejects the value, or cuts and converts it silently.",
        "Agree on one format, and convert at the interface.",
        ("shape", "shape_rare", "short_shape", "short_shape_rare", "sign", "filler", "space", "foreign", "text_among_numbers"),
        "trim(regexp_replace({}, '\\s+', ' ', 'g'))",
    ),
    Check(
        "outlier", "lie far outside the column's range",
        "Numbers and dates far from the middle half on the scale that makes it symmetric, numbers of foreign "
        "precision or sign, numbers scattered around a constant.",
        "One wrong magnitude outweighs thousands of right records in every sum.",
        "Check against the source, and let the interface refuse values outside the agreed range.",
        (
            "extreme", "far", "far_both", "far_log", "gap", "precise", "among_default", "negative", "decimal",
            "extreme_date",
        ),
    ),
    Check(
        "repeated key", "repeat in a column whose values are otherwise unique",
        "Values that occur again in a nearly unique column.",
        "Records are updated onto each other, and joins multiply rows.",
        "Decide which record keeps the key, and enforce it in the source.",
        ("again", "again_often"),
    ),
    Check(
        "sequence", "break the order that the column otherwise keeps",
        "Values outside the longest rising run of a nearly sorted, nearly unique column.",
        "A number or time copied from another row points at the wrong record.",
        "Restore the value from the source's log, or renumber.",
        ("disorder",),
    ),
    Check(
        "dependency", "contradict what the same key says elsewhere",
        "Minority values in groups of rows that agree on another column, weighted by how well the groups "
        "agree beyond chance.",
        "Two answers for one fact: which one arrives depends on the order of the messages.",
        "Keep the fact once, and take the majority's value until the owner has decided.",
        (
            "breaks", "breaks_law", "breaks_many", "breaks_mode", "breaks_power", "breaks_raw", "breaks_share",
        ),
    ),
    Check(
        "relation", "disagree with another column of the same row",
        "Numbers off the line that ties two columns, and values that a text column should hold at one place.",
        "Two fields that must say the same differ: the target shows either.",
        "Derive one from the other at the interface.",
        ("off_line", "misquoted", "misheld"),
    ),
)  # fmt: skip
"""Every check, in the order in which they are told."""

OF_COLUMN: tuple[OfColumn, ...] = (
    judge_missing, judge_encoding, judge_units, judge_dates, judge_patterns, judge_numbers, judge_keys,
    judge_validity, judge_variants, judge_placeholders, judge_closed_list,
)  # fmt: skip
OF_TABLE: tuple[OfTable, ...] = (judge_spelling, judge_rows, judge_relations, judge_dependencies, judge_rules)


def gather_evidence(views: list[View]) -> Evidence:
    """Ask every detector."""
    evidence = Evidence()
    for view in views:
        for judge in OF_COLUMN:
            judge(view, evidence)
    for judge_all in OF_TABLE:
        judge_all(views, evidence)
    return evidence
