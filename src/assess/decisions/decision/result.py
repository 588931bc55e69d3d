"""The one decision: what happens to each integration, what that costs and brings, and how sure it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assess.core.finding import Finding, Missing
from assess.core.numbers import tidy
from assess.core.record import Record
from assess.core.source import Fact, Source
from assess.decisions.cost import FORCED
from assess.decisions.cost import STANDING as STANDING
from assess.intake.engagement.landscape import Style

from .asking import ASKINGS, Asking

Decided = Literal["keep", "retire", "build", "buy", "open"]
"""``keep``: stays as it is today. ``retire``: ends. ``build``: a style that the team builds. ``buy``: a style on a
vendor's platform. ``open``: must be done and no style is feasible."""

Timing = Literal["now", "if required", "later", "not"]
"""``now``: done, or left as it is on purpose. ``if required``: costs more than it brings and is done only where it must
be. ``later``: pays on average, but in too few futures to begin with. ``not``: costs more than it
brings."""

State = Literal["decide", "ask", "prepare", "nothing"]
"""``decide``: an imperative is allowed. ``ask``: too early, the questions come first. ``prepare``: gates must open first.
``nothing``: there is nothing to decide about."""

RECOMMENDED = "recommended"
"""Id of the option that the decision is."""


ENDS = (0.1, 0.9)
"""Shares of the futures below the two ends of the range that is shown: eight in ten lie within."""


class Gain(Record):
    """The one statistic of money: expected value, 80 % range, chance of loss.

    Parameters
    ----------
    mean
        Expected present value over the horizon, in the engagement's currency; positive is better.
    low, high
        P10 and P90.
    loss
        Share of the futures in which it is below zero.
    """

    mean: float
    low: float
    high: float
    loss: float


def summarise_gain(values: NDArray[np.float64]) -> Gain:
    """Return the statistic of a gain in every future, shape (draws,)."""
    low, high = np.quantile(values, ENDS).tolist()
    return Gain(
        mean=tidy(float(values.mean())), low=tidy(low), high=tidy(high), loss=tidy(float((values < 0).mean()))
    )


class Rival(Record):
    """A style that was not taken for an integration, or was: what the recommendation costs more, and how well it fits.

    Parameters
    ----------
    difference
        Expected present value of the whole landscape with this style less that of the recommended one; positive
        where this style is dearer.
    fit
        Its score, 0 to 1.
    """

    style: Style
    difference: float
    fit: float


class IntegrationDecision(Record):
    """What happens to one integration.

    Parameters
    ----------
    today
        How it is done today; empty where that is not stated.
    style
        How it is done from then on; empty where nothing runs.
    platform, plan
        Name and id of the price plan or owned product that carries it; empty where none does.
    cost, benefit
        Expected present values over the horizon of what it adds: fixed costs of a platform are in no integration.
    net
        Benefit less cost against leaving this integration as it is.
    fit
        Score of the style, 0 to 1; None where nothing runs or today's style has no score.
    cheapest, best_fit
        The style of least total cost among those that may be taken, and the one that fits best.
    price_of_fit
        What the chosen style costs more than the cheapest; below zero where it is the cheapest itself.
    cheaper_chance
        Share of the futures in which the chosen landscape costs less than the one with this integration in the
        cheapest other style; None where there is no other.
    flip
        What would change the answer.
    risk
        What threatens it most.
    date
        When it runs, as the roadmap plans it; None without a plan.
    measured, stated, assumed
        Shares of what it was decided by, together 1: measurements, the client's answers, defaults.
    required
        Whether it is taken as to be done: it does not run today and no benefit was stated.
    obligation
        What asks for it whatever it brings, as the client says; empty where nothing does or what runs today meets it.
    distinct
        False where the scores of the chosen style and of the best other one differ by less than their ranges.
    question
        What must be answered first where the style is open: a constraint could not be tested.
    """

    integration: str
    label: str
    today: str = ""
    choice: Decided
    timing: Timing
    style: Style | None = None
    platform: str = ""
    plan: str = ""
    cost: float | None = None
    benefit: float | None = None
    net: Gain | None = None
    fit: float | None = None
    cheapest: Rival | None = None
    best_fit: Rival | None = None
    price_of_fit: float | None = None
    cheaper_chance: float | None = None
    flip: str = ""
    risk: str = ""
    date: dt.date | None = None
    measured: float = 0.0
    stated: float = 0.0
    assumed: float = 0.0
    required: bool = False
    obligation: str = ""
    distinct: bool = True
    question: str = ""
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


class PricedOption(Record):
    """One answer to the whole question, priced by the same engine as every other.

    Parameters
    ----------
    assignment
        Integration to style, of those that are built or bought.
    kept
        Integrations that stay as they are.
    plans
        Style to id of its price plan.
    cost, benefit
        Expected present values over the horizon.
    gain
        Against leaving things as they are.
    fit
        Mean score over what is built or bought; None where nothing is.
    ahead
        Share of the futures in which it gains more than the recommended one; None for that one.
    instead
        Why it is not the recommended one although it gains more on average; empty where it does not.
    ends
        Why it has no price, where a price plan ends below the volume.
    """

    id: str
    label: str
    assignment: dict[str, Style]
    kept: tuple[str, ...] = ()
    plans: dict[str, str] = {}
    cost: float | None = None
    benefit: float | None = None
    gain: Gain | None = None
    fit: float | None = None
    ahead: float | None = None
    instead: str = ""
    ends: str = ""


class StyleUse(Record):
    """A style that the decision uses.

    Parameters
    ----------
    built, kept
        Integrations that are built or bought in it, and that stay in it.
    fixed
        Expected present value of what it costs whatever the number: foundation, learning, hosting, people, base bill.
    owned
        Product of the client's stack that carries it already; empty where the style is new.
    """

    style: Style
    built: int
    kept: int
    plan: str = ""
    platform: str = ""
    fixed: float | None = None
    owned: str = ""


class WorthQuestion(Record):
    """A question to the client, and what its answer is worth.

    Parameters
    ----------
    worth
        The most that a full answer is worth in the engagement's currency (EVPPI); None where it opens or closes a style.
    share
        Share of the variance of the gain that it causes (Shapley effect); None where that was not computed.
    assumed
        Whether it rests on defaults today.
    answerable
        Whether the client can answer it: what is not stated, or a default that stands in for an own figure; the others are
        about what nobody has published.
    tells
        Share of the variance of what the recommended option costs more than its closest rival that it causes: how much
        of their order its answer tells. None where that was not computed.
    supply
        Where the answer belongs.
    """

    id: str
    text: str
    worth: float | None = None
    share: float | None = None
    tells: float | None = None
    assumed: bool = True
    answerable: bool = True
    supply: str = ""
    integrations: tuple[str, ...] = ()

    @property
    def plain(self) -> Asking:
        """The question in plain words, and how its answer is found."""
        return ASKINGS[self.id]


class Verdict(Record):
    """Whether the answer may be an imperative, and what has to come first where it may not.

    Parameters
    ----------
    chance
        Share of the futures, under ranges widened for defaults, in which the recommended option or what it can still become
        costs less than 5 % of what is paid for it more than the best that fits and does all that must be done.
    rival
        Id of the option that is the best in most of the other futures; empty where there are none, or it is not shown.
    unsettled
        Integrations that every nearly best programme treats otherwise in more than one of three futures.
    more
        Share of the futures in which doing further integrations at once would save as much.
    assumed
        Share of the variance of what decides, the gain or the difference to the nearest rival, that comes from defaults.
    gates
        Gates that are not open, in words.
    """

    state: State
    chance: float | None = None
    rival: str = ""
    unsettled: tuple[str, ...] = ()
    more: float | None = None
    assumed: float | None = None
    questions: tuple[WorthQuestion, ...] = ()
    gates: tuple[str, ...] = ()

    @property
    def dearest(self) -> WorthQuestion | None:
        """The question whose answer is worth most; None where no answer is worth anything."""
        valued = [question for question in self.questions if question.worth]
        return max(valued, key=lambda question: (question.worth or 0.0, question.id), default=None)


class Bridge(Record):
    """The gain of the recommended option in its three statistics: likely case, median, mean."""

    likely: float
    median: float
    mean: float


class Decision(Record):
    """The answer to the whole question. Everything that recommends something reads it.

    Parameters
    ----------
    options
        The recommended one first, then those beside it.
    gain
        Of the recommended option against leaving things as they are.
    notes
        What was taken for granted, what is not settled, and what to judge again, in sentences.
    """

    currency: str
    horizon_years: int
    draws: int
    seed: int
    verdict: Verdict
    integrations: tuple[IntegrationDecision, ...] = ()
    options: tuple[PricedOption, ...] = ()
    styles: tuple[StyleUse, ...] = ()
    gain: Gain | None = None
    bridge: Bridge | None = None
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def assignment(self) -> dict[str, Style]:
        """The style of each integration that is built or bought."""
        return {
            item.integration: item.style
            for item in self.integrations
            if item.style is not None and item.choice in ("build", "buy") and item.timing != "not"
        }

    @property
    def programme(self) -> dict[str, Style]:
        """The part of the assignment that is not for later: what the roadmap plans, also where it is done only if it must be."""
        return {
            item.integration: item.style
            for item in self.integrations
            if item.style is not None
            and item.choice in ("build", "buy")
            and item.timing in ("now", "if required")
        }

    @property
    def forced(self) -> tuple[str, ...]:
        """The integrations that cost more than they bring: done only where they must be."""
        return tuple(item.integration for item in self.integrations if item.timing == "if required")

    @property
    def obliged(self) -> tuple[str, ...]:
        """The integrations of the programme that the client says are required."""
        return tuple(
            item.integration
            for item in self.integrations
            if item.obligation and item.integration in self.programme
        )

    @property
    def loses(self) -> bool:
        """Whether what is built or bought costs more than it brings: then it is no proposal, but what must be.

        Not where all of it that does not pay is stated to be required: then it is decided.
        """
        return bool(self.forced) and self.gain is not None and self.gain.mean < 0

    @property
    def richer(self) -> PricedOption | None:
        """The option that gains most, where that is more on average than the recommended one gains; None where none does."""
        kept = (option for option in self.options if option.gain is not None and option.instead)
        return max(kept, key=lambda option: option.gain.mean if option.gain else 0.0, default=None)

    @property
    def named(self) -> str:
        """The recommended option in a sentence: proposed, unless it costs more than it brings."""
        return f"the option “{FORCED}”" if self.loses else "the proposed option"

    @property
    def later(self) -> tuple[str, ...]:
        """The integrations that are built or bought, or retired, but not to begin with."""
        return tuple(
            item.integration
            for item in self.integrations
            if item.timing == "later" and item.choice in ("build", "buy", "retire")
        )

    @property
    def retired(self) -> tuple[str, ...]:
        """The integrations that end now."""
        return tuple(
            item.integration for item in self.integrations if item.choice == "retire" and item.timing == "now"
        )

    @property
    def founded(self) -> tuple[Style, ...]:
        """The styles that a product of the client's own carries already."""
        return tuple(use.style for use in self.styles if use.owned)

    @property
    def shared(self) -> float | None:
        """What the recommended option gains beside the gains of its integrations: platforms, people and set-up are in none of them."""
        if self.gain is None:
            return None
        return self.gain.mean - sum(item.net.mean for item in self.integrations if item.net)

    @property
    def landscape(self) -> dict[str, Style | None]:
        """The style in which each integration runs from then on; None where it runs by hand, or no longer."""
        return {
            item.integration: item.style if item.choice != "retire" else None for item in self.integrations
        }

    @property
    def kept(self) -> tuple[str, ...]:
        """The integrations that stay as they are."""
        return tuple(item.integration for item in self.integrations if item.choice == "keep")

    @property
    def recommended(self) -> PricedOption:
        """The option that the decision is.

        Raises
        ------
        KeyError
            If there is nothing to decide about.
        """
        return self.option(RECOMMENDED)

    def option(self, id: str) -> PricedOption:
        """Return one option.

        Raises
        ------
        KeyError
            If there is none of this id.
        """
        return {option.id: option for option in self.options}[id]

    def integration(self, id: str) -> IntegrationDecision:
        """Return what happens to one integration.

        Raises
        ------
        KeyError
            If there is none of this id.
        """
        return {item.integration: item for item in self.integrations}[id]

    def dated(self, dates: Mapping[str, dt.date]) -> Decision:
        """Return the decision with the days on which integrations run, by id."""
        return self.model_copy(
            update={
                "integrations": tuple(
                    item.model_copy(update={"date": dates.get(item.integration)})
                    for item in self.integrations
                )
            }
        )

    @property
    def table(self) -> pd.DataFrame:
        """One row an integration, in the engagement's order."""
        return pd.DataFrame([_row(item) for item in self.integrations], columns=list(_COLUMNS))


_COLUMNS = (
    "integration", "label", "today", "choice", "timing", "style", "platform", "cost", "benefit",
    "net", "net_low", "net_high", "net_loss", "fit", "cheapest_style", "cheapest_difference", "best_fit_style",
    "best_fit", "price_of_fit", "cheaper_chance", "flip", "risk", "date", "measured", "stated", "assumed",
    "reasons", "warnings",
)  # fmt: skip


def _statistic(gain: Gain | None, name: str) -> dict[str, float | None]:
    if gain is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high", f"{name}_loss"))
    return {name: gain.mean, f"{name}_low": gain.low, f"{name}_high": gain.high, f"{name}_loss": gain.loss}


def _row(item: IntegrationDecision) -> dict[str, object]:
    plain = {name: getattr(item, name) for name in _COLUMNS if name in type(item).model_fields}
    return plain | {
        "style": item.style or "",
        **_statistic(item.net, "net"),
        "cheapest_style": item.cheapest.style if item.cheapest else "",
        "cheapest_difference": item.cheapest.difference if item.cheapest else None,
        "best_fit_style": item.best_fit.style if item.best_fit else "",
        "best_fit": item.best_fit.fit if item.best_fit else None,
        "reasons": "; ".join(item.reasons),
        "warnings": "; ".join(item.warnings),
    }
