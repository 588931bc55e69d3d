"""What an hour of work and a day of delay cost, in the engagement's currency."""

from __future__ import annotations

from assess.core.estimate import Estimate
from assess.intake.engagement import Engagement


def priced(engagement: Engagement, key: str) -> Estimate | None:
    """Return an assumption in money, in the engagement's currency; None where no exchange rate is known.

    The unit's first word is its currency. An override in the engagement is in the engagement's currency already.
    """
    entry = engagement.assumptions.entry(key)
    estimate = engagement.assumptions[key]
    currency, _, rest = entry.unit.partition("/")
    unit = f"{engagement.currency}/{rest}"
    rate = 1.0 if entry.overridden else exchange(engagement, currency)
    return None if rate is None else estimate.scaled(rate, unit)


def exchange(engagement: Engagement, currency: str) -> float | None:
    """Return the price of one unit of a currency in the engagement's: its own rate, else over the euro by the defaults."""
    if currency == engagement.currency:
        return 1.0
    if currency in engagement.exchange_rates:
        return engagement.exchange_rates[currency]
    into_euro, own = _euros(engagement, currency), _euros(engagement, engagement.currency)
    return None if into_euro is None or own is None else into_euro / own


def _euros(engagement: Engagement, currency: str) -> float | None:
    key = f"fx.eur_per_{currency.lower()}"
    if currency == "EUR":
        return 1.0
    return engagement.assumptions[key].likely if key in set(engagement.assumptions.keys()) else None
