"""What two schemas say beside what a validator checks: properties that nobody declares any more, discriminators, encodings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assess.evidence.contracts.lint.subject import listing, mapping
from assess.evidence.contracts.portable import FORMATS, RANGES, Direction

from .change import Certainty, ChangeLocation, VersionPair

DEEPEST = 40
"""Levels of properties and items that are walked."""
CHOICES = ("anyOf", "oneOf")
ENCODED = ("contentEncoding", "contentMediaType")


Pair = tuple[int, int, str]
"""Two nodes, by identity, and the side."""


@dataclass
class Structure:
    """Walks two schemas side by side.

    Parameters
    ----------
    proved
        Messages of breaks that a payload shows already: what they name is not told twice.
    quiet
        Pairs below which nothing differs, known from earlier walks.
    """

    sides: VersionPair
    side: Direction
    where: str
    proved: str
    quiet: set[Pair]

    def __post_init__(self) -> None:
        self.seen: set[Pair] = set()
        self.other = "readOnly" if self.side == "request" else "writeOnly"

    def compare(self, old: ChangeLocation, new: ChangeLocation, path: str = "", depth: int = 0) -> None:
        """Collect the changes of two schemas at one place of the payload."""
        pair = id(old.node), id(new.node), self.side
        if pair in self.seen or pair in self.quiet or depth > DEEPEST or old.node == new.node == {}:
            return
        self.seen.add(pair)
        self._annotations(old, new, path)
        before, after = _properties(old), _properties(new)
        for name, place in before.items():
            where = f"{path}/{name}"
            if name in after:
                self.compare(place, after[name], where, depth + 1)
            elif after and place.mapping.get(self.other) is not True and f"{name!r}" not in self.proved:
                self._gone(name, where, new)
        for key in ("items", "additionalProperties"):
            one, other = old.get(key), new.get(key)
            if one and other and one.mapping and other.mapping:
                self.compare(one, other, f"{path}/*", depth + 1)
        self._choices(old, new, path, depth)

    def _gone(self, name: str, where: str, place: ChangeLocation) -> None:
        reason = (
            "the service may ignore or refuse it"
            if self.side == "request"
            else "it was not promised, and readers may use it"
        )
        self._tell("property-removed", f"the property {where} is gone", place, reason)

    def _annotations(self, old: ChangeLocation, new: ChangeLocation, path: str) -> None:
        at = path or "the whole"
        self._discriminator(old, new, at)
        for key in ENCODED:
            one, other = old.mapping.get(key), new.mapping.get(key)
            if one != other and (one or other):
                message = f"{at}: {key} is {other or 'not said any more'} instead of {one or 'nothing'}"
                reason = "" if one and other else "what the text holds was not said in both versions"
                self._tell("content-encoding", message, new, reason)
        one, other = old.mapping.get("format"), new.mapping.get("format")
        checked = {*FORMATS, *RANGES}
        if one and other and one != other and not {str(one), str(other)} <= checked:
            reason = "no validator knows the format, the service may"
            self._tell("format", f"{at}: the format is {other} instead of {one}", new, reason)
        if self.side == "request":
            known = listing(old.mapping.get("x-extensible-enum"))
            gone = [value for value in known if value not in listing(new.mapping.get("x-extensible-enum"))]
            if gone and "x-extensible-enum" in new.mapping:
                message = f"{at}: {', '.join(map(repr, gone))} is no value of x-extensible-enum any more"
                self._tell("extensible-enum", message, new)

    def _discriminator(self, old: ChangeLocation, new: ChangeLocation, at: str) -> None:
        one, other = mapping(old.mapping.get("discriminator")), mapping(new.mapping.get("discriminator"))
        if not one:
            return
        if one.get("propertyName") != other.get("propertyName"):
            now = f"{other['propertyName']!r}" if other.get("propertyName") else "nothing"
            message = f"{at}: {now} says which branch it is, instead of {one.get('propertyName')!r}"
            self._tell("discriminator", message, new, "clients that go by it choose another branch")
            return
        before, after = mapping(one.get("mapping")), mapping(other.get("mapping"))
        implied = {_last(part.get("$ref")) for part in _branches(new)}
        for value, target in before.items():
            if _last(after.get(value, value if value in implied else None)) != _last(target):
                message = f"{at}: the discriminator's value {value!r} means {_last(after.get(value)) or 'nothing'} now"
                self._tell("discriminator", message, new, "clients that go by it choose another branch")

    def _choices(self, old: ChangeLocation, new: ChangeLocation, path: str, depth: int) -> None:
        """Compare branches of the same name; in a request, a named branch that is gone was somebody's."""
        if (
            self.side == "request"
            and {"oneOf"} == new.mapping.keys() & {"oneOf", "discriminator"} - old.mapping.keys()
        ):
            branches = [new.get("oneOf", number) for number in range(len(listing(new.mapping["oneOf"])))]
            several = self.sides.covering(self.side, old, [branch for branch in branches if branch]) > 1
            reason = "" if several else "what fits several branches is refused by those who are strict"
            now = ", and more than one branch takes all that was allowed" if several else ""
            self._tell("one-of-added", f"{path or 'the whole'}: oneOf is new{now}", new, reason)
        before, after = _named(old), _named(new)
        for name, place in before.items():
            if name in after:
                self.compare(place, after[name], path, depth + 1)
            elif self.side == "request" and after:
                reason = "no payload of it alone is refused: other branches take it"
                if not self.proved:
                    self._tell(
                        "alternative-removed",
                        f"{path or 'the whole'}: {name} is no branch any more",
                        new,
                        reason,
                    )

    def _tell(self, rule: str, message: str, place: ChangeLocation, reason: str = "") -> None:
        certainty: Certainty = "possible" if reason else "certain"
        text = f"{self.where}: {message}"
        self.sides.tell(rule, self.side, self.where, text, place, certainty, reason)


def compare_schemas(
    sides: VersionPair,
    side: Direction,
    where: str,
    old: ChangeLocation | None,
    new: ChangeLocation | None,
    *,
    as_text: bool = False,
) -> None:
    """Compare two schemas of a request or response by payloads, then by what they say beside.

    Parameters
    ----------
    as_text
        Whether the value is written as text, as parameters and headers are.
    """
    if old is None or new is None:
        return
    found = sides.schemas(side, where, old, new, as_text=as_text)
    walk = Structure(sides, side, where, "\n".join(one.message for one in found.breaks), sides.quiet)
    before = len(sides.changes)
    walk.compare(old, new)
    if len(sides.changes) == before:
        sides.quiet |= walk.seen


def compare_contents(
    sides: VersionPair, side: Direction, where: str, old: ChangeLocation, new: ChangeLocation
) -> None:
    """Compare media types and their schemas."""
    if old.subject.kind == "swagger":
        _schema(sides, side, where, old, new)
        return
    before, after = old.mapping.get("content"), new.mapping.get("content")
    for media in mapping(before):
        other = match_media(media, mapping(after))
        if other is None:
            sides.tell("media-type-removed", side, where, f"{where}: {media} is gone", old)
        else:
            _schema(sides, side, where, old.get("content", media), new.get("content", other))


def _schema(
    sides: VersionPair, side: Direction, where: str, old: ChangeLocation | None, new: ChangeLocation | None
) -> None:
    one, other = (place.get("schema") if place else None for place in (old, new))
    if one and other:
        compare_schemas(sides, side, where, one, other)
    elif one and new and side == "response":
        reason = "readers no longer know what it holds"
        sides.tell("schema-removed", side, where, f"{where}: the schema is gone", new, "possible", reason)
    elif other and side == "request":
        reason = "what was sent before was not described"
        sides.tell("schema-added", side, where, f"{where}: the schema is new", other, "possible", reason)


def match_media(media: str, known: dict[str, Any]) -> str | None:
    """Return the media type among others, its parameters aside, or a range that covers it (RFC 9110, 12.5.1)."""
    plain = media.partition(";")[0].strip().lower()
    kind = plain.partition("/")[0]
    for wanted in (plain, f"{kind}/*", "*/*"):
        for other in known:
            if other.partition(";")[0].strip().lower() == wanted:
                return other
    return None


def _properties(schema: ChangeLocation) -> dict[str, ChangeLocation]:
    """Return the properties of a schema and of all its parts that always hold."""
    found: dict[str, ChangeLocation] = {}
    seen: set[int] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if id(part.node) in seen:
            continue
        seen.add(id(part.node))
        for name in mapping(part.mapping.get("properties")):
            place = part.get("properties", name)
            if place:
                found.setdefault(name, place)
        below = [part.get("allOf", number) for number in range(len(listing(part.mapping.get("allOf"))))]
        waiting += [place for place in below if place]
    return found


def _branches(schema: ChangeLocation) -> Iterator[dict[str, Any]]:
    for key in CHOICES:
        yield from (mapping(part) for part in listing(schema.mapping.get(key)))


def _named(schema: ChangeLocation) -> dict[str, ChangeLocation]:
    """Return the branches of a choice that are schemas with a name."""
    found = {}
    for key in CHOICES:
        for number, part in enumerate(listing(schema.mapping.get(key))):
            name = _last(mapping(part).get("$ref"))
            place = schema.get(key, number)
            if name and place:
                found[name] = place
    return found


def _last(reference: Any) -> str:
    return str(reference).rpartition("/")[2] if isinstance(reference, str) else ""
