"""What bodies hold: media types and their schemas, of an OpenAPI or Swagger contract."""

from __future__ import annotations

from typing import Any

from assess.evidence.contracts.lint.subject import mapping
from assess.evidence.contracts.portable import Direction

from .change import ChangeLocation, VersionPair
from .structure import compare_schemas


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
