"""The assessment of one engagement: every answer computed once, when asked, and handed to the next."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from assess.core import reads
from assess.core.cache import Cache, cache_folder
from assess.core.grants import is_url
from assess.core.record import Record
from assess.intake import Engagement, load
from assess.intake.engagement.landscape import Style

if TYPE_CHECKING:
    from assess.core.finding import Finding
    from assess.evidence.catalog import Catalog
    from assess.evidence.contracts import Contracts
    from assess.evidence.operations import Operations
    from assess.evidence.policy import Policy
    from assess.evidence.quality import QualityAssessment
    from assess.evidence.reconcile import Reconciled
    from assess.evidence.stack import Stack
    from assess.evidence.value_stream import LogMeasures, ValueStream
    from assess.intake.engagement.landscape import Yearly

    from .actions import Actions
    from .build_or_buy import BuildOrBuy
    from .cost import Inputs, Priced, TotalCost
    from .cost.parameters import Assigned
    from .decision import Decision, Platforms
    from .framework import Framework
    from .questions import Questions
    from .readiness import Readiness
    from .risk import ChangeDecision, Risk
    from .roadmap import Roadmap
    from .shift import Shift
    from .strategy import Strategy

R = TypeVar("R", bound=Record)


LIMITS: Mapping[str, range] = {"seed": range(2**32), "draws": range(10, 1_000_001)}
"""What the notebooks' parameters ``seed`` and ``draws`` may be. Fewer futures have no tenth of the best and the worst;
more fill the memory and move no figure by more than its last digit."""


LONG_SILENT = 90
"""Days of silence, unusual for its own cadence, after which an integration that nobody owns is retired: rule of the method."""


def explain_limit(name: str, value: object) -> str:
    """Say which values a parameter takes, if this is none of them; empty if it is, or the parameter takes any.

    >>> explain_limit("draws", -1), explain_limit("draws", 500)
    ('-1 is not from 10 to 1,000,000', '')
    """
    allowed = LIMITS.get(name)
    if allowed is None or (isinstance(value, int) and not isinstance(value, bool) and value in allowed):
        return ""
    return f"{value!r:.40} is not from {allowed[0]:,} to {allowed[-1]:,}"


class Assessment:
    """Every answer for one engagement.

    Evidence feeds decisions: measured volumes replace stated ones, measured defects become remediation
    cost. Each property computes its answer at the first use and keeps it.

    Parameters
    ----------
    stated
        The engagement as the client told it.
    seed
        Of every random draw, within `LIMITS`.
    draws
        Futures that are drawn for cost, within `LIMITS`.
    show_values
        Whether examples of client data are shown as they are instead of masked.

    Raises
    ------
    ValueError
        If seed or draws are outside their limits.
    """

    def __init__(
        self, stated: Engagement, *, seed: int = 7, draws: int = 10_000, show_values: bool = False
    ) -> None:
        for name, value in (("seed", seed), ("draws", draws)):
            if problem := explain_limit(name, value):
                raise ValueError(f"parameter {name!r}: {problem}")
        self.stated = stated
        self.seed = seed
        self.draws = draws
        self.show_values = show_values
        self._cache = Cache(cache_folder())
        self._logs: tuple[LogMeasures, ...] | None = None
        self._priced: Priced | None = None

    @classmethod
    def open(
        cls, location: str | Path, *, seed: int = 7, draws: int = 10_000, show_values: bool = False
    ) -> Assessment:
        """Open an engagement folder or workbook.

        Raises
        ------
        assess.intake.InvalidEngagement
            With every problem of the engagement.
        """
        with reads.silent():
            stated = load(location)
        return cls(stated, seed=seed, draws=draws, show_values=show_values)

    @reads.answer
    def operations(self) -> Operations:
        """What the run logs show."""
        from assess.evidence import operations

        return self._kept(operations.Operations, lambda: operations.measure(self.stated))

    @reads.answer
    def catalog(self) -> Catalog:
        """What the client's catalog says of its interfaces, and what is wrong with it."""
        from assess.evidence import catalog

        return self._kept(catalog.Catalog, lambda: catalog.read(self.stated, self.operations))

    @reads.answer
    def reconciled(self) -> Reconciled:
        """The engagement with measured values in place of stated ones, and where they disagree."""
        from assess.evidence.reconcile import reconcile

        return reconcile(self.stated, self.operations)

    @property
    def engagement(self) -> Engagement:
        """The engagement that decisions see: measured values where there are any."""
        return self.reconciled.engagement

    @reads.answer
    def quality(self) -> QualityAssessment:
        """What the extracts show, of each table and between systems."""
        from assess.evidence import quality

        return quality.assess(self.stated, cache_folder=self._cache.folder, clear=self.show_values)

    @reads.answer
    def policy(self) -> Policy:
        """Which rules integrations, systems, contracts and catalog meet."""
        from assess.evidence import policy

        subjects = policy.collect(self.stated, self.catalog, self.contracts, self.operations)
        return policy.check(self.stated, subjects, unreadable=policy.unreadable(self.catalog))

    @reads.answer
    def value_stream(self) -> ValueStream:
        """Where the process loses time and accuracy, and what the integrations give back."""
        from assess.evidence import value_stream

        return self._kept(
            value_stream.ValueStream,
            lambda: value_stream.map_value_stream(self.stated, logs=self._logs),
        )

    @reads.answer
    def contracts(self) -> Contracts:
        """Which interfaces have a contract, and whether it is one."""
        from assess.evidence import contracts

        return self._kept(contracts.Contracts, lambda: contracts.assess(self.stated, self.operations))

    @reads.answer
    def framework(self) -> Framework:
        """How each style fits each integration."""
        from . import framework

        return self._kept(
            framework.Framework,
            lambda: framework.fit(self.engagement, seed=self.seed),
        )

    @property
    def evidence_inputs(self) -> Inputs:
        """What is decided by beside the engagement: repair, benefits, losses, failed gates, measured failures."""
        from assess.evidence.reconcile import read_register

        from .cost import Inputs
        from .cost.parameters import Observed

        register = read_register(self.engagement, self.operations)
        observed = (
            {}
            if register is None
            else {
                item.id: Observed(register.count((item.id,)), register.years)
                for item in self.engagement.integrations
            }
        )
        return Inputs(
            self.engagement,
            remediation=self.remediation,
            benefits=self.benefits,
            losses=self.losses,
            shifts=self.shifts,
            observed=observed,
            automated=self.quality.automated,
            unused=tuple(
                traffic.integration
                for traffic in self.operations.traffic
                if (traffic.silent_days or 0) >= LONG_SILENT
                and not self.engagement.integration(traffic.integration).owner
            ),
        )

    @reads.answer
    def decision(self) -> Decision:
        """What happens to each integration: the one answer that everything else reads."""
        from . import decision

        def compute() -> Decision:
            readiness = self.readiness if self.readiness.assessed else None
            found, self._priced = decision.decide(
                self.evidence_inputs, self.framework, readiness, draws=self.draws, seed=self.seed
            )
            return found

        return self._kept(
            decision.Decision,
            compute,
        )

    @reads.answer
    def dated_decision(self) -> Decision:
        """The decision with the days on which the roadmap has each integration run."""
        return self.decision.dated(self.roadmap.dates)

    @reads.answer
    def questions(self) -> Questions:
        """What to ask first: what the client has not answered, by what the answer moves."""
        from . import questions

        return self._kept(
            questions.Questions,
            lambda: questions.rank_questions(
                self.evidence_inputs, self.framework, self.decision, self.stated, seed=self.seed
            ),
        )

    @reads.answer
    def platforms(self) -> Platforms:
        """What every platform would bill for what is decided, and with which of them another answer were right."""
        from . import decision

        def compute() -> Platforms:
            bought = decision.count_bought(self.evidence_inputs, self.framework, seed=self.seed)
            return decision.compare_platforms(self.engagement, self.decision, bought)

        return self._kept(decision.Platforms, compute)

    @property
    def assignments(self) -> dict[str, Assigned]:
        """The options of the decision as the cost model takes them, the recommended one first."""
        from .decision import list_options

        return list_options(self.decision)

    @reads.answer
    def cost_inputs(self) -> Inputs:
        """What the cost model is fed with: the options of the decision, and the plans that they buy."""
        from .decision import option_inputs

        return option_inputs(self.evidence_inputs, self.decision)

    @property
    def delivery_inputs(self) -> Inputs:
        """What the comparison of building and buying is fed with: the plans that the decision's options buy."""
        return dataclasses.replace(self.cost_inputs, assignments=None).delivery

    @reads.answer
    def cost(self) -> TotalCost:
        """What each option of the decision costs over its life."""
        from . import cost

        return self._kept(
            cost.TotalCost,
            lambda: cost.estimate(self.cost_inputs, draws=self.draws, seed=self.seed, priced=self._priced),
        )

    @property
    def remediation(self) -> Sequence[Finding] | None:
        """Findings of the data whose repair is paid before the start; None where no data was assessed."""
        return self.quality.findings if self.quality.assessed else None

    @property
    def benefits(self) -> Sequence[Yearly] | None:
        """What the integrations save a year; None where no value stream was assessed."""
        return self.value_stream.benefits if self.value_stream.current is not None else None

    @reads.answer
    def readiness(self) -> Readiness:
        """Whether the client is ready to select, to pilot and to scale."""
        from . import readiness

        return readiness.score(self.engagement, self.operations, self.quality, self.policy)

    @reads.answer
    def risk(self) -> Risk:
        """What threatens the plan as decided, and what a year of it costs."""
        return self._quantified(self.decision.landscape)

    @reads.answer
    def _undecided_risk(self) -> Risk:
        """What threatens whatever is decided: each risk in full."""
        return self._quantified(None)

    def _quantified(self, landscape: Mapping[str, Style | None] | None) -> Risk:
        from . import risk

        evidence = (self.readiness, self.quality, self.operations)
        return risk.quantify(self.engagement, *evidence, landscape, seed=self.seed)

    @property
    def losses(self) -> Sequence[Yearly] | None:
        """What the stated risks cost a year beside what other lines hold; None where no risk is stated."""
        return self._undecided_risk.losses if self.engagement.risks else None

    @property
    def shifts(self) -> Sequence[Shift]:
        """How failed gates move the cost model; none where nobody answered the checklist."""
        return self.readiness.shifts if self.readiness.assessed else ()

    @reads.answer
    def stack(self) -> Stack:
        """Which parts of an integration stack the styles of the decision need, what is there, and what is paid for in vain."""
        from assess.evidence import stack

        return stack.review(
            self.engagement, {id: style for id, style in self.decision.landscape.items() if style}
        )

    @reads.answer
    def actions(self) -> Actions:
        """The one ranked list: every gap, valued by the cost model run again with it closed."""
        from . import actions
        from .decision import RECOMMENDED

        def compute() -> Actions:
            priced = RECOMMENDED in self.cost_inputs.options and self.decision.gain is not None
            governed = (self.policy, self.contracts, self.catalog, self.stack)
            loose = (found for result in governed for found in result.findings)
            return actions.rank(
                self.engagement,
                self.decision.programme,
                actions.pricer(self.cost_inputs, RECOMMENDED, seed=self.seed) if priced else None,
                readiness=self.readiness,
                risk=self.risk,
                quality=self.quality if self.quality.assessed else None,
                operations=self.operations,
                benefits=self.benefits or (),
                remedies=self.value_stream.remedies,
                savings=self.stack.savings,
                others=(*self.reconciled.findings, *self.value_stream.findings, *loose),
            )

        return self._kept(actions.Actions, compute)

    @reads.answer
    def roadmap(self) -> Roadmap:
        """In which order, by when, with whom."""
        from . import roadmap

        return self._kept(
            roadmap.Roadmap,
            lambda: roadmap.plan(
                self.engagement,
                self.decision.programme,
                readiness=self.readiness,
                quality=self.quality if self.quality.assessed else None,
                benefits=self.benefits or (),
                retired=self.decision.retired,
                later=self.decision.later,
                founded=self.decision.founded,
                forced={
                    item.integration: item.net.mean if item.net else 0.0
                    for item in self.decision.integrations
                    if item.timing == "if required"
                },
                seed=self.seed,
            ),
        )

    @reads.answer
    def strategy(self) -> Strategy:
        """What serves each goal, from the value stream to the first increment."""
        from .strategy import trace

        return trace(self.engagement, self.decision, self.value_stream, self.risk, self.roadmap)

    @reads.answer
    def changes(self) -> tuple[ChangeDecision, ...]:
        """What to do with each change request, within the capacity that the roadmap leaves."""
        from . import risk

        return risk.decide(self.engagement, self.roadmap.spare_days, seed=self.seed)

    @reads.answer
    def build_or_buy(self) -> BuildOrBuy:
        """Whether to build or to buy, and from how many integrations on."""
        from . import build_or_buy

        return self._kept(
            build_or_buy.BuildOrBuy,
            lambda: build_or_buy.decide(self.delivery_inputs, draws=self.draws, seed=self.seed),
        )

    def _kept(self, kind: type[R], compute: Callable[[], R]) -> R:
        """Compute an answer, unless the same code has computed it from the same input before.

        Every answer follows from the engagement with the fingerprints of its files, the settings, and the tables that
        lie in an engine: of these only what was found tells whether they have changed.
        """
        with reads.silent():
            said = self.stated.model_copy(update={"folder": Path()}).to_json()
            distant = any(is_url(table.location) for table in self.stated.tables)
        found = self.quality.to_json() if distant else ""
        settings = (str(self.seed), str(self.draws), str(self.show_values))
        return self._cache.get(kind, (said, *settings, found), compute)
