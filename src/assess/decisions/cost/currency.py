"""Prices in the engagement's currency: the exchange rates that it states, else the dated defaults."""

from __future__ import annotations

from assess.core.estimate import Estimate
from assess.core.source import Source
from assess.intake.assumptions import Assumption
from assess.intake.engagement import Engagement

KNOWN = ("EUR", "USD", "GBP", "CHF")
"""Currencies of which the defaults hold a rate."""


class MissingRate(ValueError):
    """No exchange rate is known for a currency that the model needs."""


def parse_currency(unit: str) -> str:
    """Return the currency that a unit such as ``EUR/day`` begins with; empty where there is none.

    >>> parse_currency("USD/M requests"), parse_currency("share/year")
    ('USD', '')
    """
    head = unit.split("/")[0].strip()
    return head if len(head) == 3 and head.isalpha() and head.isupper() and head != "FTE" else ""


def rate(engagement: Engagement, currency: str) -> tuple[float, Source]:
    """Return the price of one unit of a currency in the engagement's, and where it comes from.

    A rate stated in the engagement comes first, then its inverse is not guessed: the dated
    defaults, which are in EUR, are crossed.

    Raises
    ------
    MissingRate
        If neither the engagement nor the defaults know the currency.
    """
    if currency == engagement.currency:
        return 1.0, Source(kind="calculation", place="money/one")
    if currency in engagement.exchange_rates:
        place = Source(kind="input", place="engagement.yaml", column=f"exchange_rates.{currency}")
        return engagement.exchange_rates[currency], place
    value = _in_euro(engagement, currency) / _in_euro(engagement, engagement.currency)
    keys = tuple(f"as:fx.eur_per_{code.lower()}" for code in (currency, engagement.currency) if code != "EUR")
    return value, Source(kind="calculation", place=f"money/{currency}", detail="crossed through EUR", of=keys)


def _in_euro(engagement: Engagement, currency: str) -> float:
    if currency == "EUR":
        return 1.0
    if "EUR" in engagement.exchange_rates and currency == engagement.currency:
        return 1 / engagement.exchange_rates["EUR"]
    if currency not in KNOWN:
        raise MissingRate(
            f"no exchange rate is known between {currency} and {engagement.currency}: "
            f"add exchange_rates with EUR and USD to engagement.yaml"
        )
    return engagement.assumptions[f"fx.eur_per_{currency.lower()}"].likely


def converted(engagement: Engagement, entry: Assumption) -> Estimate:
    """Return an assumption as an estimate in the engagement's currency.

    An override is in the engagement's currency already; a default is converted by the currency
    that its unit begins with. Units without a currency stay.
    """
    currency = parse_currency(entry.unit)
    if not currency or entry.overridden or currency == engagement.currency:
        return entry.estimate
    factor, _ = rate(engagement, currency)
    return entry.estimate.scaled(factor, entry.unit.replace(currency, engagement.currency, 1))
