"""The controls of a notebook that somebody sits before, each with a name that a screen reader says.

The sliders of ipywidgets have none on their handles. These are the browser's own inputs, the same in JupyterLab
and in Voila; keyboard, focus and zoom are the browser's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets
from traitlets import Float, List, Unicode

HERE = Path(__file__).parent
STYLE = HERE / "controls.css"


class Knob(anywidget.AnyWidget):
    """A slider with a number box; what is typed or released becomes the value, never what is passed over.

    Attributes
    ----------
    label
        Name of both, with the unit of ``value``.
    value, low, high, step
        Where it stands, its limits, and what an arrow key adds. A value beyond the limits becomes the limit.
    """

    _esm = HERE / "knob.js"
    _css = STYLE
    label = Unicode().tag(sync=True)
    value = Float().tag(sync=True)
    low = Float().tag(sync=True)
    high = Float().tag(sync=True)
    step = Float().tag(sync=True)

    @traitlets.validate("value")
    def _within(self, proposal: Any) -> float:
        return float(min(self.high, max(self.low, proposal["value"])))


class Announcement(anywidget.AnyWidget):
    """A sentence that is announced whenever it changes, and a table below it.

    Attributes
    ----------
    sentence
        Plain text.
    table
        HTML, escaped by whoever made it.
    """

    _esm = HERE / "announcement.js"
    _css = STYLE
    sentence = Unicode().tag(sync=True)
    table = Unicode().tag(sync=True)


class PracticeQuestion(anywidget.AnyWidget):
    """A practice that is answered from a list of choices, with evidence.

    Attributes
    ----------
    text, practice
        What is asked, and its id.
    choices
        Pairs of what people read and the value that it stands for.
    answer, evidence
        What was said; an answer that is no choice is refused.
    """

    _esm = HERE / "question.js"
    _css = STYLE
    text = Unicode().tag(sync=True)
    practice = Unicode().tag(sync=True)
    choices: List[Any] = List().tag(sync=True)
    answer = Unicode().tag(sync=True)
    evidence = Unicode().tag(sync=True)

    @traitlets.validate("answer")
    def _known(self, proposal: Any) -> str:
        answer: str = proposal["value"]
        if answer not in [value for _, value in self.choices]:
            raise traitlets.TraitError(f"{answer!r} is no choice")
        return answer
