"""What changed between two versions of a contract, side by side, and whether it breaks who uses it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
from jsonschema_rs import CanonicalSchema

from assess.core.record import Record
from assess.evidence.contracts.contract import Kind
from assess.evidence.contracts.document import ContractDocument, NotAssessable, Pointer, written
from assess.evidence.contracts.lint.subject import LintSubject
from assess.evidence.contracts.portable import Direction, Portable
from assess.evidence.contracts.references import Unresolved

from .canonical import Inlined, Likeness, canonical_form, covers, empty
from .schemas import MAX_PAYLOAD, Break, SchemaDifference, difference

Certainty = Literal["proved", "certain", "possible"]
"""``proved``: by a payload that one version accepts and the other rejects. ``certain``: what consumers use is
gone, or what they don't send is demanded. ``possible``: it may break, for the reason given."""
Side = Literal["request", "response", "backward", "forward"]
"""Who meets the change: those who send (request), those who receive (response); for a schema alone, a new reader
of old data (backward) or an old reader of new data (forward)."""
CompatibilityVerdict = Literal["breaking", "possibly breaking", "compatible", "not assessable"]


class ContractChange(Record):
    """One change that can break a consumer.

    Parameters
    ----------
    rule
        Stable name of the kind of change, such as ``required`` (the keyword that rejects) or ``operation-removed``.
    where
        Operation, channel or schema in words.
    path, line, pointer
        Place in the version that demands or lacks it.
    payload
        JSON text that proves it; empty where there is none.
    at
        JSON pointer into the payload at which the other version rejects it.
    accepts, rejects
        Which version accepts the payload and which rejects it: ``old`` or ``new``.
    reason
        Why it could not be proved, where it is only possible.
    """

    rule: str
    certainty: Certainty
    side: Side
    where: str
    message: str
    path: str
    line: int | None = None
    pointer: str = ""
    payload: str = ""
    at: str = ""
    accepts: Literal["old", "new", ""] = ""
    rejects: Literal["old", "new", ""] = ""
    reason: str = ""


class Compatibility(Record):
    """Whether consumers of an old version can go on with a new one.

    Parameters
    ----------
    old, new
        Files.
    changes
        What can break, proved changes first.
    reason
        Why the two can't be compared; empty where they can.
    announced
        Whether the new version says by its number that it breaks (a new major version, SemVer 2.0 clause 8).
    """

    old: str
    new: str
    kind: Kind = "unknown"
    changes: tuple[ContractChange, ...] = ()
    reason: str = ""
    announced: bool = False

    @property
    def verdict(self) -> CompatibilityVerdict:
        """The worst of the changes."""
        if self.reason:
            return "not assessable"
        if any(change.certainty != "possible" for change in self.changes):
            return "breaking"
        return "possibly breaking" if self.changes else "compatible"

    @property
    def table(self) -> pd.DataFrame:
        """One row per change."""
        columns = [
            "rule",
            "certainty",
            "side",
            "where",
            "message",
            "place",
            "payload",
            "at",
            "rejects",
            "reason",
        ]
        rows = [
            {**change.model_dump(), "place": f"{change.path}:{change.line}" if change.line else change.path}
            for change in self.changes
        ]
        return pd.DataFrame(rows, columns=columns)


Version = Literal["old", "new"]


@dataclass(frozen=True)
class ChangeLocation:
    """A node of a contract: the document that holds it after references were followed, and where."""

    subject: LintSubject
    document: ContractDocument
    node: Any
    pointer: Pointer

    def get(self, *keys: str | int) -> ChangeLocation | None:
        """Return what is below it, references followed; None where there is nothing."""
        place = self
        for key in keys:
            node, found = place.node, None
            if isinstance(node, dict) and str(key) in node:
                found = node[str(key)]
            elif isinstance(node, list) and isinstance(key, int) and key < len(node):
                found = node[key]
            if found is None:
                return None
            place = place.at(found, (*place.pointer, key))
        return place

    def at(self, node: Any, pointer: Pointer) -> ChangeLocation:
        """Return a node of the same document as a place, its references followed."""
        try:
            return ChangeLocation(self.subject, *self.subject.library.resolve(self.document, node, pointer))
        except Unresolved:
            return ChangeLocation(self.subject, self.document, {}, pointer)

    @property
    def mapping(self) -> dict[str, Any]:
        """The node, empty where it is no mapping."""
        return self.node if isinstance(self.node, dict) else {}

    @property
    def position(self) -> tuple[str, int]:
        """Its file and line."""
        return self.document.position(self.pointer)


class VersionPair:
    """Collects the changes between two versions of one contract.

    Parameters
    ----------
    in_place
        Whether the old version is gone: then every change is placed in the new one, what is missing where it was.
    """

    def __init__(self, old: LintSubject, new: LintSubject, *, in_place: bool = False) -> None:
        self.old = old
        self.new = new
        self.in_place = in_place
        self.changes: list[ContractChange] = []
        self._portables: dict[tuple[Version, Direction | None], Portable] = {}
        self._alike: dict[tuple[int, int], Likeness] = {}
        self.quiet: set[tuple[int, int, str]] = set()
        """Pairs of nodes, by identity, and side, below which nothing differs beside what a validator checks."""
        self._known: dict[tuple[str, Pointer, str, Pointer, Side, bool], SchemaDifference] = {}

    def tell(
        self,
        rule: str,
        side: Side,
        where: str,
        message: str,
        place: ChangeLocation,
        certainty: Certainty = "certain",
        reason: str = "",
    ) -> None:
        """Note a change that no payload has to prove."""
        path, line = self._position(place.subject, place.document, place.pointer)
        self.changes.append(
            ContractChange(
                rule=rule,
                certainty=certainty,
                side=side,
                where=where,
                message=message,
                path=path,
                line=line,
                pointer=written(place.pointer),
                reason=reason,
            )
        )

    def schemas(
        self,
        side: Side,
        where: str,
        old: ChangeLocation | None,
        new: ChangeLocation | None,
        *,
        as_text: bool = False,
    ) -> SchemaDifference:
        """Compare two schemas: the receiver of a request or of old data is the new version, else the old one.

        Parameters
        ----------
        as_text
            See `assess.evidence.contracts.compatibility.schemas.difference`.

        Returns
        -------
        SchemaDifference
            What was found; it is noted already.
        """
        if old is None or new is None:
            return SchemaDifference()
        key = (old.document.path, old.pointer, new.document.path, new.pointer, side, as_text)
        if key not in self._known:
            direction: Direction | None = side if side in ("request", "response") else None
            before, after = self._portable("old", direction), self._portable("new", direction)
            first, second = before.add(old.document, old.pointer), after.add(new.document, new.pointer)
            if side in ("request", "backward"):
                self._known[key] = difference(self._likeness(before, after), first, second, as_text=as_text)
            else:
                self._known[key] = difference(self._likeness(after, before), second, first, as_text=as_text)
        found = self._known[key]
        accepts: Version = "old" if side in ("request", "backward") else "new"
        for one in found.breaks:
            if one.declared or one.closes or side not in ("request", "response"):
                self.changes.append(self._proved(one, side, where, accepts))
        for reason in dict.fromkeys(found.unproved):
            self.tell("schema", side, where, f"{where}: the schema differs", new, "possible", reason)
        return found

    def covering(self, side: Direction, old: ChangeLocation, branches: Sequence[ChangeLocation]) -> int:
        """Return how many schemas of the new version are shown to accept all that one of the old version does."""
        before, after = self._portable("old", side), self._portable("new", side)
        one = _canonical(before, before.add(old.document, old.pointer))[0]
        if one is None or empty(one):
            return 0
        forms = [_canonical(after, after.add(branch.document, branch.pointer)) for branch in branches]
        return sum(form is not None and not cut and covers(form, one) for form, cut in forms)

    def _position(
        self, subject: LintSubject, document: ContractDocument, pointer: Pointer
    ) -> tuple[str, int]:
        """Return file and line of a place; of one that is gone, the nearest place above it that is still there."""
        if not self.in_place or subject is self.new:
            return document.position(pointer)
        if document.path == self.old.document.path:
            return self.new.document.position(pointer)
        try:
            return self.new.library.read(document.path).position(pointer)
        except NotAssessable:
            return self.new.document.path, 1

    def _likeness(self, a: Portable, b: Portable) -> Likeness:
        return self._alike.setdefault((id(a), id(b)), Likeness(a, b))

    def _portable(self, version: Version, direction: Direction | None) -> Portable:
        if (version, direction) not in self._portables:
            subject = self.old if version == "old" else self.new
            self._portables[version, direction] = Portable(
                subject.library, modern=subject.modern, direction=direction, exclusive=direction is None
            )
        return self._portables[version, direction]

    def _proved(self, one: Break, side: Side, where: str, accepts: Version) -> ContractChange:
        rejects: Version = "new" if accepts == "old" else "old"
        subject = self.new if rejects == "new" else self.old
        path, pointer = one.schema or (subject.document.path, ())
        document = subject.document if path == subject.document.path else subject.library.read(path)
        path, line = self._position(subject, document, pointer)
        payload = json.dumps(one.payload, ensure_ascii=False)
        at = written(one.at)
        who = "the new version rejects" if rejects == "new" else "readers of the old version reject"
        doubt = one.doubt
        if not one.declared and not (one.closes and side == "request"):
            doubt = "only by a property that the schema allows and does not declare"
        return ContractChange(
            rule=one.keyword,
            certainty="possible" if doubt else "proved",
            reason=doubt,
            side=side,
            where=where,
            message=f"{where}: {who} what the {accepts} one allows: {(at + ' ') if at else ''}{one.message}",
            path=path,
            line=line,
            pointer=written(pointer),
            payload=payload if len(payload) <= MAX_PAYLOAD else payload[:MAX_PAYLOAD] + "…",
            at=at,
            accepts=accepts,
            rejects=rejects,
        )


def _canonical(portable: Portable, name: str) -> tuple[CanonicalSchema | None, bool]:
    """Return the canonical form of a schema, and whether parts of it were cut off."""
    inlined = Inlined(portable)
    return canonical_form(inlined.write({"$ref": f"#/$defs/{name}"})), inlined.cut
