"""Files that chapter 2 leaves beside the report: the repairs, and the deep profiles where they were asked for."""

from __future__ import annotations

from pathlib import Path

from assess.decisions.assessment import Assessment
from assess.report.chapter import SideFile
from assess.report.prose import count

CLEANSING, PROFILES = "cleansing", "profiles"
"""Folders beside the report."""


def save_beside(assessment: Assessment, folder: str, *, profiles: bool = False) -> tuple[SideFile, ...]:
    """Write the repairs of every table and pair, and deep profiles if they are wanted; say what was written.

    Parameters
    ----------
    folder
        The report's folder; empty writes nothing.
    profiles
        Whether to make the deep profiles: some ten seconds a page, by a process of their own.

    Raises
    ------
    ValueError
        If deep profiles are wanted but no folder is named.
    """
    if not folder:
        if profiles:
            raise ValueError("deep profiles need a folder: set the parameter beside")
        return ()
    if not assessment.quality.assessed:
        return ()
    place = Path(folder).resolve()
    return (*_cleansing(assessment, place), *(_profiles(assessment, place) if profiles else ()))


def _cleansing(assessment: Assessment, folder: Path) -> list[SideFile]:
    from assess.evidence.quality import cleansing

    made = []
    for item in cleansing.write(assessment.quality, folder / CLEANSING, clear=assessment.show_values):
        if item.statements:
            said = f"{count(item.checks, 'check')} and {count(item.fixes, 'fix', 'fixes')} to run"
            made.append(
                SideFile(path=f"{CLEANSING}/{item.statements}", title=item.name, group="Repairs", note=said)
            )
        if item.repairs:
            codes = f", {item.applicable:,} of them codes" if item.applicable else ""
            said = f"{count(item.listed, 'proposed value')}{f', masked{codes}' if item.masked else ''}"
            made.append(
                SideFile(path=f"{CLEANSING}/{item.repairs}", title=item.name, group="Repairs", note=said)
            )
    return made  # fmt: skip


def _profiles(assessment: Assessment, folder: Path) -> list[SideFile]:
    from assess.evidence.quality import deep

    wanted = deep.pages(assessment.quality, assessment.stated, clear=assessment.show_values)
    made = []
    for page, written in zip(wanted, deep.write(wanted, folder / PROFILES), strict=True):
        title = " → ".join(side.name for side in page.sides)
        path = f"{PROFILES}/{written.file}" if written.file else ""
        made.append(SideFile(path=path, title=title, group="Deep profiles", note=written.reason))
    return made
