"""Traces as runs: spans in OTLP JSON or of Jaeger, one record a span."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

ENTRIES = (2, 5, "2", "5", "SPAN_KIND_SERVER", "SPAN_KIND_CONSUMER")
"""Kinds of spans with which work for another system begins, whatever called it."""
FAILED = (2, "2", "STATUS_CODE_ERROR")
_TRACE, _SPAN = re.compile(r"(?!0+$)[0-9a-fA-F]{32}"), re.compile(r"(?!0+$)[0-9a-fA-F]{16}")
MESSAGES = "messaging.batch.message_count"
SIZES = ("messaging.message.body.size", "http.request.body.size")
RESENT = "http.request.resend_count"


def is_trace(document: Any) -> bool:
    """Return whether a document holds traces in OTLP or of Jaeger."""
    if not isinstance(document, Mapping):
        return False
    return bool({"resourceSpans", "resource_spans"} & set(document)) or any(_jaeger(document))


def trace_form(document: Mapping[str, Any]) -> str:
    """Return what a document of traces is called."""
    return "traces of Jaeger" if any(_jaeger(document)) else "traces in OTLP"


def _jaeger(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the traces of an answer of Jaeger's query API, or of a single trace."""
    for trace in [document, *_list(document, "data")]:
        if isinstance(_mapping(trace).get("spans"), list) and isinstance(
            _mapping(trace).get("processes"), Mapping
        ):
            yield trace


def _jaeger_run(span: Mapping[str, Any], processes: Mapping[str, Any]) -> dict[str, str] | None:
    """Return a span of Jaeger as a run: microseconds, tags with keys and values (jaegertracing.io/docs, API)."""
    begun, lasted = span.get("startTime"), span.get("duration")
    if not isinstance(begun, int) or not isinstance(lasted, int) or not span.get("traceID"):
        return None
    tags = {str(_mapping(tag).get("key")): str(_mapping(tag).get("value")) for tag in _list(span, "tags")}
    service = _mapping(processes.get(str(span.get("processID")))).get("serviceName", "")
    parents = [
        _mapping(r).get("spanID")
        for r in _list(span, "references")
        if _mapping(r).get("refType") == "CHILD_OF"
    ]
    entry = not parents or tags.get("span.kind") in ("server", "consumer")
    failed = tags.get("error", "").lower() == "true" or tags.get("otel.status_code") == "ERROR"
    return {
        "integration": tags.get("integration") or f"{service} {span.get('operationName', '')}".strip(),
        "runid": f"{span['traceID']}:{span.get('spanID', '')}",
        "started": str(begun * 1000),
        "finished": str((begun + lasted) * 1000),
        "status": "failed" if failed else "success",
        "records": tags.get(MESSAGES, ""),
        "parentrunid": "" if entry else str(parents[0]),
    }


def runs(document: Mapping[str, Any]) -> Iterator[dict[str, str] | None]:
    """Yield a record in the columns of a run log for each span of a document, None for what is no span.

    A span is a run where it has no parent, or is of kind server or consumer; any other span is a part of the run
    that called it. Its name is its attribute ``integration`` (or that of its resource), else ``service.name``
    and the span's name, such as ``orders POST /v1/orders``. A span whose status is no error delivered.

    Ids are hexadecimal, numbers of 64 bits stand as text (opentelemetry.io/docs/specs/otlp, JSON Protobuf
    encoding); attributes follow the semantic conventions (opentelemetry.io/docs/specs/semconv). Both casings of the keys are
    read.
    """
    for trace in _jaeger(document):
        for span in _list(trace, "spans"):
            yield _jaeger_run(_mapping(span), trace["processes"])
    for resource in _list(document, "resourceSpans", "resource_spans"):
        about = attributes(_mapping(resource).get("resource"))
        for scope in _list(resource, "scopeSpans", "scope_spans", "instrumentationLibrarySpans"):
            for span in _list(scope, "spans"):
                yield _run(span, about) if isinstance(span, Mapping) else None


def _run(span: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, str] | None:
    trace, own = str(_of(span, "traceId", "trace_id")), str(_of(span, "spanId", "span_id"))
    begun, ended = (
        _nanoseconds(_of(span, f"{side}TimeUnixNano", f"{side}_time_unix_nano")) for side in ("start", "end")
    )
    if not _TRACE.fullmatch(trace) or not _SPAN.fullmatch(own) or begun is None:
        return None
    said = attributes(span)
    parent = str(_of(span, "parentSpanId", "parent_span_id"))
    entry = not parent or span.get("kind") in ENTRIES
    service = f"{about.get('service.name', '')} {span.get('name', '')}".strip()
    resent = said.get(RESENT, "")
    return {
        "integration": said.get("integration") or about.get("integration") or service,
        "runid": f"{trace}:{own}",
        "started": begun,
        "finished": ended or "",
        "status": "failed" if _mapping(span.get("status")).get("code") in FAILED else "success",
        "records": said.get(MESSAGES, ""),
        "bytes": next((said[key] for key in SIZES if key in said), ""),
        "attempt": str(int(resent) + 1) if resent.isdigit() else "",
        "error": str(_mapping(span.get("status")).get("message", "")),
        "parentrunid": "" if entry else parent,
    }


def attributes(holder: Any) -> dict[str, str]:
    """Return the attributes of a span or resource as text, arrays and maps left out.

    >>> attributes({"attributes": [{"key": "n", "value": {"intValue": "12345678901234567"}}]})
    {'n': '12345678901234567'}
    """
    found = {}
    for item in _list(holder, "attributes"):
        value = _mapping(_mapping(item).get("value"))
        for kind in ("stringValue", "intValue", "doubleValue", "boolValue"):
            if isinstance(value.get(kind), str | int | float):
                found[str(item.get("key"))] = str(value[kind])
    return found


def _nanoseconds(value: object) -> str | None:
    """Return nanoseconds since 1970 as the text of a whole number; None where it is none.

    A number is written out from its digits: a float has too few of them.

    >>> _nanoseconds("1544712660000000000"), _nanoseconds(1544712660000000000), _nanoseconds("soon")
    ('1544712660000000000', '1544712660000000000', None)
    """
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if re.fullmatch(r"[1-9][0-9]{18}", text) else None


def _of(holder: Mapping[str, Any], *names: str) -> Any:
    return next((holder[name] for name in names if holder.get(name) is not None), "")


def _list(holder: Any, *names: str) -> list[Any]:
    found = _of(_mapping(holder), *names)
    return found if isinstance(found, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
