"""The what-if in a notebook: sliders where somebody can move them, a picture of the start elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from markupsafe import Markup, escape
from traitlets import Float, Int, List, Unicode

from .charts import CONFIG, bars
from .charts.drawing import LIGHT
from .charts.still import draw_chart
from .notebook_display import drawn, live
from .prose import clean
from .whatif import Deeper, Floats, Output, Slider, WhatIf

HERE = Path(__file__).parent / "controls"
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


class RecordPair(anywidget.AnyWidget):
    """Two records beside each other, and whether they are the same, by button or by key.

    Attributes
    ----------
    place
        What is asked, and how many pairs are left; empty where there is none.
    sides
        Names of both tables.
    fields
        Name of the field and what either record holds.
    given
        The last answer (``yes``, ``no``, ``skip`` or ``back``) and its number.
    taken
        The number of the last answer that was taken: until then no other can be given.
    """

    _esm = HERE / "pair.js"
    _css = STYLE
    place = Unicode().tag(sync=True)
    sides: List[Any] = List().tag(sync=True)
    fields: List[Any] = List().tag(sync=True)
    given: List[Any] = List().tag(sync=True)
    taken = Int(0).tag(sync=True)


REST = 0.3
"""Seconds for which the sliders rest before what takes longer than a glance is computed."""

PAPER = {"paper_bgcolor": LIGHT["paper"], "plot_bgcolor": LIGHT["paper"]}
"""A chart that moves stands on white: its words are dark, and JupyterLab's page may be, too."""


def explore(model: WhatIf, deeper: Deeper | None = None) -> None:
    """Display a what-if: with sliders in JupyterLab and Voila, as a table and a figure elsewhere.

    Parameters
    ----------
    deeper
        Results beside those of the model that only the notebook can compute.
    """
    from IPython.display import display

    model = model if deeper is None else with_more(model, deeper)
    if live():
        display(Explorer(model, deeper).panel)  # type: ignore[no-untyped-call]
        return
    found = evaluated(model, model.base, deeper)
    said = (clean(model.title, 200), clean(verdict(model, found)), table(model, found))
    html = Markup("<p><strong>{}</strong></p><p>{}</p>{}").format(*said)
    display({"text/html": str(html), "text/plain": verdict(model, found)}, raw=True)  # type: ignore[no-untyped-call]
    if model.axis:
        display(drawn(draw_chart(picture(model, found)), verdict(model, found)), raw=True)  # type: ignore[no-untyped-call]


def with_more(model: WhatIf, deeper: Deeper) -> WhatIf:
    """Return the model with further outputs, whose values `evaluated` puts in."""
    place = max(n for n, output in enumerate(model.outputs) if model.evaluate({})[output.name].ndim) + 1
    outputs = (*model.outputs[:place], *deeper.outputs, *model.outputs[place:])
    return model.model_copy(update={"outputs": outputs})


def evaluated(model: WhatIf, values: Mapping[str, float], deeper: Deeper | None) -> dict[str, Floats]:
    """Return every value of the model at these positions, and those that are computed beside it."""
    found = model.evaluate(values)
    if deeper is not None:
        found |= {o.name: v for o, v in zip(deeper.outputs, deeper.compute(values), strict=True)}
    return found


def verdict(model: WhatIf, found: dict[str, Floats]) -> str:
    """Say the answer in one sentence, as the page does."""
    said = []
    for output in (output for output in model.outputs if output.name in found):
        values = found[output.name]
        if not values.ndim:
            said.append(f"{output.label}: {model.text(output, float(values))}")
        elif output.best:
            place = int(np.argmin(values) if output.best == "lowest" else np.argmax(values))
            label = model.axes[model.axis][place]
            said.append(
                f"{output.label}: {output.best} for {label}, {model.text(output, float(values[place]))}"
            )
    return "; ".join(said) + "."


def table(model: WhatIf, found: dict[str, Floats]) -> Markup:
    """Write the results as an HTML table, one row a label of the axis, with what is not computed yet as “…”; empty where none lies along an axis."""
    listed = [output for output in model.outputs if output.name not in found or found[output.name].ndim]
    if not listed:
        return Markup("")
    head = _cells("th", [model.axis.capitalize(), *(output.label for output in listed)])
    rows = [
        _cells(
            "td",
            [
                label,
                *(model.text(o, float(found[o.name][place])) if o.name in found else "…" for o in listed),
            ],
        )
        for place, label in enumerate(model.axes[model.axis])
    ]
    return Markup("<table><thead>{}</thead><tbody>{}</tbody></table>").format(head, Markup().join(rows))


def _cells(tag: str, texts: list[str]) -> Markup:
    cell = Markup('<th style="{}">{}</th>') if tag == "th" else Markup('<td style="{}">{}</td>')
    sides = ["left", *["right"] * (len(texts) - 1)]
    cells = [
        cell.format(f"text-align:{side};padding:.1em .8em .1em 0", clean(text, 200))
        for side, text in zip(sides, texts, strict=True)
    ]
    return Markup("<tr>{}</tr>").format(Markup().join(cells))


def picture(model: WhatIf, found: dict[str, Floats]) -> dict[str, Any]:
    """Draw the first result along the axis that is a number; where one label is best, it alone has the accent."""
    output = _drawn(model, found)
    values = found[output.name].tolist()
    best = {"lowest": min, "highest": max}.get(output.best)
    labels = model.axes[model.axis]
    return bars(
        labels,
        values,
        unit=output.unit,
        highlight=best and [x for x, v in zip(labels, values, strict=True) if v == best(values)],
    )


def _drawn(model: WhatIf, found: dict[str, Floats]) -> Output:
    return next(output for output in model.outputs if found[output.name].ndim and not output.words)


class Explorer:
    """Sliders with a number box each, the verdict and a figure that follow them.

    Parameters
    ----------
    model
        The what-if.
    deeper
        Results that are computed beside it; the model has their outputs already.

    Attributes
    ----------
    panel
        The widget to display.
    knobs
        The slider of each input, by its id; a share stands in percent.
    told
        The verdict and the table.
    figure
        The chart, None where no result lies along an axis.
    """

    def __init__(self, model: WhatIf, deeper: Deeper | None = None) -> None:
        import ipywidgets as ipw

        self.model, self.deeper = model, deeper
        self.values = dict(model.base)
        self._beside = {output.name for output in deeper.outputs} if deeper else set()
        self._waiting: asyncio.TimerHandle | None = None
        self.knobs = {slider.id: Knob(**_stand(slider)) for slider in model.sliders}
        for slider in model.sliders:
            self.knobs[slider.id].observe(partial(self._moved, slider), "value")
        reset = ipw.Button(
            description="Back to the report's values", layout={"align_self": "flex-start", "width": "auto"}
        )
        reset.on_click(lambda _: self.reset())
        self.announced = Announcement()
        self.figure = self._figure()
        note = ipw.HTML(f"<small>{escape(clean(model.note))}</small>")
        drawn = [self.figure] if self.figure is not None else []
        self.panel = ipw.VBox([*self.knobs.values(), reset, self.announced, *drawn, note])
        self._tell(evaluated(self.model, self.values, self.deeper))

    def reset(self) -> None:
        """Put every slider back to where it stood at first."""
        for slider in self.model.sliders:
            self.knobs[slider.id].value = slider.value * _scale(slider)

    def _moved(self, slider: Slider, change: dict[str, Any]) -> None:
        self.values[slider.id] = change["new"] / _scale(slider)
        self._show()

    def _figure(self) -> Any:
        if not self.model.axis:
            return None
        from plotly.graph_objects import FigureWidget

        drawing = picture(self.model, self.model.evaluate({}))
        figure = FigureWidget(data=drawing["data"], layout=drawing["layout"] | PAPER)
        figure._config = figure._config | CONFIG
        return figure

    def _show(self) -> None:
        """Say at once what the model says; what is computed beside it follows when the sliders rest."""
        if self._waiting is not None:
            self._waiting.cancel()
        found = self.model.evaluate(self.values)
        try:
            loop = asyncio.get_running_loop() if self.deeper else None
        except RuntimeError:  # nobody is there to come back to it
            loop = None
        if loop is None:
            found = evaluated(self.model, self.values, self.deeper)
        else:
            self._waiting = loop.call_later(REST, self._deepen)
        self._tell(found)

    def _deepen(self) -> None:
        found = evaluated(self.model, self.values, self.deeper)
        self.announced.table = str(table(self.model, found))

    def _tell(self, found: dict[str, Floats]) -> None:
        with self.announced.hold_sync():
            said = {name: values for name, values in found.items() if name not in self._beside}
            self.announced.sentence = clean(verdict(self.model, said))
            self.announced.table = str(table(self.model, found))
        if self.figure is not None:
            trace = picture(self.model, found)["data"][0]
            with self.figure.batch_update():
                self.figure.data[0].x = trace["x"]
                self.figure.data[0].text = trace["text"]
                self.figure.data[0].customdata = trace["customdata"]
                self.figure.data[0].marker.color = trace["marker"]["color"]


def _stand(slider: Slider) -> dict[str, Any]:
    """Say where a slider stands: its name with the unit, its limits, its step."""
    scale = _scale(slider)
    unit = "%" if slider.unit == "share" else slider.unit
    return {
        "label": clean(slider.label, 120) + (f", {unit}" if unit else ""),
        "low": slider.low * scale,
        "high": slider.high * scale,
        "step": slider.step * scale,
        "value": slider.value * scale,
    }


def _scale(slider: Slider) -> float:
    return 100.0 if slider.unit == "share" else 1.0
