"""Numbers of sentences and the rows that they speak of: which number of a chapter nothing on it explains.

A number is explained by a quantity of its chapter: a fact, a cell, how many rows there are or how many share a value, a sum,
a share or a difference of rows. It must read as the sentence writes it, be of the same kind (money, share, plain), and be
called by a word of the sentence; a number that refers to a fact is that fact's alone.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from assess.core.numbers import _SPELLED, is_money
from assess.core.source import Fact
from assess.decisions.assessment import Assessment
from assess.decisions.decision.verdict import WIDER
from assess.intake.assumptions import STALE_DAYS
from assess.intake.engagement.landscape import STYLE_PLAIN
from assess.report.chapter import Chapter
from assess.report.prose import unlinked
from assess.report.tables import DataTable, TableColumn

STOP = frozenset(
    [
        "the",
        "and",
        "are",
        "for",
        "not",
        "but",
        "its",
        "was",
        "has",
        "one",
        "all",
        "own",
        "can",
        "this",
        "that",
        "with",
        "from",
        "than",
        "then",
        "they",
        "them",
        "their",
        "these",
        "those",
        "which",
        "what",
        "when",
        "where",
        "while",
        "would",
        "could",
        "should",
        "other",
        "others",
        "more",
        "most",
        "less",
        "least",
        "every",
        "each",
        "only",
        "also",
        "into",
        "over",
        "under",
        "until",
        "after",
        "before",
        "about",
        "between",
        "first",
        "last",
        "next",
        "same",
        "such",
        "have",
        "been",
        "were",
        "does",
        "done",
        "make",
        "made",
        "takes",
        "take",
        "year",
        "years",
        "average",
        "futures",
        "future",
    ]
)
"""Words that say nothing of what is counted."""

FIXED = re.compile(
    r"\b(?:eight (?:of|in) ten|two of three|one in (?:ten|five|twenty)|ten futures|95% limits|p = [\d.]+|of 1|one must-have less|and \d+ more|A, a and 9)\b(?![.,]?\d)",
    re.I,
)
"""How often a range or a rule holds, the scale of a score, a test's own number: definitions, the same in every report."""

SPELLED = {word: float(value) for value, word in enumerate(_SPELLED) if value > 0} | {"none": 0.0}
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
DATE = rf"\d{{1,2}}\s(?:{MONTHS})\s\d{{4}}|\d{{4}}-\d\d(?:-\d\d)?"
UNIT = r"(?P<percent>\s?%)|\s(?:(?P<scale>k|M|bn)\s?)?(?P<money>€|(?!FTE)[A-Z]{3}\b)|\s(?P<large>k|M|bn)\b"
TOKEN = re.compile(
    rf"(?P<date>{DATE})"
    rf"|(?P<bound>\b(?:under|over)\s)?(?<![\w.,/-])(?P<figure>\d+(?:,\d{{3}})*(?:\.\d+)?)(?![\d\w])(?:{UNIT})?"
    rf"|\b(?P<word>(?i:{'|'.join(SPELLED)}))\b"
)
RANGE = re.compile(rf"\s?to\s[−-]?\d+(?:,\d{{3}})*(?:\.\d+)?(?:{UNIT})")
SCALE = {"k": 1e3, "M": 1e6, "bn": 1e9}
ONE = re.compile(r"\s+(?:must-have|integration|pair|team|answer|would|by|has|of the|action)\b")
"""What follows where “one” is a number, and not a thing."""


class Claim(NamedTuple):
    """A number of a sentence: where it stands, how it is written, what it says, and the fact that it refers to."""

    start: int
    end: int
    text: str
    kind: str
    value: float
    step: float = 0.0
    fact: str = ""
    bound: str = ""


class Quantity(NamedTuple):
    """What a chapter knows: a value, of which kind, the words of which one calls it, and the name that most words of must stand there."""

    value: float | str
    kind: str
    words: frozenset[str]
    name: frozenset[str] = frozenset()
    fact: str = ""

    def called(self, beside: frozenset[str], sentence: frozenset[str]) -> bool:
        """Whether words beside a number call it, and its name stands in the sentence; what has only a name stands beside it."""
        if not self.words:
            return 2 * len(self.name & beside) >= len(self.name) > 0
        if (len(self.name) > 1 or (self.name and self.kind == "money")) and self.name <= sentence:
            return True
        return bool(self.words & beside) and 3 * len(self.name & sentence) >= 2 * len(self.name)


def stems(*texts: object) -> frozenset[str]:
    """Return the beginnings of the words of texts, without those that say nothing."""
    said = " ".join(str(text) for text in texts if text).lower()
    words = (word.rstrip("s")[:4] for word in re.findall(r"[^\W\d_]{3,}", said) if word not in STOP)
    return frozenset((*words, *re.findall(r"\b[a-z]+\d+\b", said)))


def claims(text: str, names: frozenset[str] = frozenset()) -> Iterator[Claim]:
    """Yield the numbers of a sentence; those within a name are the client's."""
    plain = text
    for pattern in (r"“[^”]*”|\]\([^)]*\)", *map(re.escape, sorted(names, key=len, reverse=True))):
        plain = re.sub(pattern, lambda found: "~" * len(found[0]), plain)
    plain = FIXED.sub(lambda found: "~" * len(found[0]), plain)
    for match in TOKEN.finditer(plain):
        start, end = match.span()
        cited = re.match(r"[^\[\]]*\]\(([^)]*)\)", text[end:])
        fact = cited[1] if cited and text.rfind("[", 0, start) > text.rfind("]", 0, start) else ""
        if match["date"]:
            yield Claim(start, end, match[0], "date", 0.0, fact=fact)
        elif match["word"]:
            if _stands_for_a_thing(plain, start, end):
                continue
            yield Claim(start, end, match[0], "count", SPELLED[match[0].lower()], fact=fact)
        else:
            units = match
            if not (match["percent"] or match["money"]):
                units = RANGE.match(plain, end) or match
            kind = "share" if units["percent"] else "money" if units["money"] else "plain"
            own = match["scale"] or match["large"] or units["scale"] or units["large"] or ""
            scale = 0.01 if kind == "share" else SCALE.get(own, 1.0)
            figure = match["figure"]
            step = scale * 10.0 ** -len(figure.partition(".")[2])
            yield Claim(
                start,
                end,
                match[0],
                kind,
                float(figure.replace(",", "")) * scale,
                step,
                fact,
                match["bound"] or "",
            )


def _stands_for_a_thing(text: str, start: int, end: int) -> bool:
    """Whether a number in words is none: “the two,”, “an old one”, “walk one process”."""
    if text[start:end].lower() == "one":
        return not ONE.match(text, end) or text[:start].endswith(("the ", "other ", "no ", "any ", "each "))
    return not re.match(r"\s+[a-z~]", text[end:])


def says(claim: Claim, quantity: Quantity) -> bool:
    """Whether a claim, as it is written, is the quantity."""
    if claim.kind == "date" or isinstance(quantity.value, str):
        both = claim.kind == "date" and isinstance(quantity.value, str)
        return both and _iso(claim.text) == _iso(quantity.value)
    if quantity.kind != (claim.kind if claim.kind in ("share", "money") else "plain"):
        return False
    size = abs(quantity.value)
    if claim.bound and claim.kind == "share":
        least, most = (0.0, 0.01) if claim.bound.startswith("under") else (0.99, 1.0)
        return least <= size <= most and claim.value in (least, most)
    return abs(size - claim.value) <= claim.step / 2 * (1 + 1e-6) + 1e-9 * max(1.0, size)


def _iso(date: str) -> str:
    found = re.fullmatch(rf"(\d{{1,2}})\s({MONTHS})\s(\d{{4}})", date)
    return f"{found[3]}-{MONTHS.split('|').index(found[2]) + 1:02}-{int(found[1]):02}" if found else date


def kind_of(unit: str) -> str:
    return (
        "money"
        if is_money(unit.partition("/")[0])
        else "share"
        if unit in ("share", "chance", "%")
        else "plain"
    )


def valued(
    value: object, unit: str, words: frozenset[str], name: frozenset[str] = frozenset(), fact: str = ""
) -> Iterator[Quantity]:
    """Yield a value, of a share also the rest, of a factor also by how much it is more or less; of a text the numbers in it."""
    if isinstance(value, str):
        for claim in claims(value):
            kind = claim.kind if claim.kind in ("share", "money") else "plain"
            yield Quantity(claim.text if claim.kind == "date" else claim.value, kind, words, name, fact)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield Quantity(float(value), kind_of(unit), words, name, fact)
        if kind_of(unit) == "share":
            yield Quantity(1.0 - value, "share", words, name, fact)
        if unit == "factor":
            yield Quantity(value - 1.0, "share", words, name, fact)
        if unit == "days":  # less than a day is said in hours or minutes
            yield from (Quantity(value * parts, "plain", words, name, fact) for parts in (24, 24 * 60))


def counted(items: Iterable[object], words: frozenset[str] = frozenset()) -> Iterator[Quantity]:
    """Yield how many items there are and how many are alike."""
    counts = Counter(items)
    yield Quantity(float(counts.total()), "plain", words)
    for item, number in counts.items():
        yield Quantity(float(number), "plain", frozenset(), stems(item))


def quantities(chapter: Chapter, shared: list[Quantity]) -> list[Quantity]:
    """Return what a chapter knows: what all share, its facts and gates, and what its tables hold and count."""
    found = [*shared, Quantity(0.0, "plain", stems("gates open"))]
    for fact in chapter.facts:
        for value in (fact.value, fact.low, fact.high):
            found += valued(value, fact.unit, called(fact), fact=fact.id)
        for text in (fact.label, fact.note):
            found += valued(text, "", stems(text))
    for gate in chapter.gates:
        found += valued(gate.reason, "", stems("must-have of"))
        for met, of in re.findall(r"(\d+) of (\d+) must-haves? met", gate.reason):
            found.append(Quantity(float(of) - float(met), "plain", stems("must-have missing")))
    found += counted((gate.state for gate in chapter.gates), stems("gates"))
    found += counted((finding.severity for finding in chapter.findings), stems("findings"))
    facts = [item for item in found if item.fact and item.kind == "money"]
    for table in chapter.tables:
        found += tabulated(table, stems(table.caption))
        for column in _numbers(table).values():
            whole = sum(value for value in column.values if value is not None)
            if column.kind == "money":
                found += [Quantity(whole - item.value, "money", stems("share sum")) for item in facts]
    for figure in chapter.figures:
        found += tabulated(figure.table, stems(figure.caption))
    return found


def called(fact: Fact) -> frozenset[str]:
    """Return the words that call a fact: of its label and its id, and of what is gained also those that say the sign."""
    words = stems(fact.label, re.sub(r"\W", " ", fact.id))
    return words | stems("lost pays costs") if stems("gain") <= words else words


class Column(NamedTuple):
    """The numbers of a column, with what calls them."""

    kind: str
    label: frozenset[str]
    values: list[float | None]

    def stands_out(self, place: int) -> bool:
        """Whether a row is the first, the last, or that of the least or greatest number: it need not be named."""
        known = [value for value in self.values if value is not None]
        return place in (0, len(self.values) - 1) or self.values[place] in (min(known), max(known))


def labelled(column: TableColumn) -> frozenset[str]:
    """Return the words of a column's heading and unit; a currency says nothing."""
    return stems(column.label, "" if kind_of(column.unit) == "money" else column.unit)


def _numbers(table: DataTable) -> dict[str, Column]:
    found = {}
    for place, column in enumerate(table.columns):
        cells = [row[place] for row in table.rows]
        values = [
            c.value if isinstance(c.value, int | float) and not isinstance(c.value, bool) else None
            for c in cells
        ]
        if any(value is not None for value in values):
            found[column.key] = Column(kind_of(column.unit_of(cells[0])), labelled(column), values)
    return found


def tabulated(table: DataTable, about: frozenset[str]) -> Iterator[Quantity]:
    """Yield what a table holds: cells, counts, sums, shares of sums, differences and ratios of rows and columns.

    Parameters
    ----------
    about
        The words of its caption, or of that of its figure.
    """
    for number in (table.total, len(table.rows)):
        yield Quantity(float(number or 0), "plain", stems(table.columns[0].label) | about)
    names = [stems(row[0].value) for row in table.rows]
    numbers = _numbers(table)
    for place, column in enumerate(table.columns):
        label, own = labelled(column), numbers.get(column.key)
        for n, (row, name) in enumerate(zip(table.rows, names, strict=True)):
            cell = row[place]
            called = label if name else label | about
            name = name or about  # the row of an axis has no name: its caption speaks of it
            for value in (cell.value, cell.low, cell.high):
                yield from valued(value, column.unit_of(cell), called, name)
                if own and own.stands_out(n) and names[n]:
                    yield from valued(value, column.unit_of(cell), called)
            yield from valued(cell.note, "", called | stems(cell.note), name)
        filled = sum(row[place].value is not None for row in table.rows)
        yield Quantity(float(filled), "plain", stems("known"))
        if own is None:
            yield from counted(row[place].note or row[place].value for row in table.rows)
    for column in numbers.values():
        yield from _down(column, names, about)
    for one, other in combinations(numbers.values(), 2):
        if one.kind == other.kind:
            yield from _across(one, other, names)
    yield from _surely_below(table, numbers)
    yield from _highest(table, numbers)
    for kind in {column.kind for column in numbers.values()}:
        yield from _of_all([column for column in numbers.values() if column.kind == kind], names)


def _of_all(columns: list[Column], names: list[frozenset[str]]) -> Iterator[Quantity]:
    """Yield which share of all numbers of one kind a column, or a cell, is."""
    totals = [sum(value or 0.0 for value in column.values) for column in columns]
    for taken in (totals, totals[:2]):
        if sum(taken):
            yield from (
                Quantity(total / sum(taken), "share", c.label)
                for total, c in zip(taken, columns, strict=False)
            )
    if sum(totals):
        for column in columns:
            for value, name in zip(column.values, names, strict=True):
                yield Quantity((value or 0.0) / sum(totals), "share", column.label, name)


def _down(column: Column, names: list[frozenset[str]], about: frozenset[str]) -> Iterator[Quantity]:
    known = [value for value in column.values if value is not None]
    whole, held = sum(known), 0.0
    yield Quantity(float(whole), column.kind, column.label)
    yield Quantity(
        float([round(value, 2) for value in known].count(round(min(known), 2))), "plain", column.label | about
    )
    yield Quantity(float(column.values.count(None)), "plain", stems("unknown nothing"))
    yield Quantity(float(sum(value > 0 for value in known)), "plain", column.label | about)
    for n, (value, name) in enumerate(zip(column.values, names, strict=True)):
        held += value or 0.0
        if whole and value is not None:
            yield Quantity(value / whole, "share", column.label, name)
            if held / whole >= 0.8:
                yield Quantity(held / whole, "share", column.label | about)
                yield Quantity(float(n + 1), "plain", column.label | about)
                whole = 0.0
    for (m, one), (n, other) in combinations(enumerate(column.values[:12]), 2):
        if one is not None and other is not None:
            if (m, n) == (0, 1):
                yield Quantity(one - other, column.kind, column.label)
            if {names[m], names[n]} & OURS:
                yield Quantity(
                    one - other, column.kind, column.label, names[n] if names[m] in OURS else names[m]
                )


OURS = {stems("Proposed"), stems("If it must be done")}
"""The rows that a table of options is about."""


def _across(one: Column, other: Column, names: list[frozenset[str]]) -> Iterator[Quantity]:
    pairs = [
        (a, b, n)
        for a, b, n in zip(one.values, other.values, names, strict=True)
        if a is not None and b is not None
    ]
    yield Quantity(float(sum(a < b for a, b, _ in pairs)), "plain", one.label | other.label)
    for a, b, name in pairs:
        yield Quantity(a - b, one.kind, one.label | other.label, name)
        for ratio in (a / b, b / a) if a and b else ():
            yield from (Quantity(ratio, kind, one.label | other.label, name) for kind in ("plain", "share"))


def _surely_below(table: DataTable, numbers: dict[str, Column]) -> Iterator[Quantity]:
    """Yield in how many rows the upper limit of one number lies below another."""
    keys = [column.key for column in table.columns]
    for key, column in numbers.items():
        uppers = [row[keys.index(key)].high for row in table.rows]
        for other in numbers.values():
            if other.kind == column.kind and other is not column:
                low = sum(
                    a is not None and b is not None and a < b
                    for a, b in zip(uppers, other.values, strict=True)
                )
                yield Quantity(float(low), "plain", column.label | other.label | stems("below"))


def _highest(table: DataTable, numbers: dict[str, Column]) -> Iterator[Quantity]:
    """Yield in how many rows a word names the column of the highest number, and by how much at most it misses it."""
    labels = {column.key: column.label.lower() for column in table.columns}
    for place, column in enumerate(table.columns):
        said = [str(row[place].value).lower() for row in table.rows]
        if column.key in numbers or not set(said) & set(labels.values()):
            continue
        missed = []
        for n, word in enumerate(said):
            scores = {labels[key]: c.values[n] for key, c in numbers.items() if c.values[n] is not None}
            missed += [max(scores.values()) - scores[word]] if word in scores else [1.0]
        yield Quantity(float(missed.count(0.0)), "plain", stems("choice agree"))
        yield Quantity(max((miss for miss in missed if miss < 1), default=0.0), "plain", stems("give"))


def given(assessment: Assessment) -> list[Quantity]:
    """Return what all chapters stand on: the terms of the engagement, the assumptions, and each integration as decided."""
    engagement, decision = assessment.engagement, assessment.decision
    moved = [item for item in decision.integrations if item.choice in ("build", "buy")]
    found = [
        Quantity(
            float(engagement.horizon_years), "plain", stems("gain cost option lost leaving today against")
        ),
        Quantity(float(STALE_DAYS), "plain", stems("older")),
        Quantity(WIDER, "plain", stems("assumptions")),
        Quantity(float(len(decision.integrations)), "plain", stems("integrations alike")),
        Quantity(float(len(moved)), "plain", stems("connected live connecting")),
        Quantity(
            float(sum(item.choice == "open" for item in decision.integrations)),
            "plain",
            stems("possible built"),
        ),
        Quantity(float(engagement.team.teams or 1), "plain", stems("teams")),
        Quantity(float(len(decision.kept)), "plain", stems("stay keep")),
        Quantity(float(len(decision.later)), "plain", stems("later")),
        Quantity(float(len(assessment.strategy.aimless)), "plain", stems("goal")),
        Quantity(float(len(decision.programme) + len(decision.retired)), "plain", stems("live done")),
        *valued(engagement.constraints.budget, engagement.currency, stems("budget")),
        *valued(abs(decision.shared or 0.0), decision.currency, stems("together share")),
        Quantity(engagement.assumptions["pilot.weeks"].likely, "plain", stems("weeks corrected")),
    ]
    for entry in map(engagement.assumptions.entry, engagement.assumptions.keys()):
        for value in {entry.low, entry.likely, entry.high, entry.estimate.mean}:
            found += valued(value, entry.unit, frozenset(), stems(entry.label))
    for swing in assessment.cost.swings:
        for value in (swing.low, swing.high):
            for told in (value, float(f"{value:.2g}")):  # of what is no sum two digits are told
                found += valued(told, swing.unit, stems(swing.label), stems(swing.label))
    ways = Counter(item.style for item in moved)
    for style, number in ways.items():
        found.append(Quantity(float(number), "plain", frozenset(), stems(STYLE_PLAIN[style])))
    for named in (1, 2):  # those of the ways that are not named
        others = sum(number for _, number in ways.most_common()[named:])
        found.append(Quantity(float(others), "plain", frozenset(), stems("another way")))
    for fact in decision.facts:
        for value in (fact.value, fact.low, fact.high):
            found += valued(value, fact.unit, frozenset(), stems(fact.label), fact.id)
    for fit in assessment.framework.integrations:
        for check in (check for style in fit.styles for check in style.exclusions):
            found += valued(check.feasible_if, "", stems(check.feasible_if))
    for option in decision.options:
        found += valued(option.instead, "", frozenset(), stems(option.instead))
    if assessment.operations.as_of:
        found += valued(f"{assessment.operations.as_of:%Y-%m-%d}", "", stems("open"))
    return found


def texts(chapter: Chapter) -> Iterator[str]:
    """Yield what a chapter says in sentences: heading, lead, what would change it, and captions of figures and tables."""
    yield from (chapter.verdict, *chapter.lead, *chapter.changes)
    yield from (figure.caption for figure in chapter.figures)
    yield from (table.caption for table in chapter.tables)


def named(chapter: Chapter) -> frozenset[str]:
    """Return the names of rows that hold a digit."""
    tables = (*chapter.tables, *(figure.table for figure in chapter.figures))
    names = (str(row[0].value) for table in tables for row in table.rows)
    return frozenset(name for name in names if re.search(r"\d", name) and re.search(r"[^\W\d_]", name))


PAUSE = re.compile(r"[,;:.?](?=\s|$)|\band\b|\bagainst\b|\binstead of\b")
"""Where a sentence turns to its next number."""


def beside(claim: Claim, sentence: str, others: list[Claim]) -> frozenset[str]:
    """Return the words that a number stands with.

    A count is of what stands beside it, up to the next number or pause; where nothing does, and for an amount, a share or a
    day, which are hardly ever alike by chance, of all its sentence.
    """
    if claim.kind in ("plain", "count"):
        pauses = [match.span() for match in PAUSE.finditer(sentence)]
        bounds = [*pauses, *((other.start, other.end) for other in others if other.start != claim.start)]
        start = max((end for _, end in bounds if end <= claim.start), default=0)
        end = min((start for start, _ in bounds if start >= claim.end), default=len(sentence))
        words = stems(
            re.sub(r"\]\([^)]*\)", " ", sentence[start : claim.start] + " " + sentence[claim.end : end])
        )
        if words:
            return words
    return stems(unlinked(sentence))


def unexplained(sentence: str, known: list[Quantity], names: frozenset[str]) -> list[Claim]:
    """Return the numbers of a sentence that no quantity explains."""
    found = list(claims(sentence, names))
    words = stems(unlinked(sentence))
    return [claim for claim in found if not _explained(claim, beside(claim, sentence, found), words, known)]


def _explained(claim: Claim, beside: frozenset[str], words: frozenset[str], known: list[Quantity]) -> bool:
    """Whether a quantity reads as the claim does, and is called by words that stand with it; or is the fact that it refers to."""
    return any(
        says(claim, quantity)
        and (quantity.fact == claim.fact if claim.fact else quantity.called(beside, words))
        for quantity in known
    )
