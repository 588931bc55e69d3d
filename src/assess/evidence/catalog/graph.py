"""What depends on what: impact in both directions for every entity at once, and circles.

Strongly connected components after Tarjan 1972 (SIAM J. Comput. 1:146-160), found without recursion; they come in
reverse topological order, so one pass over the condensation gives each component the set of all that it
reaches as a bitset: O((V + E) * V / w) bit operations for words of w bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Adjacency = Sequence[Sequence[int]]


class Graph:
    """A directed graph of names; an edge leads from what needs to what is needed.

    Parameters
    ----------
    names
        Every node once; the order of every answer.
    edges
        Pairs of names; an edge to or from a name that is no node is left out, as are repetitions.

    Examples
    --------
    >>> graph = Graph(["shop", "billing", "erp"], [("erp", "billing"), ("billing", "shop")])
    >>> graph.needed_by("shop"), graph.needs("erp")
    (('billing', 'erp'), ('shop', 'billing'))
    """

    def __init__(self, names: Iterable[str], edges: Iterable[tuple[str, str]]) -> None:
        self.names = tuple(names)
        self._at = {name: n for n, name in enumerate(self.names)}
        ahead: list[set[int]] = [set() for _ in self.names]
        for source, target in edges:
            if source in self._at and target in self._at:
                ahead[self._at[source]].add(self._at[target])
        self._ahead = tuple(tuple(sorted(targets)) for targets in ahead)
        self._components = tuple(components(self._ahead))
        self._of = [0] * len(self.names)
        for number, members in enumerate(self._components):
            for member in members:
                self._of[member] = number
        self._down, self._up = self._reach()

    def _reach(self) -> tuple[list[int], list[int]]:
        """Return for each component the bitset of all that it needs, and of all that need it, itself included."""
        own = [sum(1 << member for member in members) for members in self._components]
        down, up = list(own), list(own)
        following = [
            {self._of[target] for member in members for target in self._ahead[member]} - {number}
            for number, members in enumerate(self._components)
        ]
        for number in range(len(own)):
            for target in following[number]:
                down[number] |= down[target]
        for number in reversed(range(len(own))):
            for target in following[number]:
                up[target] |= up[number]
        return down, up

    def needs(self, name: str) -> tuple[str, ...]:
        """Return everything that a node needs, directly or by others; itself only where it stands in a circle.

        Raises
        ------
        KeyError
            If there is no such node.
        """
        return self._listed(self._at[name], self._down)

    def needed_by(self, name: str) -> tuple[str, ...]:
        """Return everything that needs a node, directly or by others: what its change or failure can reach.

        Raises
        ------
        KeyError
            If there is no such node.
        """
        return self._listed(self._at[name], self._up)

    def reach(self) -> dict[str, int]:
        """Return how many other nodes need each node."""
        return {name: self._up[self._of[n]].bit_count() - 1 for n, name in enumerate(self.names)}

    @property
    def circles(self) -> tuple[tuple[str, ...], ...]:
        """Groups of nodes that all need each other, and nodes that need themselves."""
        found = [
            members
            for members in self._components
            if len(members) > 1 or members[0] in self._ahead[members[0]]
        ]
        return tuple(tuple(self.names[n] for n in members) for members in sorted(found))

    def _listed(self, node: int, sets: list[int]) -> tuple[str, ...]:
        bits = sets[self._of[node]]
        if len(self._components[self._of[node]]) == 1 and node not in self._ahead[node]:
            bits &= ~(1 << node)
        return tuple(self.names[n] for n in _ones(bits))


def _ones(bits: int) -> Iterator[int]:
    """Yield the places of the ones, lowest first."""
    text = bin(bits)[:1:-1]
    place = text.find("1")
    while place >= 0:
        yield place
        place = text.find("1", place + 1)


def components(ahead: Adjacency) -> Iterator[tuple[int, ...]]:
    """Yield the strongly connected components, each sorted; a component comes after all that it leads to.

    Examples
    --------
    >>> list(components([[1], [2], [1], [0]]))
    [(1, 2), (0,), (3,)]
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    open_: list[int] = []
    opened: set[int] = set()
    for root in range(len(ahead)):
        if root in index:
            continue
        work = [(root, iter(ahead[root]))]
        index[root] = low[root] = len(index)
        open_.append(root)
        opened.add(root)
        while work:
            node, rest = work[-1]
            for target in rest:
                if target not in index:
                    index[target] = low[target] = len(index)
                    open_.append(target)
                    opened.add(target)
                    work.append((target, iter(ahead[target])))
                    break
                if target in opened:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    members = []
                    while (member := open_.pop()) != node:
                        members.append(member)
                    members.append(node)
                    opened.difference_update(members)
                    yield tuple(sorted(members))
