"""The sentences of the brief: verdict, lead, what would change it. At most twenty words each, for a board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from assess.core.numbers import quantity, spelled
from assess.core.source import Fact
from assess.decisions.assessment import Assessment
from assess.decisions.cost import Swing
from assess.decisions.decision import RECOMMENDED, STANDING, Decision
from assess.decisions.decision.verdict import WIDER
from assess.intake.engagement.landscape import STYLE_PLAIN, Style
from assess.report.chapter import Coverage
from assess.report.prose import and_list, cited, concise, first_few, lower_first, sentence_case

from .tables import asked, most_benefit

TELLS = 0.25
"""Share of the distance of two near options that an answer must explain to be named as what settles it: rule of the method."""


OFTEN = 0.05
"""Share of the futures from which another programme is named: rule of the method."""

ROUGHER = f"With assumptions {WIDER:.1f} times as uncertain"
"""The futures in which the verdict is judged, in a sentence: what was stated or measured keeps its range in them."""


def verdict(assessment: Assessment) -> str:
    """Say what to do in one sentence: an imperative only where the decision allows it and the money is there."""
    decision = assessment.decision
    if not decision.assignment and not decision.kept and not decision.retired:
        return "Do not start: under the present constraints none of the integrations can be built."
    match decision.verdict.state:
        case "ask":
            return _too_early(assessment)
        case "prepare":
            return _not_ready(assessment)
        case _:
            return _imperative(assessment)


def _too_early(assessment: Assessment) -> str:
    decision, answers = assessment.decision, asked(assessment)
    if answers and any(question.answerable for question in decision.verdict.questions):
        first = answers[0].ask
        number = len(answers)
        what = "One answer is" if number == 1 else f"{spelled(number).capitalize()} answers are"
        return f"Too early to decide. {what} missing, first: {lower_first(first)}"
    unclear, whole = len(decision.verdict.unsettled) or len(decision.assignment), len(decision.integrations)
    which = (
        "the one integration is"
        if whole == 1
        else f"{spelled(unclear)} of the {spelled(whole)} integrations are"
    )
    if unclear == whole > 1:
        which = f"the {spelled(whole)} integrations are"
    return f"Too early to decide how {which} connected: {settled_by(decision)}."


def settled_by(decision: Decision) -> str:
    """Say what would tell which of two near options costs less; that no single answer would, where that is so."""
    top = max(decision.verdict.questions, key=lambda q: q.tells or 0.0, default=None)
    if top is None or (top.tells or 0.0) < TELLS:
        return "no single answer would tell"
    return f"{top.plain.shown} would tell"


def _not_ready(assessment: Assessment) -> str:
    """Say what connecting would bring and what is missing first: no imperative while the first gate is closed."""
    decision, held = assessment.decision, assessment.readiness.next_gate
    lacking = len(held.lacking) if held else 0
    missing = f"the first gate is closed: {spelled(lacking)} must-{'have is' if lacking == 1 else 'haves are'} missing"
    moved, whole = len(decision.assignment), len(decision.integrations)
    if not moved:
        return f"Nothing is to be connected now, and {missing}."
    what = _connect(moved, whole).replace("Connect ", "Connecting ", 1)
    if not decision.loses:
        return f"{what} pays, but {missing}."
    return (
        f"{what} {'does not pay' if most_benefit(decision) > 0 else 'has no stated benefit'}, and {missing}."
    )


def _imperative(assessment: Assessment) -> str:
    decision = assessment.decision
    moved, whole = len(decision.programme), len(decision.integrations)
    if not moved and not decision.retired:
        stay = (
            "Leave the one integration as it is"
            if whole == 1
            else f"Leave all {spelled(whole)} integrations as they are"
        )
        return f"{stay}: moving {'it' if whole == 1 else 'them'} does not pay."
    if not moved:
        return f"Switch off {spelled(len(decision.retired))} of {spelled(whole)} integrations that nobody uses; move none."
    if short := shortfall(assessment):
        say = [quantity(amount, decision.currency) for amount in short]
        return f"Do not start on this budget: {say[0]} are needed until all run, {say[1]} are there."
    what, most = _connect(moved, whole), most_benefit(decision)
    they = "it" if moved == 1 else "they"
    if not decision.forced:
        share = _brought(decision) / (most or 1.0)
        s = "s" if moved == 1 else ""
        why = f"{they} bring{s} {share:.0%} of the benefit" if share else f"{they} cost{s} less than today"
        if must := len(decision.obliged):
            stated = f"{they if must == moved else spelled(must)} must be, as stated"
            why = (
                stated
                if must == moved
                else f"{stated}; together {why}"
                if share
                else f"{stated}; the others cost less than today"
            )
        return f"{what} now: {why}."
    why = _loses(decision)
    if firm := moved - len(decision.forced):
        return f"{_connect(firm, whole)} now, {spelled(moved - firm)} more only where it must be: {why}."
    return f"{what} only if {they} must be connected: {why}."


def _brought(decision: Decision) -> float:
    """Return the benefit of what is done now: its part of that of the recommended option, as the table of options has it."""
    each = {item.integration: item.benefit or 0.0 for item in decision.integrations}
    whole = sum(each[id] for id in decision.assignment) or 1.0
    return (decision.recommended.benefit or 0.0) * sum(each[id] for id in decision.programme) / whole


def _loses(decision: Decision) -> str:
    """Say why what is done only where it must be does not pay: nobody said what it brings, or it costs more."""
    one = len(decision.forced) == 1
    if any(decision.integration(id).benefit for id in decision.forced):
        return "it costs more than it brings" if one else "they cost more than they bring"
    return f"what {'it brings' if one else 'they bring'} is not stated"


def shortfall(assessment: Assessment) -> tuple[float, float] | None:
    """Return what the programme needs on average until all runs, and the budget, where that is less; else None."""
    budget = assessment.cost.budget
    if budget is None or not assessment.decision.programme:
        return None
    needed = assessment.cost.option(RECOMMENDED).spent.mean
    return (needed, budget) if needed > budget else None


def _connect(moved: int, whole: int) -> str:
    if moved == whole:
        every = {1: "the one integration", 2: "both integrations"}
        return f"Connect {every.get(whole, f'all {spelled(whole)} integrations')}"
    return f"Connect {spelled(moved)} of the {spelled(whole)} integrations"


def lead(assessment: Assessment, known: Coverage) -> tuple[str, ...]:
    """Say what is done how, what that gains, what does not hold, and what stands in the way: four sentences at most.

    Parameters
    ----------
    known
        How much of what the decision reads was measured and stated.
    """
    decision = assessment.decision
    if not decision.integrations:
        return ()
    said = (
        *_how(assessment),
        *_gains(assessment),
        *_rests(decision, known),
        *_budget(assessment),
        *_held(assessment),
        *_data(assessment),
    )
    return said[:4]


def _how(assessment: Assessment) -> Iterator[str]:
    decision = assessment.decision
    done, whole = Counter(decision.assignment.values()), len(decision.integrations)
    unsolved = sum(item.choice == "open" for item in decision.integrations)
    if not decision.integrations:
        return
    decided = decision.verdict.state == "decide"
    start = "" if decided else "as things stand, "
    modal = not decided or decision.loses or shortfall(assessment) is not None
    ends = [
        f"{spelled(number)} {one if number == 1 else many}"
        for number, one, many in (
            (len(decision.kept), "stays as it is", "stay as they are"),
            (len(decision.retired), "is switched off", "are switched off"),
            (unsolved, "has no possible way yet", "have no possible way yet"),
        )
        if number
    ]
    if not done:
        yield sentence_case(f"{start}{and_list(ends)}.")
        return
    rest = f"The other {ends[0]}" if len(ends) == 1 else sentence_case(and_list(ends))
    rest = f"Of the others, {rest}" if rest[:1].isdigit() else rest
    tried = [(start, named) for named in (6, 3, 2, 1)] + [(start and "so far, ", 1)]
    moved = concise(*(sentence_case(f"{as_}{_ways(done, whole, modal, named)}.") for as_, named in tried))
    yield f"{moved} {rest}." if ends else moved


def _ways(done: Counter[Style], whole: int, modal: bool, named: int) -> str:
    """Say how many are connected by which style, the first few of them named and the others counted."""
    (most, first), *_ = ranked = done.most_common()
    are = "would be" if modal else "is" if first == 1 else "are"
    if len(done) == 1 and done.total() == whole:
        every = {1: "the one integration", 2: "both integrations"}.get(whole, "all")
        return f"{every} {are} connected by {STYLE_PLAIN[most]}"
    others = sum(number for _, number in ranked[named:])
    parts = [f"{spelled(first)} {are} connected by {STYLE_PLAIN[most]}"]
    parts += [f"{spelled(number)} by {STYLE_PLAIN[style]}" for style, number in ranked[1:named]]
    if others:
        parts.append(f"{spelled(others)} in another way")
    return and_list(parts)


def _gains(assessment: Assessment) -> Iterator[str]:
    decision = assessment.decision
    if decision.gain is None or not decision.assignment:
        return
    mean, years = decision.gain.mean, f"over {spelled(decision.horizon_years)} years on average"
    amount = f"[{quantity(abs(mean), decision.currency)}](decision.gain)"
    if mean >= 0:
        yield f"That gains {amount} {years}, against leaving things as they are."
    elif most_benefit(decision) <= 0:
        yield f"That costs {amount} more than today {years}; no benefit is stated."
    else:
        yield f"That loses {amount} {years}, against leaving things as they are."


def _rests(decision: Decision, known: Coverage) -> Iterator[str]:
    """Say that little is known, before anybody takes the figures for more than what they rest on."""
    if decision.verdict.state != "ask" or known.assumed <= known.counted / 2:
        return
    yield (
        f"Of what these figures rest on, {known.assumed / known.counted:.0%} is assumed."
        if known.assumed < known.counted
        else "Nothing of this was measured or stated: every figure rests on assumptions."
    )


def _budget(assessment: Assessment) -> Iterator[str]:
    cost = assessment.cost
    if cost.budget is None or cost.best != RECOMMENDED or not assessment.decision.assignment:
        return
    option = cost.option(RECOMMENDED)
    if (option.within_budget or 0.0) >= 0.8:
        return
    needed = f"[{quantity(option.spent.mean, cost.currency)}](cost.{RECOMMENDED}.spent)"
    yield (
        f"The budget of {quantity(cost.budget, cost.currency)} does not hold: {needed} are needed until all run, on average."
        if option.spent.mean > cost.budget
        else f"The budget of {quantity(cost.budget, cost.currency)} is tight: it lasts in {quantity(option.within_budget, 'chance')} of futures."
    )


def _held(assessment: Assessment) -> Iterator[str]:
    """Say which gate holds the programme, where the verdict does not."""
    held = assessment.readiness.next_gate
    if held is None or assessment.decision.verdict.state == "prepare":
        return
    lacking = len(held.lacking)
    missing = (
        f"{spelled(lacking)} of its {spelled(held.must)} must-haves {'is' if lacking == 1 else 'are'} missing"
    )
    yield f"The gate “{held.label}” is closed: {missing}."


def _data(assessment: Assessment) -> Iterator[str]:
    decision, quality = assessment.decision, assessment.quality
    if not decision.assignment:
        return
    unfit = [v for v in quality.verdicts if v.fitness == "not fit" and v.target]
    touched = {id for v in unfit for id in v.integrations} & set(decision.assignment)
    if touched:
        yield (
            f"Repair the data between {spelled(len(unfit))} {'pair' if len(unfit) == 1 else 'pairs'} of systems first: "
            f"{spelled(len(touched))} {'integration' if len(touched) == 1 else 'integrations'} would fail on it."
        )
    elif not quality.assessed:
        yield (
            "Whether the data is fit to be connected was not measured."
            if assessment.readiness.assessed
            else "Neither the data nor the client's readiness was checked."
        )


def changes(assessment: Assessment) -> tuple[str, ...]:
    """Say what would change the answer: a richer option, the closest rival, a platform's price, an input, an answer, a goal."""
    decision = assessment.decision
    said = (
        *_richer(decision),
        *_rivals(decision),
        *_platforms(assessment),
        *_inputs(assessment),
        *_answers(decision),
        *_goals(assessment),
    )
    return said[:4]


def _richer(decision: Decision) -> Iterator[str]:
    """Say that an option gains more, and why it is not the one that is proposed."""
    found = decision.richer
    if found is None or found.id == STANDING:  # that leaving things as they are costs less, the lead says
        return
    if found.gain is not None and decision.gain is not None:
        more = quantity(found.gain.mean - decision.gain.mean, decision.currency)
        yield f"“{found.label}” gains {more} more on average. It is not proposed: {found.instead}."


def _rivals(decision: Decision) -> Iterator[str]:
    """Say how often another programme were right, in futures whose assumed ranges are wider than the options were priced with."""
    judged, known = decision.verdict, {fact.id: fact for fact in decision.facts}
    rival, more = known.get("decision.rival"), known.get("decision.more")
    named = rival is not None and _often(rival) and bool(decision.assignment)
    if rival is not None and named:
        mostly = [f", mostly “{option.label}”" for option in decision.options if option.id == judged.rival]
        said = f"{ROUGHER}, another option would be clearly cheaper in {cited(rival)} of futures"
        yield concise(*(f"{said}{often}." for often in (*mostly, "")))
    if more is not None and _often(more):
        where = f"In {cited(more)} of these futures" if named else f"{ROUGHER}, in {cited(more)} of futures"
        yield f"{where} it would pay to connect more at once."


def _often(fact: Fact) -> bool:
    return isinstance(fact.value, float) and fact.value >= OFTEN


def _platforms(assessment: Assessment) -> Iterator[str]:
    """Name the platform at whose price another answer were right."""
    flips = assessment.platforms.flips
    if not flips:
        return
    buys = any(use.style == "ipaas" and use.built for use in assessment.decision.styles)
    near = flips[0] if buys else flips[-1]
    bill = quantity(near.first_year, f"{assessment.platforms.currency}/year").replace("/year", " a year")
    if buys:
        yield f"With {near.name}, at {bill}, nothing would be bought any more."
    else:
        yield f"With {near.name}, at {bill}, some integrations would be bought instead."


def _inputs(assessment: Assessment) -> Iterator[str]:
    """Name the input that moves most and at an end of which another option costs least."""
    cost = assessment.cost
    if cost.best is None:
        return
    best = cost.option(cost.best)
    for swing in sorted(cost.swings, key=lambda s: (-s.span(best.id), s.parameter)):
        for value, costs in ((swing.low, swing.cost_low), (swing.high, swing.cost_high)):
            first = min(sorted(costs), key=lambda option: costs[option])
            if cost.option(first).npv.mean > best.npv.mean:
                yield f"Were {_level(swing, value)}, “{cost.option(first).label}” would cost least."
                return


def _level(swing: Swing, value: float) -> str:
    """Write an input at one of its ends, a factor as what is more or less than usual.

    >>> from assess.decisions.cost import Swing
    >>> swing = Swing(parameter="p", label="Effort of all integrations", unit="factor", low=0.8, high=2, cost_low={}, cost_high={})
    >>> _level(swing, 0.8), _level(swing, 2)
    ('“Effort of all integrations” 20% lower', '“Effort of all integrations” 100% higher')
    """
    if swing.unit == "factor":
        return f"“{swing.label}” {abs(value - 1):.0%} {'lower' if value < 1 else 'higher'}"
    return f"“{swing.label}” at {quantity(float(f'{value:.2g}'), swing.unit)}"


def _answers(decision: Decision) -> Iterator[str]:
    """Name the answer that is worth most, in the same rougher futures: in those of the options hardly any is worth much."""
    top = decision.verdict.dearest
    worth = next((fact for fact in decision.facts if fact.id == "decision.answer"), None)
    if top is not None and worth is not None:
        yield f"“{top.plain.ask}” {ROUGHER}, the answer would be worth up to {cited(worth)}."


def _goals(assessment: Assessment) -> Iterator[str]:
    strategy = assessment.strategy
    texts = {line.goal: line.text for line in strategy.lines}
    if strategy.unserved:
        yield f"No integration serves {and_list([f'“{texts[id]}”' for id in strategy.unserved])}: name one, or drop the goal."
    if strategy.aimless:
        names = {item.id: item.label for item in assessment.engagement.integrations}
        verb = "serves" if len(strategy.aimless) == 1 else "serve"
        yield f"{spelled(len(strategy.aimless)).capitalize()} that would move {verb} no goal: {first_few([names[id] for id in strategy.aimless])}."


METHOD = (
    "What cannot work or is not allowed was struck out.",
    "Of the rest, what fits nearly as well as the best was kept.",
    "Among those, the set of ways was taken that costs least, each platform counted once.",
    "A better fit is given up only for a saving of 5% that occurs in two of three futures.",
    "What runs today stays unless moving it clearly pays or it misses a stated need.",
)
"""How the decision is made, as a board hears it."""
