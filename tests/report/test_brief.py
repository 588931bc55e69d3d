"""The brief: every sentence and caption is recomputed from the facts and rows that it stands over."""

import re
from collections import Counter

import pytest

from assess.core.numbers import day, quantity, spelled
from assess.report import chapters
from assess.report.chapters import executive_summary
from assess.report.prose import unlinked

NUMBERS = {spelled(number): number for number in range(13)}
FORBIDDEN = re.compile(
    r"\bP\d\d\b|\bseed\b|portfolio|api-first|event-driven|ipaas|file-exchange|api-facade|database-access|\.csv|\.yaml|_", re.I
)  # fmt: skip
BRIEF_WORDS = 600
SENTENCE_WORDS = 20


def table(chapter, id):
    """Return the rows of a table by column, none where the chapter has no such table."""
    found = next((table for table in chapter.tables if table.id == id), None)
    keys = [column.key for column in found.columns] if found else []
    return [dict(zip(keys, row, strict=True)) for row in found.rows] if found else []


def sentences(text):
    return [part for part in re.split(r"(?<=[.?!:])\s+(?=[A-Z“0-9])", unlinked(text)) if part]


def numbers_in(text):
    """Return the counts of a sentence, those in words, too."""
    words = re.findall(r"[a-z]+|\d[\d,]*", text.lower())
    return [NUMBERS.get(word, int(word.replace(",", "")) if word[0].isdigit() else None) for word in words]


def check_words(chapter):
    """A board member reads every sentence at once: at most twenty words, none of the tool's own."""
    captions = [table.caption for table in chapter.tables if table.id != "strategy"]
    said = [chapter.verdict, *chapter.lead, *chapter.changes, *chapter.method, *captions]
    for text in said:
        plain = re.sub(r"“[^”]*”", "it", unlinked(text))  # names are the client's
        assert not FORBIDDEN.search(plain), text
        for sentence in sentences(plain):
            assert len(sentence.split()) <= SENTENCE_WORDS, sentence


def check_length(chapter):
    """The brief is read in five minutes: its sentences, headline, gates, actions, and seven rows of each table."""
    shown = [chapter.verdict, *chapter.lead, *chapter.changes]
    shown += [
        f"{fact.label} {quantity(fact.value, fact.unit)} {fact.note}"
        for fact in chapter.facts
        if fact.id in chapter.headline
    ]
    shown += [f"{g.label} {g.state} {g.opens.title} {g.opens.owner} {g.opens.by}" if g.opens else g.label for g in chapter.gates]  # fmt: skip
    shown += [f"{action.title} {action.owner} {action.by}" for action in chapter.actions]
    for shown_table in chapter.tables:
        if shown_table.id in ("options", "decisions", "risks", "questions"):
            for row in shown_table.rows[:7]:
                shown.append(" ".join(quantity(cell.value) for cell in row))
    assert len(" ".join(shown).split()) <= BRIEF_WORDS


def check_references(chapter):
    """A number that refers to a fact is that fact's, its sign in the verb."""
    known = {fact.id: fact for fact in chapter.facts}
    for text in (chapter.verdict, *chapter.lead, *chapter.changes):
        for words, id in re.findall(r"\[([^\]]+)\]\(([^)]+)\)", text):
            assert words == quantity(abs(known[id].value), known[id].unit), text
    for text in chapter.lead:
        if "(decision.gain)" in text:
            assert (" gains " in text) == (known["decision.gain"].value >= 0), text


def check_counts(chapter, decision):
    """What the sentences count are the rows of the sheet."""
    sheet = table(chapter, "decisions")
    assert sorted(row["integration"].value for row in sheet) == sorted(i.label for i in decision.integrations)
    done = Counter(row["do"].value for row in sheet)
    for what in done:  # the few rows that the page shows hold the largest sums
        sums = [abs(row["gain"].value or 0.0) for row in sheet if row["do"].value == what]
        assert sums == sorted(sums, reverse=True), what
    assert not [action for action in chapter.actions if action.worth and action.id.startswith("ask/")]
    moved = [
        row
        for row in sheet
        if row["do"].value in ("pilot", "do", "if required", "later") and row["style"].value != "–"
    ]
    styles = Counter(row["style"].value for row in moved)
    if chapter.lead:
        first = chapter.lead[0].lower()
        whole = len(styles) == 1 and len(moved) == len(sheet)
        for style, number in styles.items():
            plain = style[0].lower() + style[1:] if style != "APIs" else style
            assert plain.lower() in first or "another way" in first
            assert (
                whole
                or "another way" in first
                or re.search(
                    rf"\b{spelled(number)} ((would be|is|are) connected )?by {re.escape(plain.lower())}",
                    first,
                )
            ), first
        kept = done["keep"] + done["leave"]
        assert (f"{spelled(kept)} stay" in first) == bool(kept), first
    text = chapter.verdict
    if text.startswith("Connect") and "integration" in text:
        firm = done["pilot"] + done["do"]
        claimed = len(moved) if text.startswith("Connecting") else firm or done["if required"]
        assert (" only " in text) == (bool(done["if required"]) and not text.startswith("Connecting")), text
        counts = [number for number in numbers_in(text.split(":")[0]) if number is not None]
        if {"all", "both"} & set(text.split()[1:3]):
            assert claimed == len(sheet), text
        else:
            assert (counts[0], claimed <= len(sheet)) == (claimed, True), text
        assert len(sheet) in counts or "both" in text, text
    for share in re.findall(r"(\d+)% of the benefit\.", text):
        brought = sum(row["benefit"].value for row in sheet if row["do"].value in ("pilot", "do"))
        own = next(row for row in table(chapter, "options") if row["option"].value == "Proposed")[
            "brings"
        ].value
        assert int(share) == round(100 * own * brought / sum(row["benefit"].value for row in moved)), text


def check_tables(chapter, assessment):
    """Captions count their rows, the recommended option is the headline, the risks are the largest."""
    known = {fact.id: fact for fact in chapter.facts}
    options = {row["option"].value: row for row in table(chapter, "options")}
    if "decision.gain" in known:
        own = options[assessment.decision.recommended.label]
        gain = known["decision.gain"]
        assert (own["gain"].value, own["low"].value, own["high"].value) == (gain.value, gain.low, gain.high)
        assert own["loss"].value == known["decision.loss"].value
        if spent := known.get("cost.recommended.spent"):
            assert own["invest"].value == spent.value
        assert options["Leave as it is"]["gain"].value == 0
        for row in options.values():
            assert row["low"].value <= row["gain"].value * (1 + 1e-9) + 1e-6 or row["loss"].value < 0.1
    questions = table(chapter, "questions")
    if questions:
        caption = next(table.caption for table in chapter.tables if table.id == "questions")
        assert len(questions) == 1 or caption.lower().startswith(spelled(len(questions)))
        assert len({row["question"].value for row in questions}) == len(questions)
        if "missing, first" in chapter.verdict:
            assert numbers_in(chapter.verdict.removeprefix("Too early to decide. "))[0] == len(questions)
            assert chapter.verdict.lower().endswith(questions[0]["question"].value.lower())
    if (live := known.get("roadmap.live")) and live.value and assessment.roadmap.start:
        dates = [item.date for item in assessment.dated_decision.integrations if item.date is not None]
        assert live.value == day(max(dates))
    losses = [row["loss"].value for row in table(chapter, "risks")]
    assert losses == sorted((item.ale for item in assessment.risk.items if item.ale > 0), reverse=True)[:3]
    for gate in chapter.gates:
        assert (gate.opens is None) == (gate.state == "open")
    assert len(chapter.actions) <= 4 and len(chapter.changes) <= 4 and len(chapter.lead) <= 4
    assert len(chapter.headline) <= 5


def check_imperative(chapter, assessment):
    """No imperative before its time, none past a closed gate, none that the budget or the benefit denies."""
    state, gate = assessment.decision.verdict.state, assessment.readiness.next_gate
    orders = re.match(r"Connect\b", chapter.verdict)
    if state != "decide":
        assert not orders and "Build" not in chapter.verdict
    cost = assessment.cost
    if orders and cost.budget is not None:
        assert cost.option("recommended").spent.mean <= cost.budget
    if orders and " now" in chapter.verdict:
        assert any(i.net.mean > 0 for i in assessment.decision.integrations if i.timing == "now")
    if orders and " now:" in chapter.verdict:
        assert assessment.decision.gain.mean >= 0
    approved = [action.title for action in chapter.actions if action.title.startswith("Approve")]
    assert not (approved and assessment.decision.loses and " now" not in chapter.verdict)
    if state == "prepare" and assessment.decision.assignment:
        assert gate is not None and f"{spelled(len(gate.lacking))} must-have" in chapter.verdict
    over = cost.budget is not None and assessment.decision.assignment and cost.best == "recommended"
    if over and cost.option("recommended").spent.mean > cost.budget:
        assert "budget" in chapter.verdict or any("does not hold" in text for text in chapter.lead)


def check_explained(chapter):
    """Every figure of the brief says how it is worked out, and its inputs are ranked and have a place."""
    carried = {source.id for source in chapter.evidence()}
    for fact in chapter.facts:
        assert fact.formula, fact.id
        effects = [abs(driver.effect) for driver in fact.drivers]
        assert effects == sorted(effects, reverse=True) and len(effects) <= 5
        assert {driver.source for driver in fact.drivers} <= carried, fact.id
    known = {fact.id: fact for fact in chapter.facts}
    if spent := known.get("cost.recommended.spent"):
        assert spent.drivers
    if (gain := known.get("decision.gain")) and gain.low != gain.high:
        assert gain.drivers


def check_brief(assessment):
    chapter = executive_summary(assessment)
    check_words(chapter)
    check_references(chapter)
    check_counts(chapter, assessment.decision)
    check_tables(chapter, assessment)
    check_imperative(chapter, assessment)
    check_explained(chapter)
    return chapter


@pytest.mark.parametrize("name", ["minimal", "legacy_manufacturer", "lead_to_cash"])
def test_the_brief_of_a_sample_says_what_its_rows_say(sample, name):
    check_length(check_brief(sample(name)))


@pytest.mark.parametrize("name", ["minimal", "lead_to_cash"])
def test_one_quantity_has_one_value_in_every_chapter(sample, name):
    """A fact that stands in several chapters is the same, and money gained is positive wherever it is gained."""
    assessment = sample(name)
    made = [chapters.executive_summary, chapters.total_cost, chapters.roadmap, chapters.readiness_and_risk]
    seen = {}
    for chapter in (make(assessment) for make in made):
        for fact in chapter.facts:
            first = seen.setdefault(fact.id, fact)
            assert (first.value, first.low, first.high, first.unit, first.label) == (
                fact.value, fact.low, fact.high, fact.unit, fact.label,
            ), fact.id  # fmt: skip
    if assessment.decision.gain is not None:
        assert seen["decision.gain"].value == assessment.decision.bridge.mean == assessment.decision.gain.mean


MAKERS = [getattr(chapters, name) for name in chapters.__all__ if not name.startswith("save_")]


@pytest.mark.parametrize("name", ["minimal", "legacy_manufacturer", "lead_to_cash"])
def test_one_label_has_one_value(sample, name):
    """No two facts of one label differ, nor two amounts or shares that two chapters call by one row and one column."""
    made = [make(sample(name)) for make in MAKERS]
    told, cells = {}, {}
    for chapter in made:
        for fact in chapter.facts:
            value = (fact.value, fact.low, fact.high, fact.unit)
            assert told.setdefault(fact.label, value) == value, fact.label
        for shown in (*chapter.tables, *(figure.table for figure in chapter.figures)):
            for row in shown.rows:
                for column, cell in zip(shown.columns[1:], row[1:], strict=True):
                    if column.format in ("money", "share") and isinstance(cell.value, int | float):
                        place = (row[0].value, column.label)
                        number, value = cells.setdefault(place, (chapter.number, cell.value))
                        assert value == pytest.approx(cell.value) or number == chapter.number, place
    assert told and cells


@pytest.mark.parametrize("name", ["legacy_manufacturer", "lead_to_cash"])
def test_a_measure_is_worth_what_the_decision_says_wherever_it_is_named(sample, name):
    """Brief, list of actions and the table of risks: one worth, and one net of its cost."""
    assessment = sample(name)
    brief, ready = executive_summary(assessment), chapters.readiness_and_risk(assessment)
    ranked = {action.title: action for action in ready.actions if action.id.startswith("mitigation/")}
    rows = table(ready, "risks")
    assert len(rows) > 3
    for row in rows:
        if action := ranked.get(row["mitigation"].value):
            assert (row["worth"].value, row["net"].value) == (action.worth.likely, action.net.likely)
    for action in brief.actions:
        if action.title in ranked:
            assert action.worth == ranked[action.title].worth
