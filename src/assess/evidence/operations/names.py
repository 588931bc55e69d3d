"""Whose run it is: from the name that a log writes to the integration of the engagement."""

from __future__ import annotations

from collections.abc import Iterable

from assess.core.patterns import fits
from assess.intake.engagement import Engagement


def assigned(engagement: Engagement, names: Iterable[str]) -> dict[str, str]:
    """Return the integration of each name that is known; the others are left out.

    A name is, in this order: the id of an integration; a name of ``operations/names.csv``, written out; the
    pattern there, with ``*``, that has the most letters; the name or the id of an integration in another case.

    Examples
    --------
    >>> from assess.intake.assumptions import Assumptions
    >>> from assess.intake.engagement import Engagement, Integration, RunName
    >>> engagement = Engagement(folder=".", client="A", assumptions=Assumptions(),
    ...     integrations=(Integration(id="orders", source="a", target="b", name="Orders to ERP"),),
    ...     run_names=(RunName(name="POST /orders/*", integration="orders"),))
    >>> assigned(engagement, ["orders", "POST /orders/7", "orders TO erp", "GET /"])
    {'orders': 'orders', 'POST /orders/7': 'orders', 'orders TO erp': 'orders'}
    """
    ids = {integration.id for integration in engagement.integrations}
    written = {row.name: row.integration for row in engagement.run_names if "*" not in row.name}
    patterns = sorted(
        (
            (row.name.casefold().split("*"), row.integration)
            for row in engagement.run_names
            if "*" in row.name
        ),
        key=lambda item: (-sum(map(len, item[0])), item[0]),
    )
    loose = {_loose(i.name): i.id for i in reversed(engagement.integrations) if i.name}
    loose |= {_loose(i.id): i.id for i in reversed(engagement.integrations)}
    loose |= {_loose(name): id for name, id in written.items()}
    found: dict[str, str] = {}
    for name in names:
        if name in ids:
            found[name] = name
            continue
        hit = written.get(name) or next((id for parts, id in patterns if fits(name.casefold(), parts)), None)
        hit = hit or loose.get(_loose(name))
        if hit:
            found[name] = hit
    return found


def _loose(name: str) -> str:
    return " ".join(name.casefold().split())
