"""Every contract of an engagement, read and judged."""

from __future__ import annotations

from collections import Counter
from typing import Any

from assess.intake import reads
from assess.intake.engagement import Engagement

from . import conformance, formats, lint
from .document import Document, NotAssessable
from .lint import Subject
from .references import Library
from .result import Contract, Contracts, Issue, IssueSeverity

MAX_OF_A_RULE = 25
ORDER: dict[IssueSeverity, int] = {"error": 0, "warning": 1, "info": 2, "hint": 3}


def assess(engagement: Engagement) -> Contracts:
    """Judge every contract of an engagement: the files under contracts/ and those that integrations name.

    Nothing raises and nothing is fetched: what can't be judged is "not assessable" with the reason.
    """
    paths = dict.fromkeys(
        [*engagement.contracts, *(i.contract for i in engagement.integrations if i.contract)]
    )
    with reads.silent():
        folder = engagement.folder if engagement.folder.is_dir() else engagement.folder.parent
    library = Library(folder, engagement.locate)
    read = {path: _read(library, path) for path in paths}
    contracts = tuple(
        judge(library, path, found).model_copy(
            update={"integrations": tuple(i.id for i in engagement.integrations if i.contract == path)}
        )
        for path, found in read.items()
    )
    return Contracts(contracts=contracts)


def _read(library: Library, path: str) -> Document | NotAssessable:
    try:
        return library.read(path)
    except NotAssessable as problem:
        return problem


def judge(library: Library, path: str, found: Document | NotAssessable) -> Contract:
    """Judge one contract."""
    if isinstance(found, NotAssessable):
        return _refused(path, found)
    try:
        kind, version = formats.kind(found)
    except NotAssessable as problem:
        return _refused(path, problem)
    try:
        issues = conformance.check(found, kind, version, library)
        issues += lint.check(Subject(found, kind, version, library))
    except Exception as error:  # whatever the validator stumbles over: an exception is never a pass
        reason = f"makes the check fail: {type(error).__name__}: {str(error)[:160]}"
        return _refused(path, NotAssessable(reason)).model_copy(
            update={"kind": kind, "format_version": version}
        )
    kept, more = _capped(issues)
    return Contract(
        path=path,
        kind=kind,
        format_version=version,
        title=_title(found.tree),
        version=_version(found.tree),
        state="invalid" if any(issue.conformance for issue in issues) else "valid",
        issues=kept,
        more=more,
    )


def _refused(path: str, problem: NotAssessable) -> Contract:
    return Contract(
        path=path, kind="unknown", state="not assessable", reason=problem.reason, line=problem.line
    )


def _capped(issues: list[Issue]) -> tuple[tuple[Issue, ...], int]:
    """Return the issues by severity and place, at most `MAX_OF_A_RULE` of a rule, and how many were left out."""
    seen: Counter[str] = Counter()
    kept = []
    for issue in sorted(issues, key=lambda i: (ORDER[i.severity], i.path, i.line or 0, i.rule, i.pointer)):
        seen[issue.rule] += 1
        if seen[issue.rule] <= MAX_OF_A_RULE:
            kept.append(issue)
    return tuple(kept), len(issues) - len(kept)


def _title(tree: Any) -> str:
    if not isinstance(tree, dict):
        return ""
    info = tree.get("info")
    found = info.get("title") if isinstance(info, dict) else tree.get("title") or tree.get("name")
    return found if isinstance(found, str) else ""


def _version(tree: Any) -> str:
    info = tree.get("info") if isinstance(tree, dict) else None
    found = info.get("version") if isinstance(info, dict) else None
    return "" if found is None or isinstance(found, dict | list) else str(found)
