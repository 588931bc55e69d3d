"""The likely case in the workbook: live formulas that recalculate to the numbers of Python."""

from __future__ import annotations

import io
import itertools
import re
import shutil
import subprocess
import warnings
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from cost_case import EXTRAS, HOSTILE, engagement, engine, options

from assess.core.cache import Cache
from assess.core.formula_evaluation import Evaluation, Formulas
from assess.core.grids import Grid
from assess.decisions.assessment import Assessment
from assess.decisions.cost import LABELS as OPTION_LABELS
from assess.decisions.cost import STANDING, Inputs
from assess.decisions.cost.cashflow import cash_flows
from assess.decisions.cost.cashflow import option_inputs as option_grids
from assess.decisions.cost.draws import likely
from assess.decisions.cost.likely_case import likely_inputs
from assess.decisions.cost.model import LABELS, LINES
from assess.decisions.cost.parameters import KEEP, Assigned, gather
from assess.decisions.cost.plans import price_plans
from assess.decisions.cost.result import GainSwing, Swing
from assess.decisions.decision import decide, option_inputs
from assess.decisions.framework import fit
from assess.intake.assumptions import Assumptions, defaults
from assess.intake.engagement.landscape import STYLES
from assess.report import chapters
from assess.report.workbook.model import FACTS, OF_STYLES, ModelBook, sheet_name, write_model

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


def solved(path):
    """Compute the workbook's formulas with the package formulas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import formulas

        return formulas.ExcelModel().loads(str(path)).finish().calculate()


def recalculated(path):
    """Return the rows of the summary, computed anew."""
    solution = solved(path)
    name = f"'[{path.name}]SUMMARY'!"
    rows = itertools.takewhile(lambda row: f"{name}E{row}" in solution, itertools.count(5))
    return {row: [solution[f"{name}{column}{row}"].value[0, 0] for column in "ABD"] for row in rows}


@pytest.mark.slow
def test_the_workbook_recalculates_to_the_python_numbers(tmp_path):
    made = engagement(2, horizon_years=1, assumed={"rollout.months": 7, "team.people": 0.2})
    chosen = {"hybrid": {"i0": "ipaas", "i1": "event-driven"}, "api": {"i0": "api-first", "i1": "api-first"}}
    path = tmp_path / "model.xlsx"
    write_model(path, Inputs(made, chosen, **EXTRAS))
    known = engine(made, chosen, **EXTRAS)
    rows = recalculated(path)
    assert len(rows) == 2
    for (_, live, written), expected in zip(rows.values(), known, strict=True):
        assert float(live) == pytest.approx(expected, rel=1e-6)
        assert float(written) == pytest.approx(expected, rel=1e-12)


@pytest.mark.slow
def test_every_cell_recalculates_to_its_number(tmp_path):
    """An engine that knows nothing of the graph computes every formula of the file."""
    made = engagement(2, horizon_years=2)
    path = tmp_path / "model.xlsx"
    write_model(path, Inputs(made, options(made), **EXTRAS))
    solution = solved(path)
    kept, written = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    compared = 0
    for sheet in written:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            found = solution[f"'[{path.name}]{sheet.title.upper()}'!{cell.coordinate}"].value[0, 0]
            known = kept[sheet.title][cell.coordinate].value
            if isinstance(known, str):
                assert found == known, (sheet.title, cell.coordinate)
            else:
                assert float(found) == pytest.approx(known, rel=1e-9, abs=1e-6), (
                    sheet.title,
                    cell.coordinate,
                )
            compared += 1
    assert compared > 1_000


PLANS = ("workato", "mulesoft", "aws-api-gateway-http", "azure-service-bus", "azure-event-hubs")


def to_change():
    """An engagement that runs partly today, an option for it, and the plans that may be bought."""
    made = engagement(3, horizon_years=2)
    items = list(made.integrations)
    items[1] = items[1].model_copy(update={"style_today": "file-exchange", "consumers": 3})
    items[2] = items[2].model_copy(update={"style_today": "manual"})
    made = made.model_copy(update={"integrations": tuple(items)})
    plans = {id: plan for id, plan in price_plans(made).items() if id in PLANS}
    option = Assigned(
        {"i0": "ipaas", "i1": "api-first", "i2": "api-first"},
        {"ipaas": "workato", "api-first": "aws-api-gateway-http"},
    )
    return made, option, plans


EDITS = [
    ({"i1": "keep", "i2": "keep"}, {}, {}, {}),
    ({"i1": "event-driven", "i2": "file-exchange"}, {}, {"event-driven": "azure-event-hubs"}, {}),
    ({}, {"i1": "no"}, {}, {}),
    ({}, {"i0": "no", "i2": "no"}, {}, {"team.day_rate": 1500.0}),
    ({}, {}, {"ipaas": "mulesoft"}, {}),
    ({"i0": "keep", "i2": "ipaas"}, {"i1": "no"}, {"ipaas": "mulesoft"}, {"people.wage": 70_000.0}),
]
"""Styles, scope, plans and rates that a reader changes."""


@pytest.mark.slow
@pytest.mark.parametrize(("styles", "scope", "plans", "rates"), EDITS)
def test_what_is_changed_in_the_workbook_equals_python(tmp_path, styles, scope, plans, rates):
    made, option, offered = to_change()
    path = tmp_path / "model.xlsx"
    write_model(path, Inputs(made, {"x": option}, plans=offered, **EXTRAS))
    book = openpyxl.load_workbook(path)
    sheet, rows = book["x"], {}
    for row in sheet.iter_rows():
        rows.setdefault(row[0].value, row)
    for id, style in styles.items():
        rows[id][1].value = style
    for id, inside in scope.items():
        assert rows[id][2].value == "yes"
        rows[id][2].value = inside
    for style, plan in plans.items():
        rows[style][1].value = plan
    for row in book["Assumptions"].iter_rows():
        if row[0].value in rates:
            row[2].value = rates[row[0].value]
    book.save(path)
    live = float(next(iter(recalculated(path).values()))[1])
    changed = made.model_copy(
        update={
            "assumptions": Assumptions(
                overrides={
                    key: defaults()[key].model_copy(
                        update={"low": value, "likely": value, "high": value, "overridden": True}
                    )
                    for key, value in rates.items()
                }
            )
        }
    )
    done = {id: style for id, style in ({**option, **styles}).items() if scope.get(id) != "no"}
    chosen = {"x": Assigned(done, {**option.plans, **plans})}
    expected = engine(changed, chosen, plans=offered, **EXTRAS)[0]
    assert live == pytest.approx(expected, rel=1e-6)
    assert live != pytest.approx(engine(made, {"x": option}, plans=offered, **EXTRAS)[0], rel=1e-6)


def test_every_assumption_moves_something(tmp_path):
    """A tinted cell that no formula reads would be a promise that the workbook does not keep."""
    made, option, offered = to_change()
    path = tmp_path / "model.xlsx"
    write_model(path, Inputs(made, {"x": option}, plans=offered, **EXTRAS))
    book = openpyxl.load_workbook(path)
    read = set()
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            own = cell.value if sheet.title == "Assumptions" else ""
            for found in re.finditer(r"'Assumptions'!\$C\$(\d+)(?::\$C\$(\d+))?", own or cell.value):
                read |= set(range(int(found[1]), int(found[2] or found[1]) + 1))
    sheet = book["Assumptions"]
    assert sheet.max_row > 100
    assert [sheet.cell(row, 1).value for row in range(2, sheet.max_row + 1) if row not in read] == []


def every_rate(book):
    """Return what stands on the sheet Assumptions: its key, and where the graph has it."""
    rows = [(item.name, *book._stands(item.name)) for item in book.terms.parameters if not item.family]
    rows += [(key, key, ()) for key in FACTS]
    rows += [
        (f"{name}:{style}", name, (place,))
        for name in OF_STYLES
        for place, style in enumerate(book.terms.styles)
    ]
    return [row for row in rows if row[1] in book.moving]


def present_values(book, known):
    """Return the present value of each option when the inputs are these, by the formulas that stand in the workbook."""
    forms = {name: book.graph.nodes[name].form for name in book.shared}
    shared = Evaluation(Formulas(forms), dict(known), book.axes)
    found = []
    for assignment in book.inputs.options.values():
        plans = (book.first_plans | book.terms.buys(assignment)).values()
        chosen = Grid(("plan",), np.array([float(id in plans) for id in book.terms.plans]))
        own = option_grids(book.terms, assignment) | {"plan_chosen": chosen}
        forms = {name: book.graph.nodes[name].form for name in book.of_option}
        found.append(float(Evaluation(Formulas(forms), own, book.axes, shared)["npv"].data))
    return np.array(found)


@pytest.mark.slow
def test_every_assumption_that_is_changed_moves_a_present_value():
    """Each rate is raised or lowered alone. What counts only beside something else is changed where that is there:

    the loss of a level in an engagement that has it, a tier where so much is used, what a product costs where the client owns it.
    """
    made, option, offered = to_change()
    levels = ("low", "high", "critical")
    items = [
        item.model_copy(update={"criticality": level})
        for item, level in zip(made.integrations, levels, strict=True)
    ]
    chosen = {style: {item.id: style for item in items} for style in STYLES} | {
        "x": option,
        "events": Assigned(
            {item.id: "event-driven" for item in items}, {"event-driven": "azure-service-bus"}
        ),
        "today": {"i1": KEEP, "i2": KEEP},
    }
    dead: set[str] | None = None
    for landscape in (made, made.model_copy(update={"integrations": tuple(items)})):
        book = ModelBook(
            xlsxwriter.Workbook(io.BytesIO()), Inputs(landscape, chosen, plans=offered, **EXTRAS), {}
        )
        known = likely_inputs(book.terms)
        styles = np.ones(len(book.terms.styles))
        much = {"volume_factor": Grid((), np.array(1000.0))}
        owned = {name: Grid(("style",), styles) for name in ("owned", "owned_priced")}
        for inputs in (known, known | much, known | owned):
            before, left = present_values(book, inputs), set()
            for key, name, index in every_rate(book):
                if dead is not None and key not in dead:
                    continue
                for factor in (1.5, 0.4, 3):
                    grid = inputs[name]
                    data = np.array(grid.data, float)
                    data[index] = data[index] * factor or factor
                    after = present_values(book, inputs | {name: Grid(grid.axes, data)})
                    if (abs(after - before) > 1e-9 * abs(before)).any():
                        break
                else:
                    left.add(key)
            dead = left
    assert dead == set()


def decided(made):
    inputs = Inputs(made, **EXTRAS)
    decision, _ = decide(inputs, fit(made), draws=60, seed=7)
    return decision, option_inputs(inputs, decision)


def test_the_decision_stands_in_the_workbook(tmp_path):
    made, _, _ = to_change()
    decision, inputs = decided(made)
    path = tmp_path / "model.xlsx"
    write_model(path, inputs, {option.id: option.label for option in decision.options}, decision)
    rows = list(openpyxl.load_workbook(path)["Decision"].iter_rows(min_row=4, values_only=True))
    heads = list(rows[0])
    assert [row[0] for row in rows[1:4]] == ["i0", "i1", "i2"]
    for row, item in zip(rows[1:4], decision.integrations, strict=True):
        found = dict(zip(heads, row, strict=True))
        assert found["What is done"] == item.choice
        assert (found["Style"] or "") == (item.style or "")
        assert (found["Platform"] or "") == item.platform
        if item.net is not None:
            assert found["Net against today, mean"] == pytest.approx(item.net.mean)
            assert found["Chance of a loss"] == pytest.approx(item.net.loss)
        assert found["Measured"] + found["Stated"] + found["Assumed"] == pytest.approx(1)


def test_the_bridge_leads_from_the_likely_case_to_the_mean(tmp_path):
    made, _, _ = to_change()
    decision, inputs = decided(made)
    path = tmp_path / "model.xlsx"
    write_model(path, inputs, {option.id: option.label for option in decision.options}, decision)
    shown, written = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    amounts = {row[0]: row[1] for row in shown["Bridge"].iter_rows(values_only=True)}
    bridge = decision.bridge
    assert amounts["Gain, likely case (live)"] == pytest.approx(bridge.likely, rel=1e-6)
    assert amounts["Gain, median of the futures"] == pytest.approx(bridge.median)
    assert amounts["Gain, mean of the futures: what decides"] == pytest.approx(decision.gain.mean)
    steps = [
        amounts[name] for name in ("Gain, likely case when written", "Step to the median", "Step to the mean")
    ]
    assert sum(steps) == pytest.approx(bridge.mean)
    cells = {row[0].value: row[1].value for row in written["Bridge"].iter_rows()}
    assert cells["Gain, likely case (live)"] == "=B5-B6"
    assert cells["Proposed, present value (live)"].startswith("='Proposed'!")


def charted(tmp_path):
    """A workbook with its charts, the decision that it draws and what moves the gain."""
    made, _, _ = to_change()
    decision, inputs = decided(made)
    up = dict.fromkeys(inputs.options, 100.0)
    swings = [
        GainSwing(Swing(parameter=name, label=name, low=1, high=2, cost_low=up, cost_high=up), 900.0 - place, 1000.0, 1100.0)
        for place, name in enumerate("abc")
    ]  # fmt: skip
    path = tmp_path / "model.xlsx"
    write_model(path, inputs, {option.id: option.label for option in decision.options}, decision, swings)
    return path, decision


def test_the_charts_draw_the_cash_flow_the_ranges_and_what_moves_the_gain(tmp_path):
    path, decision = charted(tmp_path)
    standing_label = OPTION_LABELS[STANDING]
    shown, written = openpyxl.load_workbook(path, data_only=True)["Charts"], openpyxl.load_workbook(path)
    rows = {row[0]: row[1:] for row in shown.iter_rows(values_only=True) if row[0]}
    standing = rows["Paid less benefits (live)"].index(standing_label)
    years = [rows[name][standing] for name in ("Start", "Year 1", "Year 2")]
    sheet = shown.parent[standing_label]
    for column, year in zip((3, 4, 5), years, strict=True):
        assert year == pytest.approx(
            sum(sheet.cell(row, column).value or 0 for row in range(2, len(LINES) + 2))
        )
    assert written["Charts"].cell(42, 2 + standing).value.startswith(f"=SUM('{standing_label}'!C2:C")
    for option in decision.options:
        if option.gain is not None and option.id != "as-is":
            mean, low, high, below, above = rows[option.label][:5]
            assert (mean, low, high) == pytest.approx((option.gain.mean, option.gain.low, option.gain.high))
            assert (mean - below, mean + above) == pytest.approx((low, high))
    assert rows["b"][:2] == (-101.0, 100.0)
    assert len(written["Charts"]._charts) == 3
    with zipfile.ZipFile(path) as parts:
        drawn = [parts.read(f"xl/charts/chart{n}.xml").decode() for n in (1, 2, 3)]
    for chart in drawn:  # what a chart points at holds numbers and words
        for kind, sheet_range in re.findall(r"<c:(cat|val|plus|minus)>.*?<c:f>'Charts'!([^<]*)</c:f>", chart):
            values = [cell.value for (cell,) in shown[sheet_range.replace("$", "")]]
            assert all(isinstance(value, str if kind == "cat" else int | float) for value in values), (
                sheet_range
            )
    assert [chart.count("<c:ser>") for chart in drawn] == [2, 1, 2]


def test_numbers_are_rounded_where_they_are_shown_and_whole_in_their_cell(tmp_path):
    path, _ = charted(tmp_path)
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                assert "." not in cell.number_format or re.fullmatch(r"0\.0#{0,7}", cell.number_format), (
                    cell.coordinate
                )
                if (
                    isinstance(cell.value, float)
                    and 0 < abs(cell.value) < 1000
                    and not cell.value.is_integer()
                ):
                    assert cell.number_format != "General", (sheet.title, cell.coordinate)


def in_libreoffice(path):
    """Let LibreOffice open the workbook and save it again; return it with the values it computed or kept."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("no LibreOffice")
    profile = (path.parent / "profile").as_uri()
    command = [
        program,
        "--headless",
        f"-env:UserInstallation={profile}",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run(
        [*command, "--outdir", path.parent / "saved", path], check=True, capture_output=True, timeout=180
    )
    return openpyxl.load_workbook(path.parent / "saved" / path.name, data_only=True)


def test_every_value_that_is_shown_without_computing_is_the_engines(tmp_path):
    """A mail's preview and LibreOffice show what stands in the file: the engine's number, or nothing; never a zero."""
    made = engagement(2)
    chosen = {"api": {"i0": "api-first", "i1": "api-first"}}
    path = tmp_path / "model.xlsx"
    write_model(path, Inputs(made, chosen, **EXTRAS))
    shown = openpyxl.load_workbook(path, data_only=True)
    terms = gather(made, **EXTRAS)
    flows = cash_flows(terms, likely(terms), chosen["api"])
    summary = shown["Summary"]
    assert summary["B5"].value == pytest.approx(float(flows.npv[0]), rel=1e-12)
    factor = sum((1 + terms.real_rate) ** -year for year in range(1, terms.horizon + 1))
    assert summary["C5"].value == pytest.approx(summary["B5"].value / factor, rel=1e-9)
    by_line = {summary.cell(row, 1).value: summary.cell(row, 2).value for row in range(8, 10 + len(LABELS))}
    assert {line: by_line[label] for line, label in LABELS.items()} == pytest.approx(
        flows.line_present, rel=1e-9
    )
    assert by_line["Total"] == pytest.approx(sum(flows.line_present.values()), rel=1e-9)
    written = openpyxl.load_workbook(path)
    formulas = 0
    for sheet in written:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    value = shown[sheet.title][cell.coordinate].value
                    assert value not in (None, ""), (sheet.title, cell.coordinate)
                    formulas += 1
                    assert value != 0 or sheet.title != "Integrations", cell.coordinate
    assert formulas > 500


@pytest.mark.slow
def test_libreoffice_computes_the_same_numbers(tmp_path):
    made = engagement(3)
    path = tmp_path / "model.xlsx"
    write_model(path, Inputs(made, options(made), **EXTRAS))
    kept = openpyxl.load_workbook(path, data_only=True)
    book = openpyxl.load_workbook(path)
    book.save(path)  # without any value: LibreOffice has to compute each
    computed = in_libreoffice(path)
    compared = 0
    for sheet in kept:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, int | float):
                    found = computed[sheet.title][cell.coordinate].value
                    assert found == pytest.approx(cell.value, rel=1e-9, abs=1e-6), (
                        sheet.title,
                        cell.coordinate,
                    )
                    compared += 1
    assert compared > 500


@pytest.mark.slow
def test_every_option_of_a_whole_engagement_recalculates(tmp_path):
    assessment = Assessment.open(SAMPLES / "legacy_manufacturer", draws=200)
    assessment._cache = Cache(None)
    path = tmp_path / "model.xlsx"
    chapters.save_model(assessment, str(path))
    rows = recalculated(path)
    options = assessment.cost.options
    assert [name for name, _, _ in rows.values()] == [
        option.label for id in assessment.assignments for option in options if option.id == id
    ]
    for (_, live, written), id in zip(rows.values(), assessment.assignments, strict=True):
        assert float(written) == pytest.approx(assessment.cost.option(id).likely, rel=1e-9)
        assert float(live) == pytest.approx(float(written), rel=1e-6)


@pytest.mark.slow
def test_a_rate_changed_in_the_workbook_moves_the_present_value(tmp_path):
    made = engagement(1, horizon_years=1, money="nominal", discount_rate=0.08)
    chosen = {"api": {"i0": "api-first"}}
    path = tmp_path / "model.xlsx"
    write_model(path, Inputs(made, chosen))
    book = openpyxl.load_workbook(path)
    sheet = book["Assumptions"]
    cell = next(row[2] for row in sheet.iter_rows() if row[0].value == "team.day_rate")
    cell.value = 1234
    book.save(path)
    live = next(iter(recalculated(path).values()))[1]
    changed = engagement(1, {"team.day_rate": 1234}, horizon_years=1, money="nominal", discount_rate=0.08)
    assert float(live) == pytest.approx(engine(changed, chosen)[0], rel=1e-6)


def test_no_text_becomes_a_formula(tmp_path):
    made = engagement()
    renamed = made.model_copy(
        update={
            "integrations": tuple(
                item.model_copy(update={"id": text, "name": text})
                for item, text in zip(made.integrations, HOSTILE, strict=True)
            )
        }
    )
    path = tmp_path / "model.xlsx"
    write_model(path, Inputs(renamed, {HOSTILE[0]: dict.fromkeys(HOSTILE, "api-first")}, **EXTRAS))
    book = openpyxl.load_workbook(path)
    texts = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith(HOSTILE):
                    texts += 1
                    assert cell.data_type == "s", (sheet.title, cell.coordinate)
    assert texts >= 3 * len(HOSTILE)


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    made = engagement()
    for name in ("one.xlsx", "two.xlsx"):
        write_model(tmp_path / name, Inputs(made, options(made)))
    one, two = (zipfile.ZipFile(tmp_path / name) for name in ("one.xlsx", "two.xlsx"))
    assert one.namelist() == two.namelist()
    assert all(one.read(name) == two.read(name) for name in one.namelist())
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_nothing_to_write_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one integration"):
        write_model(tmp_path / "m.xlsx", Inputs(engagement(), {}))


@pytest.mark.parametrize(
    ("label", "expected"),
    [("a/b:c", "a b c"), ("", "Option"), ("'", "Option"), ("x" * 40, "x" * 28), ("Summary", "Summary 2")],
)
def test_names_of_sheets(label, expected):
    assert sheet_name(label, {"Summary"}) == expected
