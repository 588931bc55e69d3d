"""Descriptors to entities and relations; whatever can't be read is told with its place, and never stops the rest."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from assess.core.dates import read_day
from assess.core.grants import is_url
from assess.intake.engagement import Engagement
from assess.intake.problem import Problem, listed, quote_value

from .documents import (
    KINDS,
    DescriptorDocument,
    NotThere,
    documents,
    filled_in,
    matching,
    near,
    parse_kind,
    read_text,
    violations,
)
from .entity import (
    DEFAULT_NAMESPACE,
    LONGEST,
    Entity,
    Kind,
    Notes,
    Relation,
    StatedReference,
    Text,
    canonical,
    stated_relations,
)

PREFIX = "assess.example/"
PATH = "metadata.annotations"

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%?\Z")
_LATENCY = re.compile(
    r"\d+(?:\.\d+)?\s*(?:ms|s|min|h)(?:\s+at\s+\d+(?:\.\d+)?\s*(?:/\s*s|requests?/s|per second))?\Z"
)


class WrongNote(ValueError):
    """An annotation says nothing that can be used; the message is what is allowed."""


def sla(text: str) -> str:
    """Return a service level without needless spaces.

    Raises
    ------
    WrongNote
        If it is neither a share of the time nor a latency.

    Examples
    --------
    >>> sla("99.5"), sla("2 s  at 100/s"), sla("800 ms")
    ('99.5', '2 s at 100/s', '800 ms')
    """
    plain = " ".join(text.split())
    if ((found := _PERCENT.match(plain)) and 0 < float(found[1]) <= 100) or _LATENCY.match(plain):
        return plain
    raise WrongNote("a share of the time such as 99.5, or a latency such as 0.8 s at 20/s")


def day(text: str) -> dt.date:
    """Read a day.

    Raises
    ------
    WrongNote
        If it is none.
    """
    found = read_day(text.strip())
    if found is None:
        raise WrongNote("a date such as 2026-12-31")
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


_READ: dict[str, tuple[str, Callable[[str], Any]]] = {
    "sla": ("sla", sla),
    "health-check": ("health_check", str.strip),
    "alerts": ("alerts", str.strip),
    "version": ("version", str.strip),
    "deprecated": ("deprecated", day),
    "retirement": ("retirement", day),
    "last-seen": ("last_seen", day),
    "events": ("events", _words),
    "system": ("system", str.strip),
    "integration": ("integrations", _words),
}
KEYS = tuple(_READ)
"""Every annotation that is read, without its prefix."""


def notes(annotations: object) -> tuple[Notes, list[tuple[str, str, str]]]:
    """Return what the annotations promise, and what could not be read: path, value, what is allowed.

    An annotation with the prefix and another name is told too: a misspelt promise must not look like none.
    """
    found: dict[str, Any] = {}
    wrong: list[tuple[str, str, str]] = []
    for key, text in annotations.items() if isinstance(annotations, Mapping) else ():
        if not key.startswith(PREFIX):
            continue
        path = f"{PATH}.{key}"
        name, read = _READ.get(key.removeprefix(PREFIX).lower(), ("", str.strip))
        if not name:
            wrong.append((path, key, "one of " + ", ".join(KEYS)))
        elif isinstance(text, str):  # anything else breaks the schema, which says so
            try:
                found[name] = read(text)
            except WrongNote as error:
                wrong.append((path, text, str(error)))
    return Notes(**found), wrong


ENDINGS = (".yaml", ".yml")
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\Z")
_NAMESPACE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


SKELETON = "is a skeleton: it holds placeholders {{ }} that a template fills in"


@dataclass
class Readout:
    """What the files of a catalog hold.

    Parameters
    ----------
    problems
        What can't be assessed, by file and line.
    skipped
        What is no entity and does not have to be: skeletons, other kinds, targets on the network.
    """

    entities: dict[str, Entity] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)


def read_files(engagement: Engagement) -> Readout:
    """Read every descriptor under catalog/, and the files that their Locations name."""
    out = Readout()
    waiting = [file for file in engagement.catalog if file.lower().endswith(ENDINGS)]
    known, strangers = set(waiting), []
    while waiting:
        file = waiting.pop(0)
        try:
            text = read_text(engagement, file)
        except NotThere as reason:
            out.problems.append(Problem(file=file, message=str(reason)))
            continue
        for document in documents(text):
            if not document.problem and not _descriptor(document.data):
                strangers.append((file, document.line))
            elif entity := _take(engagement, file, document, out):
                waiting += _further(engagement, entity, known, out)
    texts = {text.file for entity in out.entities.values() for text in entity.texts}
    out.skipped += [
        Problem(file=file, row=line, message="is no descriptor: it has no apiVersion and kind")
        for file, line in strangers
        if file not in texts
    ]
    return out


def _descriptor(data: Any) -> bool:
    return isinstance(data, dict) and "kind" in data and ("apiVersion" in data or "metadata" in data)


def _take(engagement: Engagement, file: str, document: DescriptorDocument, out: Readout) -> Entity | None:
    """Make the entity of a document, or say why there is none."""
    if _skeleton(document):
        message = SKELETON
        out.skipped.append(Problem(file=file, row=document.line, message=message))
        return None
    if document.problem:
        out.problems.append(Problem(file=file, row=document.line, message=document.problem))
        return None
    kind = parse_kind(document.data)
    if kind is None:
        said, allowed = quote_value(document.data["kind"]), listed(KINDS)
        message = "is no kind of the catalog; the descriptor is not read"
        line = document.lines.get("kind", document.line)
        out.skipped.append(
            Problem(file=file, row=line, column="kind", value=said, message=message, allowed=allowed)
        )
        return None
    data = document.data["metadata"] if isinstance(document.data.get("metadata"), dict) else {}
    if not isinstance(data.get("name"), str) or not data["name"]:
        line = document.lines.get("metadata", document.line)
        out.problems.append(
            Problem(file=file, row=line, column="metadata.name", message="is missing or no text")
        )
        return None
    if len(f"{kind}:{data.get('namespace') or ''}/{data['name']}") > LONGEST:
        line = document.lines.get("metadata.name", document.line)
        message = "is longer than any name that Backstage takes"
        out.problems.append(
            Problem(
                file=file, row=line, column="metadata.name", value=quote_value(data["name"]), message=message
            )
        )
        return None
    entity, stated = _entity(engagement, file, document, kind)
    if first := out.entities.get(entity.ref):
        message = f"is described already in {first.file}, line {first.line}; this one is not read"
        out.problems.append(
            Problem(file=file, row=entity.line, column="metadata.name", value=entity.name, message=message)
        )
        return None
    out.entities[entity.ref] = entity
    out.relations += stated
    out.problems += entity.problems
    return entity


NO_IDENTITY = ("title", "description", "annotations", "labels", "links", "tags")
"""What of an entry's metadata may hold braces without being a template's."""


def _skeleton(document: DescriptorDocument) -> bool:
    """Return whether placeholders of a template stand where values are needed, or keep it from being YAML."""
    if "{{" not in document.text and "{%" not in document.text:
        return False
    if document.problem:
        return True
    identity: list[Any] = [document.data.get("kind")]
    for part, left_out in (
        (document.data.get("metadata"), NO_IDENTITY),
        (document.data.get("spec"), ("definition",)),
    ):
        if isinstance(part, dict):
            identity += [value for key, value in part.items() if key not in left_out]
        else:
            identity.append(part)
    return "{{" in repr(identity)


def _entity(
    engagement: Engagement, file: str, document: DescriptorDocument, kind: Kind
) -> tuple[Entity, list[Relation]]:
    texts: list[Text] = []
    data = document.data
    if "$" in document.text:
        data, texts = filled_in(engagement, file, data)
    metadata = data["metadata"]
    spec = data["spec"] if isinstance(data.get("spec"), dict) else {}
    name, namespace = metadata["name"], _text(metadata.get("namespace")) or DEFAULT_NAMESPACE
    promised, wrong = notes(metadata.get("annotations"))
    said = list(stated_relations(kind, namespace, spec))
    first: dict[str, str] = {}
    for reference in said:
        if reference.target:
            first.setdefault(reference.field.name, reference.target)
    entity = Entity(
        ref=canonical(kind, namespace, name),
        kind=kind,
        namespace=namespace,
        name=name,
        title=_text(metadata.get("title")),
        description=_text(metadata.get("description")),
        type=_text(spec.get("type")),
        lifecycle=_text(spec.get("lifecycle")),
        owner=first.get("owner", ""),
        system=first.get("system", ""),
        domain=first.get("domain", ""),
        tags=tuple(t for t in metadata.get("tags") or () if isinstance(t, str)),
        notes=promised,
        texts=tuple(texts),
        descriptor=data,
        lines=document.lines,
        file=file,
        line=document.line,
    )
    problems = tuple(_problems(entity, said, wrong))
    stated = [
        Relation(
            source=s.target if s.field.turned else entity.ref,
            type=s.field.relation,
            target=entity.ref if s.field.turned else s.target,
            file=file,
            line=entity.line_of(s.path),
            field=s.path,
        )
        for s in said
        if s.target
    ]
    return (entity.model_copy(update={"problems": problems}) if problems else entity), stated


def _problems(
    entity: Entity, said: list[StatedReference], wrong: list[tuple[str, str, str]]
) -> Iterator[Problem]:
    def problem(path: str, message: str, value: str | None = None, allowed: str = "") -> Problem:
        text = None if value is None else quote_value(value)
        return Problem(
            file=entity.file,
            row=entity.line_of(path),
            column=quote_value(path),
            value=text,
            message=message,
            allowed=allowed,
        )

    told = {text.field for text in entity.texts if text.problem or text.remote}
    for text in entity.texts:
        if text.problem:
            yield problem(text.field, text.problem, text.location, "a file within the engagement folder")
    for path, message in violations(entity.kind, entity.descriptor):
        if path not in told:
            told.add(path)
            yield problem(path, message)
    if not _NAME.match(entity.name) or len(entity.name) > 63:
        allowed = "letters and digits, separated by - _ or ., at most 63 characters"
        yield problem("metadata.name", "is no name that Backstage takes", entity.name, allowed)
    if not _NAMESPACE.match(entity.namespace) or len(entity.namespace) > 63:
        allowed = "small letters and digits, separated by -, at most 63 characters"
        yield problem("metadata.namespace", "is no namespace that Backstage takes", entity.namespace, allowed)
    for reference in said:
        if reference.problem and reference.path not in told:
            yield problem(reference.path, reference.problem, reference.text, "[kind:][namespace/]name")
    for path, value, allowed in wrong:
        yield problem(path, "can't be read", value, allowed)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _further(engagement: Engagement, entity: Entity, known: set[str], out: Readout) -> list[str]:
    """Return the files that a Location names and that were not read yet."""
    if entity.kind != "Location":
        return []
    spec = entity.descriptor.get("spec")
    if not isinstance(spec, dict):
        return []
    many = spec.get("targets")
    named = [("spec.target", spec.get("target"))]
    named += [(f"spec.targets.{n}", t) for n, t in enumerate(many if isinstance(many, list) else ())]
    found = []
    for path, target in named:
        if not isinstance(target, str) or not target:
            continue
        line = entity.line_of(path)
        if is_url(target):
            message = "is a URL, which is never fetched"
            out.skipped.append(
                Problem(file=entity.file, row=line, column=path, value=quote_value(target), message=message)
            )
            continue
        files = [f for f in matching(engagement, near(entity.file, target)) if f not in known]
        known.update(files)
        for file in files:
            try:
                read_text(engagement, file)
                found.append(file)
            except NotThere as reason:
                to = out.skipped if spec.get("presence") == "optional" else out.problems
                to.append(
                    Problem(
                        file=entity.file,
                        row=line,
                        column=path,
                        value=quote_value(target),
                        message=str(reason),
                    )
                )
    return found
