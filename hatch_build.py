"""Build hook: the wheel carries the notebooks as templates, without the outputs of the sample."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class EmptyNotebooks(BuildHookInterface[Any]):
    """Put each notebook, emptied of its outputs, into ``assess/notebooks`` of the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the emptied notebooks aside and include them; an editable install reads those of the checkout."""
        if version == "editable":
            return
        self._aside = tempfile.TemporaryDirectory()
        for source in sorted((Path(self.root) / "notebooks").glob("[0-9]_*.ipynb")):
            notebook = json.loads(source.read_text("utf-8"))
            for cell in notebook["cells"]:
                if cell["cell_type"] == "code":
                    cell |= {"outputs": [], "execution_count": None}
            emptied = Path(self._aside.name) / source.name
            emptied.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")
            build_data["force_include"][str(emptied)] = f"assess/notebooks/{source.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was written aside."""
        if version != "editable":
            self._aside.cleanup()
