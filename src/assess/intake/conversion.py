"""An engagement from a folder into a workbook, or from a workbook into a folder, with the files beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

from .columns import TABLES
from .export import to_folder
from .loading import SETTINGS, WORKBOOK, load
from .template import lay_out
from .workbook import to_workbook


def convert(source: str | Path, folder: str | Path, *, workbook: bool = False) -> Path:
    """Write an engagement anew: its answers as CSV tables or as a workbook, its other files copied.

    Both directions lose nothing that the engagement says; comments in ``engagement.yaml``, remarks on cells and
    sheets of one's own do not come along. The source stays as it is.

    Parameters
    ----------
    source
        An engagement folder or a workbook.
    folder
        A folder that does not exist or is empty.
    workbook
        Write ``intake.xlsx`` in place of engagement.yaml and the CSV tables.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InvalidEngagement
        If the source is invalid, there is something in the folder, or a text does not fit into a cell of Excel.
    OSError
        If a file can't be copied.
    """
    engagement = load(source)
    target = lay_out(folder)
    answers = {SETTINGS, WORKBOOK, Path(source).name, *(table.file for table in TABLES)}
    for file in engagement.files:
        if (
            file.path not in answers
            and not Path(file.path).is_absolute()
            and ".." not in Path(file.path).parts
        ):
            (target / file.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(engagement.folder / file.path, target / file.path)
    if workbook:
        to_workbook(engagement, target / WORKBOOK)
    else:
        to_folder(engagement, target)
    return target
