"""How tangled the point-to-point landscape is, and what a hub or streams would save.

Links: among n systems there are at most n(n-1)/2 pairs; a hub needs n connections. Translators: where every system
sends to every other, n(n-1) translate directly and 2n by a canonical data model (Hohpe & Woolf 2003, Enterprise
Integration Patterns, "Canonical Data Model": 2 against 4, 6 against 6, 30 against 12 for 2, 3 and 6 applications). Real
landscapes are sparse, so the numbers of this landscape are counted, not taken from n.
"""

from __future__ import annotations

from collections.abc import Iterable

from assess.core.record import Record
from assess.intake.engagement import Integration


class Tangle(Record):
    """The connections of a landscape, counted.

    Parameters
    ----------
    systems
        Systems that have a connection.
    integrations
        Directed connections.
    pairs
        Pairs of systems with at least one.
    density
        Share of all possible pairs that is connected; None below two systems.
    hub_links
        Connections to a hub that would replace the pairs: one a system.
    canonical
        Translators by a canonical data model: one for each thing that a system sends, one for each that it takes. Direct
        translators are one an integration.
    topics
        Different things sent (a system and what it sends): streams that would be published once.
    sent_again
        Integrations that send what the same system sends to another target already: interfaces of the source that a
        stream makes unnecessary.
    busiest
        The system with the most partners, and how many; empty without one.
    """

    systems: int
    integrations: int
    pairs: int
    density: float | None = None
    hub_links: int
    canonical: int
    topics: int
    sent_again: int
    busiest: tuple[str, int] = ("", 0)

    @property
    def hub_saves(self) -> int:
        """Pairs less connections to a hub; negative where a hub needs more."""
        return self.pairs - self.hub_links

    @property
    def canonical_saves(self) -> int:
        """Direct translators less those of a canonical data model; negative where the model needs more."""
        return self.integrations - self.canonical


def measure(integrations: Iterable[Integration]) -> Tangle:
    """Count the connections of a landscape.

    An integration without a named entity is a thing of its own.

    Examples
    --------
    Every system to every other, six applications (Hohpe & Woolf 2003): 30 translators against 12.

    >>> six = [Integration(id=f"{a}{b}", source=a, target=b, entity="x") for a in "abcdef" for b in "abcdef" if a != b]
    >>> found = measure(six)
    >>> found.integrations, found.canonical, found.pairs, found.hub_links, found.density
    (30, 12, 15, 6, 1.0)
    """
    rows = list(integrations)
    partners: dict[str, set[str]] = {}
    sent, taken = set(), set()
    for row in rows:
        what = " ".join(row.entity.split()).casefold() or f"#{row.id}"
        sent.add((row.source, what))
        taken.add((row.target, what))
        if row.source != row.target:
            partners.setdefault(row.source, set()).add(row.target)
            partners.setdefault(row.target, set()).add(row.source)
    n, pairs = len(partners), sum(map(len, partners.values())) // 2
    busiest = max(sorted(partners), key=lambda id: len(partners[id]), default="")
    return Tangle(
        systems=n,
        integrations=len(rows),
        pairs=pairs,
        density=pairs / (n * (n - 1) / 2) if n > 1 else None,
        hub_links=n,
        canonical=len(sent) + len(taken),
        topics=len(sent),
        sent_again=len(rows) - len(sent),
        busiest=(busiest, len(partners.get(busiest, ()))),
    )
