"""Headings, leads and captions of the nine chapters: short, without codes, and in agreement with the rows below them.

What a caption must say is worked out here a second time, from nothing but the rows behind its figure.
"""

import math
import re
from collections import Counter

import pytest

from assess.core.numbers import _SPELLED, GAP, interval, number, quantity
from assess.intake.engagement.landscape import NATIVE, STYLE_NAMES, STYLE_PLAIN
from assess.report import chapters
from assess.report.prose import spoken, unlinked

QUESTIONS = (
    chapters.value_stream,
    chapters.data_quality,
    chapters.integration_profile,
    chapters.build_or_buy,
    chapters.total_cost,
    chapters.governance,
    chapters.operations,
    chapters.readiness_and_risk,
    chapters.roadmap,
)


OURS = ("Proposed", "If it must be done")
"""Label of the option that the decision comes to."""


def frame(figure):
    """Return the rows behind a figure, with the limits of each cell beside it."""
    table = figure.table
    return [
        {
            key: value
            for column, cell in zip(table.columns, row, strict=True)
            for key, value in (
                (column.key, cell.value), (f"{column.key}.low", cell.low), (f"{column.key}.high", cell.high)
            )
        }
        for row in table.rows
    ]  # fmt: skip


def unit(figure, key):
    return next(column.unit for column in figure.table.columns if column.key == key)


def few(rows):
    whole, held = sum(row["saves"] for row in rows), 0.0
    for n, row in enumerate(rows, 1):
        held += row["saves"]
        if held / whole >= 0.8:
            return [
                f"{n} integration",
                "All of" if n == len(rows) else quantity(min(held / whole, 1.0), "share"),
            ]
    raise AssertionError


def waits(rows):
    total = sum(row["wait"] + row["work"] for row in rows)
    top = max(rows, key=lambda row: row["wait"])
    return [top["step"], quantity(top["wait"] / total, "share")] if total else ["No step waits"]


def fits(rows, currency):
    ours, best = rows[0], max(rows, key=lambda row: row["fit"])
    better = round(best["fit"], 3) - round(ours["fit"], 3)
    if better <= 0:
        return ["No option fits better"]
    dearer = "more" if best["cost"] >= ours["cost"] else "less"
    return [f"“{best['option']}” fits best, {number(best['fit'], 3)} of 1 against {number(ours['fit'], 3)}", f"costs {quantity(abs(best['cost'] - ours['cost']), currency)} {dearer}"]  # fmt: skip


def styles(rows):
    apart = max(rows, key=lambda row: abs(row["best"] - row["chosen"]))
    if apart["best"] == apart["chosen"]:
        return ["Each way is chosen for as many as it fits best"]
    return [f"best fit for {apart['best']}", f"chosen for {apart['chosen']}"]


def cheaper(rows):
    ways = ["building" if row["saved"] >= 0 else "buying" for row in rows]
    turn = next((n for n, way in enumerate(ways) if way != ways[0]), None)
    if turn is None:
        return [ways[0], f"from {rows[0]['n']:g} to{GAP}{rows[-1]['n']:g}"]
    return [ways[turn], f"from {rows[turn]['n']:g} integrations on"]


def paid(rows):
    below = [n for n, row in enumerate(rows) if row["gain"] < 0]
    if not below:
        return ["never behind"]
    return [f"not paid back by the end of year {len(rows) - 1}"] if below[-1] == len(rows) - 1 else [f"year {below[-1] + 1}"]  # fmt: skip


def ahead(rows, currency):
    ours = next((row for row in rows if row["option"] in OURS), None)
    assert [row["gain"] for row in rows] == sorted((row["gain"] for row in rows), reverse=True)
    if ours is None or len(rows) == 1:
        return [rows[0]["option"]]
    other = rows[1] if rows[0] is ours else rows[0]
    return [other["option"], quantity(abs(other["gain"] - ours["gain"]), currency)]


def below(rows):
    low = sum(row["rate.high"] < row["target"] for row in rows)
    return [f"Of {len(rows)} integration", f", {low} "] if low else [f"None of {len(rows)}"]


def moved(rows):
    ratio = rows[0]["measured"] / rows[0]["stated"]
    assert all(abs(math.log(r["measured"] / r["stated"])) <= abs(math.log(ratio)) + 1e-9 for r in rows)
    if max(ratio, 1 / ratio) < 1.05:
        return ["agree"]
    return [rows[0]["integration"], f"{number(ratio, 1)} times" if ratio > 1 else quantity(ratio, "share")]


def middle(rows, currency):
    row = min(rows, key=lambda row: (abs(row["before"] - 0.5), row["loss"]))
    return [
        quantity(row["loss"], currency),
        quantity(row["before"], "chance"),
        quantity(row["after"], "chance"),
    ]


def weakest(rows):
    """The lowest of the known levels; what nobody knows is counted apart, and is never a zero."""
    levels = [round(row["level"], 2) for row in rows if row["level"] is not None]
    alike = levels.count(min(levels))
    unknown = len(rows) - len(levels)
    said = [f"nothing is known of {unknown}"] if unknown else []
    if alike > 2:
        return [f"Of {len(rows)} fields, {alike} are equally weak, at {min(levels):g} of 1", *said]
    named = [
        row["question"] for row in rows if row["level"] is not None and round(row["level"], 2) == min(levels)
    ]
    return [f"weakest of {len(rows)} fields", named[0], *said]


def worst(row):
    judged = row["passed"] + row["failed"] + row["unclear"]
    if row["unclear"] == judged:
        return f"nobody can tell for any of {judged:,}; no rule has more gaps"
    return f"holds for {row['passed'] or 'none'} of {judged:,}; no rule has more gaps"


def agreed(rows):
    top = 0
    for row in rows:
        scores = {key: value for key, value in row.items() if key in STYLE_NAMES and value is not None}
        top += bool(scores) and row["chosen"] in {
            STYLE_NAMES[s] for s, v in scores.items() if v == max(scores.values())
        }
    return [f"agree for {top} of {len(rows)}"]


CAPTIONS = {
    "savings": lambda f, rows: few(rows),
    "waiting": lambda f, rows: waits(rows),
    "effort": lambda f, rows: [rows[0]["place"], spoken(max(row["days"] for row in rows), "person-days")],
    "found-again": lambda f, rows: [min(rows, key=lambda r: r["share"])["pair"], quantity(min(r["share"] for r in rows), "share")],
    "fit": lambda f, rows: agreed(rows),
    "front": lambda f, rows: fits(rows, unit(f, "cost")),
    "styles": lambda f, rows: styles(rows),
    "difference": lambda f, rows: cheaper(rows),
    "one-by-one": lambda f, rows: [max(rows, key=lambda r: r["net"])["integration"], quantity(max(r["net"] for r in rows), unit(f, "net"))]
    if max(r["net"] for r in rows) > 0 else ["None of them gains"],
    "options": lambda f, rows: ahead(rows, unit(f, "gain")),
    "running-gain": lambda f, rows: paid(rows),
    "policy-matrix": lambda f, rows: [rows[0]["rule"], worst(rows[0])],
    "stated-measured": lambda f, rows: moved(rows),
    "success": lambda f, rows: below(rows),
    "exceedance": lambda f, rows: middle(rows, unit(f, "loss")),
    "questions": lambda f, rows: weakest(rows),
    "gantt": lambda f, rows: [f"week{GAP}{max(row['end'] for row in rows if not row['item'].startswith('Preparation'))}"],
}  # fmt: skip
"""By figure what its caption must say, worked out from the rows behind it."""


def check_references(chapter):
    """A number that refers to a fact is that fact's: its sign may stand in the verb, a count may be of the others."""
    known = {fact.id: fact for fact in chapter.facts}
    for text in (chapter.verdict, *chapter.lead, *chapter.changes):
        for words, id in re.findall(r"\[([^\]]+)\]\(([^)]+)\)", text):
            value, of = known[id].value, known[id].unit
            if re.search(r"\d", words):
                size = abs(value) if isinstance(value, int | float) else value
                sizes = (value, size, 1 - size if of == "chance" else size)
                read = {write(v, of) for v in sizes for write in (quantity, spoken)}
                if known[id].low is not None:
                    low, high = known[id].low, known[id].high
                    read |= {interval(low, high, of), interval(low, high, digits=0), f"{low:g} to {high:g}"}
                assert any(re.fullmatch(rf"{re.escape(said)}( [a-z-]+)*", words) for said in read), (
                    text,
                    value,
                )


def check_money(chapter):
    """The heading of chapter 5 says the row of the proposed option, its lead the other one that gains most."""
    figure = next((f for f in chapter.figures if f.id == "options"), None)
    rows = frame(figure) if figure else []
    ours = next((row for row in rows if row["option"] in OURS), None)
    if ours is None or round(ours["gain"]) == 0:
        return
    amount = quantity(abs(ours["gain"]), unit(figure, "gain"))
    pays = f"It pays: {amount} gained" if ours["gain"] > 0 else f"It does not pay: {amount} lost"
    assert chapter.verdict.startswith(pays), chapter.verdict
    assert chapter.verdict.endswith(f"; {quantity(ours['loss'], 'chance')} of futures lose money"), (
        chapter.verdict
    )
    others = [row for row in rows if row["option"] not in OURS]
    first = max(others, key=lambda row: row["gain"], default=None)
    told = [text for text in chapter.lead if "more on average" in text]
    if first is None:
        assert not told
    elif told == ["None of the other options gains more on average."]:
        assert first["gain"] <= ours["gain"] + 0.5
    else:
        more = quantity(first["gain"] - ours["gain"], unit(figure, "gain"))
        often = quantity(first["ahead"], "chance")
        assert told == [
            f"“{first['option']}” gains {more} more on average, and beats it in {often} of futures."
        ]
        assert any(text.startswith("It is not proposed: it ") for text in chapter.lead)


def check_heading(chapter, decision):
    """What a heading counts or dates is counted anew from the decision's rows, or stands in the chapter's own."""
    items, text = decision.integrations, chapter.verdict
    moved = [item for item in items if item.choice in ("build", "buy")]
    if chapter.key in ("integration_profile", "build_or_buy") and (
        found := re.match(r"(?:Of|All) (\d+) integrations", text)
    ):
        assert int(found[1]) == len(items), text
        for number in re.findall(r"(\d+) can't be built", text):
            assert int(number) == sum(item.choice == "open" for item in items), text
        for number in re.findall(r"(\d+) stays? as today", text):
            assert int(number) == len(decision.kept), text
    if chapter.key == "integration_profile":
        if found := re.match(r"Of (\d+) integrations, (\d+) (?:is|are|would be) connected", text):
            assert (int(found[1]), int(found[2])) == (len(items), len(moved)), text
        ways = Counter(STYLE_PLAIN[item.style] for item in moved)
        for number, way in re.findall(r"(\d+) by ([^,;]+?)(?=,| and \d|;|$)", text):
            assert int(number) == ways[way], text
    if chapter.key == "build_or_buy":
        done = Counter(item.choice for item in items if item.style != NATIVE or item.choice == "keep")
        for number, what in re.findall(
            r"(\d+) (?:is|are|stays?|ends?) (better bought|better built|as today)", text
        ):
            assert (
                int(number)
                == done[{"better bought": "buy", "better built": "build", "as today": "keep"}[what]]
            ), text
    if chapter.key == "build_or_buy" and chapter.state == "assessed":
        check_other_way(chapter, decision)
    if chapter.key == "readiness_and_risk" and (
        found := re.match(r"Not yet: (\d+) of (\d+) must-have", text)
    ):
        held = next(gate for gate in chapter.gates if gate.state != "open")
        met, of = map(int, re.search(r"(\d+) of (\d+) must-have", held.reason).groups())
        assert (int(found[1]), int(found[2])) == (of - met, of), text
    if chapter.key == "roadmap" and (
        table := next((t for t in chapter.tables if t.id == "milestones"), None)
    ):
        for name, planned, late in table.rows:
            if name.value == "All live" and " by " in text:
                assert f"by {planned.value} " in text, text
                assert f"by {late.value} in eight of ten futures" in text or "no date" in late.value, text


def check_other_way(chapter, decision):
    """Where most of what moves goes the other way than is cheaper for all alike, the lead says why of each; elsewhere nothing."""
    moved = [item for item in decision.integrations if item.integration in decision.assignment]
    lead = [unlinked(sentence) for sentence in chapter.lead]
    cheaper = re.search(r"(building|buying)(?: it)? would be cheaper in", lead[0], re.I)[1].lower()
    against = [item for item in moved if (item.choice == "buy") == (cheaper == "building")]
    why = re.compile(r"(would|may) fail the needs of|would fit|as chosen, ", re.I)
    said = [sentence for sentence in lead if why.search(sentence)]
    assert len(said) == (2 * len(against) > len(moved)), (chapter.verdict, lead)
    if said and not re.search(r"\b(it|both|all \w+)\b", said[0]):
        named = [_SPELLED.index(word) for word in re.findall(r"\w+", said[0]) if word in _SPELLED]
        assert sum(named) <= len(against), (chapter.verdict, lead)


def check_words(chapter):
    """Check heading, lead and what is shown of an assessed chapter of one question."""
    assert 0 < len(unlinked(chapter.verdict).split()) <= 20, chapter.verdict
    assert not chapter.verdict.endswith(".")
    if chapter.figures:  # else nothing is planned, and the heading says it
        assert 1 <= len(chapter.lead) <= 5, chapter.key
    for sentence in chapter.lead:
        assert len(unlinked(sentence).split()) <= 20, sentence
        assert sentence.endswith((".", "?")), sentence
    captions = [figure.caption for figure in chapter.figures if figure.id in chapter.shown]
    for sentence in (chapter.verdict, *chapter.lead, *chapter.changes, *captions):
        assert not unlinked(sentence)[0].isdigit(), sentence
    facts = {fact.id for fact in chapter.facts}
    text = " ".join((chapter.verdict, *chapter.lead))
    assert set(re.findall(r"\]\(([^)]+)\)", text)) <= facts
    said = unlinked(
        " ".join((text, *(figure.caption for figure in chapter.figures if figure.id in chapter.shown)))
    )
    for word in (*NOT_SAID, *STYLE_NAMES.keys() - STYLE_NAMES.values() - {"api-first"}):
        assert not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", said), (word, said)
    check_references(chapter)
    if chapter.key == "total_cost":
        check_money(chapter)
    figures = [figure for figure in chapter.figures if figure.id in chapter.shown]
    assert len(figures) <= 2 and sum(table.id in chapter.shown for table in chapter.tables) <= 1
    for figure in chapter.figures:
        if figure.id in CAPTIONS and figure.table.rows:
            for part in CAPTIONS[figure.id](figure, frame(figure)):
                assert part in figure.caption, (figure.id, part, figure.caption)


NOT_SAID = ("P10", "P50", "P80", "P90", "%C&A", "npv", "seed", "MTTR", "ipaas", "EVPPI")


def check_captions(assessment):
    """Check every assessed chapter of one question."""
    for maker in QUESTIONS:
        chapter = maker(assessment)
        if chapter.state == "assessed":
            check_words(chapter)
            check_heading(chapter, assessment.decision)


@pytest.mark.parametrize("name", ["lead_to_cash", "legacy_manufacturer", "minimal"])
def test_headings_leads_and_captions_of_the_samples_agree_with_their_rows(sample, name):
    check_captions(sample(name))
