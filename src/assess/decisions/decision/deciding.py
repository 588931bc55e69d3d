"""Decide: what happens to each integration, priced in every future by the engine of the cost model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from assess.core.finding import Missing
from assess.core.numbers import tidy
from assess.core.source import Driver
from assess.decisions.cost import Priced, label_option, price_options
from assess.decisions.cost.billing import Plan
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.draws import Draws, likely, sample
from assess.decisions.cost.drivers import chance_drivers
from assess.decisions.cost.finance import MissingRate
from assess.decisions.cost.parameters import KEEP, Assigned, Inputs, Terms
from assess.decisions.cost.plans import plans_on_offer
from assess.decisions.framework.result import Framework
from assess.decisions.readiness.result import Readiness
from assess.intake.engagement import Engagement
from assess.intake.engagement.landscape import STYLES

from .candidates import candidates, freshness, may_be
from .findings import list_facts, list_findings
from .integrations import IntegrationDecisions
from .options import PAYS, OptionsBeside
from .pricing import NOTHING, STAY, Floats, OptionPricer
from .result import (
    RECOMMENDED,
    STANDING,
    Bridge,
    Decision,
    IntegrationDecision,
    PricedOption,
    StyleUse,
    Verdict,
    summarise_gain,
)
from .rule import LIKELY, SAVING, DecisionRule, Ruling
from .search import DecidedLandscape
from .verdict import Judging


def decide(
    inputs: Inputs,
    framework: Framework,
    readiness: Readiness | None = None,
    *,
    draws: int = 10_000,
    seed: int = 7,
) -> tuple[Decision, Priced | None]:
    """Decide what happens to each integration.

    Parameters
    ----------
    inputs
        Engagement, repair, benefits, losses, shifts and what was observed; its options are not read.
    framework
        How each style fits each integration.
    readiness
        Whose gates are waited for; None where nobody answered the checklist.
    draws
        Futures that are drawn.

    Returns
    -------
    Decision
        Without integrations, or an exchange rate that is needed, it says under ``missing`` what to supply.
    Priced
        The options of the decision, priced; None where there are none.
    """
    engagement = inputs.moved
    if not engagement.integrations:
        return _nothing(engagement, draws, seed, "integrations.csv with at least one integration"), None
    try:
        everything, rule = find_rule(inputs, framework, seed)
    except MissingRate as error:
        return _nothing(engagement, draws, seed, str(error)), None
    ruling = rule.ruling()
    landscapes = OptionsBeside(rule, ruling).landscapes()
    return _Deciding(everything, rule, ruling, landscapes, readiness, draws, seed).decided()


def find_rule(inputs: Inputs, framework: Framework, seed: int) -> tuple[Inputs, DecisionRule]:
    """Return the rule for what may be done with each integration, and the inputs with every plan that may be bought.

    Raises
    ------
    MissingRate
        If a price is in a currency of which no exchange rate is known.
    """
    engagement, benefits = inputs.moved, tuple(inputs.benefits or ())
    fresh = {**freshness(engagement, benefits), **inputs.fresh}
    offered = {plan.id: plan for plans in plans_on_offer(engagement).values() for plan in plans}
    everything = dataclasses.replace(inputs, assignments=None, plans=offered, fresh=fresh)
    pricer = OptionPricer(engagement, everything.terms(STYLES))
    return everything, DecisionRule(pricer, candidates(engagement, framework, benefits, inputs.unused), seed)


def _nothing(engagement: Engagement, draws: int, seed: int, supply: str) -> Decision:
    lack = Missing(
        section="framework", supply=supply, changes="what to do with each integration can be decided"
    )
    return Decision(
        currency=engagement.currency,
        horizon_years=engagement.horizon_years,
        draws=draws,
        seed=seed,
        verdict=Verdict(state="nothing"),
        missing=(lack,),
    )


def list_options(decision: Decision) -> dict[str, Assigned]:
    """Return the options of a decision as the cost model takes them; those that do nothing at all are left out."""
    found = {
        option.id: Assigned({**option.assignment, **dict.fromkeys(option.kept, KEEP)}, option.plans)
        for option in decision.options
    }
    return {id: option for id, option in found.items() if option}


def option_inputs(inputs: Inputs, decision: Decision) -> Inputs:
    """Return the inputs with the options of a decision and the plans that they buy, as the decision priced them."""
    options = list_options(decision)
    engagement = inputs.moved
    bought = {id for option in options.values() for id in option.plans.values()}
    offered = (plan for plans in plans_on_offer(engagement).values() for plan in plans)
    return dataclasses.replace(
        inputs,
        assignments=options,
        plans={plan.id: plan for plan in offered if plan.id in bought},
        fresh=freshness(engagement, tuple(inputs.benefits or ())),
        recommended=RECOMMENDED,
        forced=decision.loses,
    )


@dataclasses.dataclass(frozen=True)
class _Deciding:
    """A decision in the making: the options are found, and are priced here."""

    inputs: Inputs
    rule: DecisionRule
    ruling: Ruling
    landscapes: Mapping[str, DecidedLandscape]
    readiness: Readiness | None
    draws: int
    seed: int

    def decided(self) -> tuple[Decision, Priced | None]:
        options = {id: self.rule.pricer.assigned(one.codes, one.plans) for id, one in self.landscapes.items()}
        some = {id: option for id, option in options.items() if option}
        inputs = dataclasses.replace(self.inputs, assignments=some, plans=self._plans())
        terms = inputs.terms()
        values = sample(terms, self.draws, self.seed)
        priced = dataclasses.replace(price_options(terms, values, some), terms=terms, values=values)
        costs = {id: priced.flows[id].npv if id in priced.flows else None for id in some}
        nothing = np.zeros(self.draws)
        npv = {id: costs[id] if id in some else nothing for id in options}
        engagement = self.inputs.moved
        gains = {id: _gain(npv.get(STANDING), cost) for id, cost in npv.items()}
        gain = gains[RECOMMENDED]
        forced = self._forced(gain)
        integrations = IntegrationDecisions(
            self.inputs, self.rule, self.ruling, options, self.seed, forced
        ).decided()
        judging = Judging(
            self.inputs,
            self.rule,
            self.ruling.base,
            self.landscapes,
            {item.integration: item.style for item in integrations if item.style and item.choice != "keep"},
            self.readiness,
            self.seed,
        )
        shown = tuple(
            self._option(id, npv, gains, priced, forced=bool(forced) and _loses(gain)) for id in options
        )
        verdict = judging.verdict()
        decision = Decision(
            currency=engagement.currency,
            horizon_years=engagement.horizon_years,
            draws=self.draws,
            seed=self.seed,
            verdict=verdict,
            integrations=integrations,
            options=shown,
            styles=self._styles(),
            gain=None if gain is None else summarise_gain(gain),
            bridge=self._bridge(terms, options, gain),
            notes=self._notes(integrations, verdict),
        )
        return decision.model_copy(
            update={
                "findings": list_findings(
                    engagement,
                    [item.fit for item in self.rule.candidates],
                    decision,
                    self.rule.pricer.cash(self.ruling.recommended.codes),
                ),
                "facts": list_facts(decision, self._lost(terms, values, gain)),
            }
        ), priced

    def _forced(self, gain: Floats | None) -> frozenset[int]:
        """Return the places of what is done only where it must be: it costs more than it brings and may not be left.

        Where the whole loses that is all that does not pay without the rest. What the client says is required is not among them.
        """
        obliged = [item.obliged for item in self.rule.candidates]
        done = [p for p in np.flatnonzero(self.ruling.recommended.codes >= 0).tolist() if not obliged[p]]
        paying = self.landscapes.get(PAYS, self.ruling.recommended)
        short = [place for place in done if paying.codes[place] < 0]
        if _loses(gain):
            return frozenset(short or done)
        must = [item.required or bool(item.misses) for item in self.rule.candidates]
        return frozenset(place for place in short if must[place])

    def _lost(self, terms: Terms, values: Draws, gain: Floats | None) -> tuple[Driver, ...]:
        """Return the inputs that move the chance of a loss most."""
        return () if gain is None else chance_drivers(terms, values, np.asarray(gain < 0, dtype=np.float64))

    def _plans(self) -> dict[str, Plan]:
        """Return the plans that some option buys, by id, in the order of the list."""
        bought = {id for one in self.landscapes.values() for id in one.plans.values()}
        offered = {plan.id: plan for plan in (self.inputs.plans or {}).values()}
        return {id: plan for id, plan in offered.items() if id in bought}

    def _option(
        self,
        id: str,
        npv: Mapping[str, Floats | None],
        gains: Mapping[str, Floats | None],
        priced: Priced,
        *,
        forced: bool,
    ) -> PricedOption:
        pricer, landscape = self.rule.pricer, self.landscapes[id]
        styles = pricer.terms.styles
        codes = landscape.codes.tolist()
        ids = [item.id for item in pricer.terms.integrations]
        flow, cost, gain = priced.flows.get(id), npv[id], gains[id]
        benefit = 0.0 if flow is None else -flow.line_present["benefits"]
        best = gains[RECOMMENDED]
        reason = next((one.reason for one in priced.excluded if one.option == id), "")
        return PricedOption(
            id=id,
            label=label_option(id, forced=forced),
            assignment={name: styles[code] for name, code in zip(ids, codes, strict=True) if code >= 0},
            kept=tuple(name for name, code in zip(ids, codes, strict=True) if code == STAY),
            plans=dict(landscape.plans),
            cost=None if cost is None else tidy(float(cost.mean()) + benefit),
            benefit=None if cost is None else tidy(benefit),
            gain=None if gain is None else summarise_gain(gain),
            fit=tidy(self.rule.fit_of(landscape)) if max(codes, default=-1) >= 0 else None,
            ahead=None
            if id == RECOMMENDED or gain is None or best is None
            else tidy(float((gain > best).mean())),
            instead=self._instead(landscape, gain, best),
            ends=reason,
        )

    def _styles(self) -> tuple[StyleUse, ...]:
        """Return what each used style costs whatever the number: all less what its integrations add."""
        pricer, codes = self.rule.pricer, self.ruling.recommended.codes
        plans = {plan.id: plan for plan in pricer.terms.plans.values()}
        found = []
        for place, style in enumerate(pricer.terms.styles):
            built = codes == place
            kept = (codes == STAY) & (pricer.today == place)
            if not (built | kept).any():
                continue
            alone = np.where(built, place, np.where(kept, STAY, NOTHING)).astype(np.int8)
            plan = self.ruling.recommended.plans.get(style, "")
            owned = pricer.terms.owned.get(style)
            found.append(
                StyleUse(
                    style=style,
                    built=int(built.sum()),
                    kept=int(kept.sum()),
                    plan=plan,
                    platform=(owned.product if owned and not plan else plans[plan].name if plan else ""),
                    fixed=tidy(pricer.fixed(alone)),
                    owned=owned.product if owned else "",
                )
            )
        return tuple(found)

    def _bridge(self, terms: Terms, options: Mapping[str, Assigned], gain: Floats | None) -> Bridge | None:
        """Return the gain in the likely case, its median and its mean."""
        if gain is None:
            return None
        draws = likely(terms)
        ends = [_likely(terms, draws, options.get(id)) for id in (STANDING, RECOMMENDED)]
        return Bridge(
            likely=tidy(ends[0] - ends[1]), median=tidy(float(np.median(gain))), mean=tidy(float(gain.mean()))
        )

    def _notes(self, integrations: Sequence[IntegrationDecision], verdict: Verdict) -> tuple[str, ...]:
        silent = [item for item in integrations if item.required]
        stated = [item for item in integrations if item.obligation]
        found = []
        if stated:
            found.append(
                f"{len(stated)} of {len(integrations)} integrations {'is' if len(stated) == 1 else 'are'} required, as stated: only how is "
                "decided, and the option of only what pays does them, too."
            )
        if silent:
            found.append(
                f"{len(silent)} of {len(integrations)} integrations do not run today and state no benefit: they are taken "
                "as to be done, and only how is decided."
            )
        if verdict.unsettled:
            found.append(
                f"How {len(verdict.unsettled)} of the integrations are done is not settled: in more than one of three futures "
                f"another way is clearly cheaper ({', '.join(verdict.unsettled)})."
            )
        if (verdict.more or 0.0) >= 1 - LIKELY:
            found.append(
                f"In {verdict.more:.0%} of the futures doing further integrations at once would save at least 5%: judge them "
                "again once the first ones run."
            )
        return tuple(found)

    def _instead(self, landscape: DecidedLandscape, gain: Floats | None, best: Floats | None) -> str:
        """Say which part of the rule keeps an option from being recommended that gains more on average."""
        if gain is None or best is None or gain.mean() <= best.mean() + 0.5:
            return ""
        rule, chosen = self.rule, self.ruling.recommended.codes
        styles = rule.pricer.terms.styles
        undone = sum(
            code < 0 <= now and STAY not in rule.allowed(item) and NOTHING not in rule.allowed(item)
            for item, code, now in zip(
                rule.candidates, landscape.codes.tolist(), chosen.tolist(), strict=True
            )
        )
        if undone:
            return f"it leaves {undone} undone that {'is' if undone == 1 else 'are'} taken as required"
        if not all(
            code < 0 or may_be(item, styles[code])
            for item, code in zip(rule.candidates, landscape.codes.tolist(), strict=True)
        ):
            fits = f"{rule.fit_of(landscape):.2f} against {rule.fit_of(self.ruling.recommended):.2f}"
            return f"it fits worse than the rule allows ({fits})"
        unsure = int(((chosen < 0) & (landscape.codes >= 0)).sum())
        if unsure:
            return f"it moves {unsure} more, whose gain is too unsure"
        saved, ahead = float((gain - best).mean()) / max(self.ruling.base, 1.0), float((gain > best).mean())
        if (
            saved >= SAVING and ahead >= LIKELY
        ):  # the futures that are shown say otherwise than those of the rule
            recommended = self.ruling.recommended
            saved = (recommended.npv - landscape.npv) / max(self.ruling.base, 1.0)
            ahead = rule.chance(landscape, recommended)
        if saved < SAVING:
            return f"it saves {saved:.1%} of what connecting costs; {SAVING:.0%} would outweigh a better fit"
        return f"it gains more in {ahead:.0%} of futures; two in three would outweigh a better fit"


def _likely(terms: Terms, draws: Draws, option: Assigned | None) -> float:
    return float(cash_flows(terms, draws, option).npv[0]) if option else 0.0


def _loses(gain: Floats | None) -> bool:
    return gain is not None and bool(gain.mean() < 0)


def _gain(standing: Floats | None, cost: Floats | None) -> Floats | None:
    """Return the gain against leaving things as they are; where nothing runs today, leaving costs nothing."""
    if cost is None:
        return None
    return np.asarray((0.0 if standing is None else standing) - cost)
