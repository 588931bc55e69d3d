"""What other tools take over: each format is a view of the one decision's records; nothing is computed here anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from assess.core.extras import require_extra

if TYPE_CHECKING:
    from assess.decisions.assessment import Assessment

Files = Mapping[str, str | bytes]
"""What an export writes: name of each file to its content; a folder where there may be several."""


class ExportFormat(NamedTuple):
    """A format that can be exported.

    Parameters
    ----------
    what
        What it holds, and which program takes it.
    file
        Name of the one file that it makes; of a folder where it ends in ``/``.
    module, function
        Which function of this room makes it.
    extra
        The extra of the wheel that it needs, empty where it needs none.
    """

    what: str
    file: str
    module: str
    function: str
    extra: str = ""

    @property
    def several(self) -> bool:
        """Whether it makes a folder of files."""
        return self.file.endswith("/")


FORMATS: Final[Mapping[str, ExportFormat]] = {
    "brief": ExportFormat("the brief on one page, to read and to print", "brief.html", "brief", "page"),
    "pdf": ExportFormat("the same page as PDF, printed by Chromium, Chrome or Edge", "brief.pdf", "brief", "pdf"),
    "pptx": ExportFormat("six slides for the board: PowerPoint, Impress, Keynote", "board.pptx", "brief", "slides", "slides"),
    "decisions": ExportFormat("the decision log: one MADR file a decision", "decisions/", "decision_log", "decision_log"),
    "charter": ExportFormat("the charter of the centre of excellence: size, RACI, what is reused", "charter.md", "charter", "charter"),
    "risks": ExportFormat("the risk register as CSV", "risks.csv", "backlog", "risks"),
    "jira": ExportFormat("the backlog as CSV for Jira's importer", "jira.csv", "backlog", "jira"),
    "github": ExportFormat("the backlog as CSV for GitHub issues", "github.csv", "backlog", "github"),
    "msproject": ExportFormat("the roadmap as MSPDI: Microsoft Project, ProjectLibre", "roadmap.xml", "plan", "msproject"),
    "roadmap": ExportFormat("the roadmap as CSV", "roadmap.csv", "plan", "roadmap"),
    "backstage": ExportFormat("systems and integrations as Backstage entities", "catalog-info.yaml", "interfaces", "backstage"),
    "contracts": ExportFormat("stubs of the contracts: OpenAPI 3.1 and AsyncAPI 3.0", "contracts/", "interfaces", "contracts"),
    "mapping": ExportFormat("which column means which, as CSV", "mapping.csv", "fields", "mapping"),
    "glossary": ExportFormat("the shared terms and how the systems differ in them, as CSV", "glossary.csv", "fields", "glossary"),
    "mermaid": ExportFormat("the landscape as decided: Mermaid, for GitHub, GitLab, Confluence", "landscape.mmd", "landscape", "mermaid"),
    "drawio": ExportFormat("the landscape as decided: diagrams.net (draw.io)", "landscape.drawio", "landscape", "drawio"),
}  # fmt: skip
"""What ``assess export --to`` takes."""


def export(assessment: Assessment, name: str) -> Files:
    """Write an engagement's answers in a format that another tool takes over.

    Parameters
    ----------
    assessment
        Whose answers are written.
    name
        A key of `FORMATS`.

    Returns
    -------
    Files
        By name below the folder; of a format that makes one file, that file alone.

    Raises
    ------
    assess.core.extras.MissingExtra
        If the format needs a package that is not installed.
    NotExported
        If there is nothing to write, or no program that writes it.
    """
    from importlib import import_module

    form = FORMATS[name]
    if form.extra:
        require_extra(form.extra, f"--to {name}")
    made: Callable[[Assessment], Files | str | bytes] = getattr(
        import_module(f".{form.module}", __name__), form.function
    )
    found = made(assessment)
    return {form.file: found} if isinstance(found, str | bytes) else found


class NotExported(Exception):
    """A format that can't be written; the message says what is missing and what to do."""
