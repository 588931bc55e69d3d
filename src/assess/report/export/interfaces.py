"""Interfaces for the tools of developers: stubs of contracts, and entities of a Backstage catalog."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from assess.core.numbers import quantity
from assess.decisions.assessment import Assessment
from assess.decisions.decision import IntegrationDecision
from assess.evidence.quality.column.facts import ColumnFacts
from assess.intake.engagement import Engagement, Integration, System
from assess.report.prose import and_list, clean, lower_first, sentence_case

from . import NotExported
from .fields import MappedPair, pairs

ASYNCHRONOUS = ("event-driven", "ipaas")
"""Styles in which a notification of many is an event; in the others it is a webhook of the API."""

UNSERVED = ("file-exchange", "database-access")
"""Styles without an interface that OpenAPI or AsyncAPI describe: a data contract says what such files or tables hold."""

TYPES: Mapping[str, dict[str, Any]] = {
    "text": {"type": "string"}, "integer": {"type": "integer"}, "decimal": {"type": "number"}, "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"}, "timestamp": {"type": "string", "format": "date-time"}, "empty": {},
}  # fmt: skip
"""JSON Schema of each physical type of a column."""


def contracts(assessment: Assessment) -> dict[str, str]:
    """Write a stub of the contract of each integration that is built or bought and has an interface of its own.

    The fields are the matched columns where the two tables were compared, else those of the source; levels are what the
    engagement states or logs measured. What nobody has said is listed as to be agreed, never filled in.
    """
    compared = {id: pair for pair in pairs(assessment) for id in pair.integrations}
    names = entry_names(row.id for row in assessment.engagement.integrations)
    found = {}
    for item in assessment.decision.integrations:
        if item.integration not in assessment.decision.assignment or item.style in UNSERVED:
            continue
        row = assessment.engagement.integration(item.integration)
        events = row.interaction == "notify-many" and item.style in ASYNCHRONOUS
        events = events or item.style == "event-driven"
        schema, said = _schema(assessment, row, compared.get(row.id))
        made = _asyncapi if events else _openapi
        name = f"{names[row.id]}.{'asyncapi' if events else 'openapi'}.yaml"
        found[name] = _yaml([made(row, schema, _info(assessment, row, item, said), _levels(row))])
    if not found:
        raise NotExported(
            "no integration is built or bought as an API or by events, so there is no contract to begin"
        )
    return found


def _info(assessment: Assessment, row: Integration, item: IntegrationDecision, said: str) -> dict[str, Any]:
    engagement = assessment.engagement
    source, target = (engagement.system(id).name or id for id in (row.source, row.target))
    parts = [
        f"A stub, made from the assessment of {engagement.client}: {source} gives, {target} takes.",
        said,
        f"The integration names a contract already, {row.contract}: bring the two together."
        if row.contract
        else "",
        f"To be agreed: {and_list(_open(row))}.",
    ]
    info: dict[str, Any] = {
        "title": row.label,
        "version": "0.1.0",
        "description": " ".join(filter(None, parts)),
        "contact": {"name": row.owner or "nobody yet"},
    }
    if item.platform:
        info["x-platform"] = item.platform
    return info


def _open(row: Integration) -> list[str]:
    """Return what a contract needs and the engagement does not say."""
    stated = {
        "latency": row.latency_seconds,
        "peak load": row.peak_per_second,
        "owner": row.owner or None,
    }
    lacking = [name for name, value in stated.items() if value is None]
    return [*lacking, "availability", "authentication", "error handling", "delivery guarantee, ordering and replay"]  # fmt: skip


def _levels(row: Integration) -> dict[str, Any]:
    """Return the service level in the words that `assess.evidence.contracts.levels` reads."""
    level: dict[str, Any] = {}
    if row.latency_seconds:
        level["latency-seconds"] = row.latency_seconds
    if row.peak_per_second:
        level["throughput-per-second"] = row.peak_per_second
    if row.owner:
        level["owner"] = row.owner
    return {"x-service-level": level} if level else {}


def _schema(assessment: Assessment, row: Integration, pair: MappedPair | None) -> tuple[dict[str, Any], str]:
    """Return the schema of what moves, and where it comes from in a sentence."""
    title = _camel(row.entity or row.target, first=True)
    if pair is not None:
        properties = {}
        for field in pair.fields:
            notes = [f"{pair.source.name}.{field.source.name} in the source.", *(f"{sentence_case(text)}." for text in field.differences)]  # fmt: skip
            notes += ["The match is to be confirmed."] if field.match.uncertain else []
            properties[field.target.name] = _property(field.target, " ".join(notes))
        required = [field.target.name for field in pair.fields if field.target.missing_share == 0]
        said = f"Its fields are the columns that {pair.source.name} and {pair.target.name} have in common."
    else:
        tables = [t for t in assessment.engagement.system(row.source).tables if t.entity == row.entity]
        profiles = {profile.name: profile for profile in assessment.quality.profiles}
        known = next((profiles[table.name] for table in tables if table.name in profiles), None)
        facts = known.facts if known else ()
        properties = {column.name: _property(column, "") for column in facts}
        required = [column.name for column in facts if column.missing_share == 0]
        said = (
            f"Its fields are the columns of {known.name}; no table of the target was compared."
            if known
            else "No extract was assessed, so its fields are still open."
        )
    schema: dict[str, Any] = {"title": title, "type": "object", "properties": properties}
    return schema | ({"required": required} if required else {}), said


def _property(facts: ColumnFacts, note: str) -> dict[str, Any]:
    found = dict(TYPES[facts.physical])
    if note:
        found["description"] = note
    if facts.personal:
        found["x-personal-data"] = True
    return found


def _openapi(
    row: Integration, schema: dict[str, Any], info: dict[str, Any], level: dict[str, Any]
) -> dict[str, Any]:
    """Return an OpenAPI document: a webhook where many are notified, else a collection of the source to be asked."""
    name, path = schema["title"], slug(row.entity or row.id)
    problem = {
        "description": "Why it could not be done (RFC 9457)",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    one = {"$ref": f"#/components/schemas/{name}"}
    body = {"application/json": {"schema": one}}
    document: dict[str, Any] = {"openapi": "3.1.0", "info": info}
    document |= {"servers": [{"url": "https://api.example.com", "description": "To be named"}]}
    document |= {"tags": [{"name": path, "description": row.label}], **level}
    if row.interaction == "notify-many":
        document["webhooks"] = {
            f"{path}-changed": {
                "post": {
                    "operationId": f"receive{name}", "summary": f"A change of {path}", "tags": [path],
                    "description": f"Sent to every subscriber after a change in {row.source}; the same event may come twice.",
                    "parameters": [{"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"},
                                    "description": "The same for every attempt to send the same event"}],
                    "requestBody": {"required": True, "content": body},
                    "responses": {"204": {"description": "Taken"}, "default": problem},
                }
            }
        }  # fmt: skip
    else:
        page = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": one}, "next": {"type": "string"}}}  # fmt: skip
        parameters = [
            {"name": "changed-since", "in": "query", "schema": {"type": "string", "format": "date-time"},
             "description": "Only what has changed since"},
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "Where the next page begins"},
        ]  # fmt: skip
        answer = {"description": f"A page of {path}", "content": {"application/json": {"schema": page}}}
        document["paths"] = {
            f"/{path}": {
                "get": {
                    "operationId": f"list{name}", "summary": f"List {path}", "tags": [path],
                    "description": f"What the system {row.target} asks of {row.source}, a page at a time.",
                    "parameters": parameters, "responses": {"200": answer, "default": problem},
                }
            }
        }  # fmt: skip
    problem_schema = {
        "type": "object",
        "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}},
    }  # fmt: skip
    return document | {"components": {"schemas": {name: schema, "Problem": problem_schema}}}


def _asyncapi(
    row: Integration, schema: dict[str, Any], info: dict[str, Any], level: dict[str, Any]
) -> dict[str, Any]:
    """Return an AsyncAPI document: one channel on which the source tells of changes."""
    name = schema["title"]
    event, channel = f"{name}Changed", _camel(f"{row.entity or row.id} changed")
    reference = {"$ref": f"#/channels/{channel}"}
    address = ".".join(filter(None, (slug(row.source), slug(row.entity), "changed")))
    return {
        "asyncapi": "3.0.0", "info": info, "defaultContentType": "application/json",
        "channels": {channel: {"address": address, "messages": {event: {"$ref": f"#/components/messages/{event}"}}}},
        "operations": {
            f"send{event}": {
                "action": "send", "channel": reference, "summary": f"Tell of a change of {row.entity or 'the records'} in {row.source}",
                "messages": [{"$ref": f"#/channels/{channel}/messages/{event}"}],
            } | level
        },
        "components": {
            "messages": {event: {"name": event, "title": row.label, "contentType": "application/json",
                                 "payload": {"$ref": f"#/components/schemas/{name}"}}},
            "schemas": {name: schema},
        },
    }  # fmt: skip


def backstage(assessment: Assessment) -> str:
    """Write a Backstage component a system, an API an integration and a group an owner, as one ``catalog-info.yaml``.

    It may lie beside the engagement's folder ``contracts``: definitions name the files there. Annotations carry the ids of
    systems.csv and integrations.csv, so that a later assessment finds each again.
    """
    engagement = assessment.engagement
    if not engagement.systems:
        raise NotExported("there are no systems: fill in systems.csv")
    owners = [system.team or system.owner for system in engagement.systems]
    owners += [row.owner for row in engagement.integrations]
    groups = entry_names(dict.fromkeys(filter(None, [*owners, NOBODY])))
    systems = entry_names(system.id for system in engagement.systems)
    apis = entry_names(row.id for row in engagement.integrations)
    entities = [_group(title, name) for title, name in groups.items()]
    entities += [_component(engagement, system, systems, apis, groups) for system in engagement.systems]
    for item in assessment.decision.integrations:
        entities.append(_api(assessment, item, apis[item.integration], groups))
    return _yaml(entities)


NOBODY = "nobody yet"
"""Owner of what has none: Backstage wants one."""

PREFIX = "assess.example/"
"""Before the annotations that a later assessment reads, see docs/method/catalog.md."""


def _entity(kind: str, name: str, title: str, spec: dict[str, Any], **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "title": clean(title, 200), **more}
    return {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def _group(title: str, name: str) -> dict[str, Any]:
    return _entity("Group", name, title, {"type": "team", "children": []})


def _component(
    engagement: Engagement,
    system: System,
    names: Mapping[str, str],
    apis: Mapping[str, str],
    groups: Mapping[str, str],
) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "type": slug(system.kind) or "application",
        "lifecycle": "production",
        "owner": groups[system.team or system.owner or NOBODY],
    }
    for field, side in (("providesApis", "source"), ("consumesApis", "target")):
        named = [apis[row.id] for row in engagement.integrations if getattr(row, side) == system.id]
        spec |= {field: named} if named else {}
    note = {"annotations": {f"{PREFIX}system": system.id}}
    return _entity("Component", names[system.id], system.name or system.id, spec, **note)


def _api(
    assessment: Assessment, item: IntegrationDecision, name: str, groups: Mapping[str, str]
) -> dict[str, Any]:
    row = assessment.engagement.integration(item.integration)
    known = {contract.path: contract.kind for contract in assessment.contracts.contracts}
    today = row.style_today or "not stated"
    decided = f"{item.choice}{f' as {item.style}' if item.style else ''}"
    definition: Any = {"$text": f"./{row.contract}"} if row.contract else f"No contract yet: {row.label}."
    if row.contract and "://" in row.contract:
        definition = {"$text": row.contract}
    running = row.style_today not in ("none", None)
    spec = {
        "type": known.get(row.contract, "") or slug(item.style or today),
        "lifecycle": "deprecated" if item.choice == "retire" else "production" if running else "experimental",
        "owner": groups[row.owner or NOBODY],
        "definition": definition,
    }
    volume = f"; {quantity(row.volume.likely, 'messages/month')}" if row.volume else ""
    description = clean(f"{row.label}. Today: {today}; decided: {decided}{volume}", 500)
    return _entity("API", name, row.label, spec, description=description, annotations={f"{PREFIX}integration": row.id})  # fmt: skip


def entry_names(texts: Iterable[str]) -> dict[str, str]:
    """Return a name of its own for each text, as Backstage allows them: letters, digits and hyphens, at most 63.

    >>> entry_names(["Head of IT", "head of it", "Ümlaut & Co", "日本"])
    {'Head of IT': 'head-of-it', 'head of it': 'head-of-it-2', 'Ümlaut & Co': 'mlaut-co', '日本': 'entry'}
    """
    found: dict[str, str] = {}
    for text in texts:
        stem = slug(text)[:58].strip("-") or "entry"
        names = (stem if place == 1 else f"{stem}-{place}" for place in range(1, 10**6))
        found[text] = next(name for name in names if name not in found.values())
    return found


def slug(text: str) -> str:
    """Write a text as a name of lower-case letters, digits and hyphens.

    >>> slug("Head of IT")
    'head-of-it'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _camel(text: str, *, first: bool = False) -> str:
    """Write words as one name.

    >>> _camel("sales orders changed"), _camel("orders", first=True), _camel("注文", first=True)
    ('salesOrdersChanged', 'Orders', 'Record')
    """
    joined = "".join(word.capitalize() for word in slug(text).split("-"))
    joined = joined if joined[:1].isalpha() else f"Record{joined}"
    return joined if first else lower_first(joined)


def _yaml(documents: list[dict[str, Any]]) -> str:
    """Write documents as YAML, every text without secrets and control characters."""
    return yaml.safe_dump_all(
        map(_plain, documents),
        sort_keys=False,
        allow_unicode=True,
        width=110,
        explicit_start=len(documents) > 1,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {clean(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return clean(value) if isinstance(value, str) else value
